package signin

import (
	"errors"
	"slices"
	"strings"
)

// What stands where areas are named for somebody who may see all of them in detail, and
// for one who may see none.
const (
	EveryArea = "all"
	NoArea    = "none"
)

const (
	mostAreas   = 100 // in a value, and as many values, that somebody may have: there are 44 forces
	longestArea = 80  // bytes of a code or a name
)

// areaParts is the values in which areas are named, each with one area or with several and
// commas between. Semicolons and lines part them too, and are no part of any name.
func areaParts(values []string) (parts []string) {
	for _, value := range values {
		for part := range strings.FieldsFuncSeq(value, func(c rune) bool { return strings.ContainsRune(";\r\n", c) }) {
			var names []string
			for name := range strings.SplitSeq(part, ",") {
				if name = strings.Join(strings.Fields(name), " "); name != "" {
					names = append(names, name)
				}
			}
			if len(names) > 0 {
				parts = append(parts, strings.Join(names, between))
			}
		}
	}
	return parts
}

// between stands between the names of a part.
const between = ", "

// AreaNames is what is named in values, each once. What is known as it stands is one name,
// with the commas in it: “London, City of”.
func AreaNames(values []string, known func(name string) bool) (names []string) {
	for _, part := range areaParts(values) {
		if known(part) {
			names = append(names, part)
			continue
		}
		names = append(names, strings.Split(part, between)...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// CheckAreas says what is wrong with the areas that a local user is to see in detail: an
// empty list is a slip, and neither all nor none.
func CheckAreas(values []string) error {
	if len(areaParts(values)) == 0 {
		return errors.New("no area is named: give ONS codes or names, all for every area, or none for no area")
	}
	return nil
}

// inDetail is a person who may see the areas named in detail, by their codes or names.
// Where none is named that is nothing; where one is EveryArea it is everything. Which of
// the names there are is for the pages to find out.
func (p Person) inDetail(values []string) Person {
	var parts []string
	for _, part := range areaParts(values) {
		names := strings.Split(part, between)
		if slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(name, EveryArea) }) {
			p.Some, p.Areas = false, ""
			return p
		}
		names = slices.DeleteFunc(names, func(name string) bool { return len(name) > longestArea })
		if len(names) > 0 {
			parts = append(parts, strings.Join(names[:min(len(names), mostAreas)], between))
		}
	}
	slices.Sort(parts)
	parts = slices.Compact(parts)
	p.Some, p.Areas = true, strings.Join(parts[:min(len(parts), mostAreas)], "\n")
	return p
}

// AreaNames is the areas that somebody may see in detail, as they were named.
func (p Person) AreaNames(known func(name string) bool) []string {
	return AreaNames([]string{p.Areas}, known)
}
