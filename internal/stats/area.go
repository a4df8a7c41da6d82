package stats

import (
	"slices"
	"strings"
	"time"
)

// EnglandAndWales is the area whose figures are the sums of the 43
// territorial forces; British Transport Police is left out and shown apart.
const EnglandAndWales = "K04000001"

// ForceCount is how many territorial forces England and Wales have.
const ForceCount = 43

// AreaKind says what an area or a name in a file is.
type AreaKind string

// The kinds of area.
const (
	TerritorialForce AreaKind = "territorial_force"
	NationalForce    AreaKind = "national_force" // British Transport Police
	Country          AreaKind = "country"
	NotAForce        AreaKind = "not_a_force" // a name met in police files that is no force; it has no code
)

// An Area is a police force area, or England and Wales, with its ONS code.
type Area struct {
	Code              string
	Name              string
	Region            string
	Kind              AreaKind
	PopulationMid2018 int // people; 0 where unknown
	Aliases           []string
	Origin            Origin
}

// A SimilarArea is one force in another's group of most similar forces, from
// a day on. Groups change, and need not hold both ways.
type SimilarArea struct {
	Area    string // ONS code of the force whose group it is
	Similar string // ONS code of a force in that group
	From    time.Time
	Source  string // where the group is published
	Origin  Origin
}

// Areas finds areas by code and by the names met in real files.
type Areas struct {
	list   []Area
	byCode map[string]int
	byName map[string]int
}

// NewAreas makes a directory of areas in the given order.
func NewAreas(list []Area) *Areas {
	a := &Areas{list: list, byCode: map[string]int{}, byName: map[string]int{}}
	for i, area := range list {
		if area.Code != "" {
			a.byCode[area.Code] = i
		}
		for _, name := range append([]string{area.Name}, area.Aliases...) {
			a.byName[foldName(name)] = i
		}
	}
	return a
}

// ByCode finds an area by its ONS code.
func (a *Areas) ByCode(code string) (Area, bool) {
	i, ok := a.byCode[code]
	if !ok {
		return Area{}, false
	}
	return a.list[i], true
}

// ByName finds an area by its name or an alias; case, padding and doubled
// spaces do not matter.
func (a *Areas) ByName(name string) (Area, bool) {
	i, ok := a.byName[foldName(name)]
	if !ok {
		return Area{}, false
	}
	return a.list[i], true
}

// Force finds a force by its code, its name or an alias; case, padding and doubled spaces
// do not matter. England and Wales is none.
func (a *Areas) Force(text string) (Area, bool) {
	area, ok := a.ByCode(text)
	if !ok {
		area, ok = a.ByCode(strings.ToUpper(strings.TrimSpace(text)))
	}
	if !ok {
		area, ok = a.ByName(text)
	}
	return area, ok && (area.Kind == TerritorialForce || area.Kind == NationalForce)
}

// All is every area in order. The caller must not change it.
func (a *Areas) All() []Area { return a.list }

// Forces is the territorial forces in order of name.
func (a *Areas) Forces() []Area {
	var forces []Area
	for _, area := range a.list {
		if area.Kind == TerritorialForce {
			forces = append(forces, area)
		}
	}
	slices.SortFunc(forces, func(x, y Area) int { return strings.Compare(x.Name, y.Name) })
	return forces
}

func foldName(name string) string {
	return strings.ToLower(strings.Join(strings.Fields(name), " "))
}
