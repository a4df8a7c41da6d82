package dashboard

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// apiIndex is what the API has.
type apiIndex struct {
	Name      string       `json:"name" doc:"stalkstats"`
	Version   string       `json:"version" doc:"of the program"`
	Audience  string       `json:"audience" doc:"whom the figures are for where nothing else is asked" enum:"internal,published"`
	FiguresAt *string      `json:"figures_as_at" doc:"when the newest figures were published" format:"date-time"`
	Addresses []apiAddress `json:"addresses" doc:"what can be asked"`
}

type apiAddress struct {
	Path  string `json:"path" doc:"the address"`
	Title string `json:"title" doc:"what it answers"`
}

func (s *site) apiIndex(o Options) apiHandler {
	return func(w http.ResponseWriter, r *http.Request, _ url.Values) error {
		moment, err := o.Reader.Moment(r.Context())
		if err != nil {
			return err
		}
		index := apiIndex{Name: "stalkstats", Version: s.version, Audience: s.audience, FiguresAt: apiMoment(moment.AsAt)}
		for _, op := range s.operations(o) {
			index.Addresses = append(index.Addresses, apiAddress{op.path, op.title})
		}
		return sendJSON(w, r, index)
	}
}

// apiMoment is a moment as JSON has it; nil where there is none.
func apiMoment(at time.Time) *string {
	if at.IsZero() {
		return nil
	}
	return new(at.UTC().Format(time.RFC3339Nano))
}

type apiMeasure struct {
	Measure           string       `json:"measure" doc:"short name, as the filter measure takes it"`
	Name              string       `json:"measure_name" doc:"its name in words"`
	Definition        string       `json:"definition" doc:"what is counted, or worked out"`
	Unit              string       `json:"unit" doc:"what the value counts, or percent"`
	Basis             string       `json:"basis" doc:"of a rate: which denominator, where there are several"`
	Numerator         string       `json:"numerator" doc:"of a rate: the measure above the line; empty for a count"`
	Denominator       string       `json:"denominator" doc:"of a rate: the measure below the line; empty for a count"`
	DenominatorSource string       `json:"denominator_source" doc:"the source of the denominator, where that is another"`
	Per               *float64     `json:"per" doc:"the rate is per × numerator ÷ denominator; null for a count"`
	Interval          string       `json:"interval" doc:"how the 95% limits of a rate are worked out"`
	AddsUp            string       `json:"adds_up" doc:"over what figures may be added up"`
	Parts             []string     `json:"parts" doc:"the counts of which it is the sum by what the words mean; none: it is none"`
	Direction         string       `json:"direction" doc:"which way the measure gets better, if either"`
	Target            *float64     `json:"target" doc:"in the measure's unit; null where nobody has set one"`
	Caveat            string       `json:"caveat" doc:"what a reader must know"`
	ForceSource       string       `json:"force_source" doc:"the source to show first for one force"`
	CompareSource     string       `json:"compare_source" doc:"the source to show first for forces against each other"`
	Recommendations   []apiBearing `json:"recommendations" doc:"the asks that it bears on; no count proves that one is met"`
	WhatItShows       string       `json:"what_it_shows" doc:"how much it proves of them"`
}

type apiBearing struct {
	Ref      string `json:"ref" doc:"the number of the recommendation; of an ask whose number is not known its letter in the register, or its subject, such as orders"`
	Strength string `json:"strength" doc:"how strongly it bears on it"`
}

func (s *site) apiMeasures(reader apiReader) apiHandler {
	return func(w http.ResponseWriter, r *http.Request, _ url.Values) error {
		measures, err := reader.Measures(r.Context(), query.Latest)
		if err != nil {
			return err
		}
		list := []apiMeasure{}
		for _, m := range measures.All() {
			list = append(list, apiMeasureOf(m))
		}
		return sendJSON(w, r, map[string]any{"measures": list})
	}
}

func apiMeasureOf(m stats.Measure) apiMeasure {
	one := apiMeasure{Measure: m.ID, Name: m.Name, Definition: m.Definition, Unit: m.Unit, Basis: m.Basis, Numerator: m.Numerator, Denominator: m.Denominator,
		DenominatorSource: m.DenominatorSource, Interval: string(m.Interval), AddsUp: string(m.AddsUp), Parts: append([]string{}, m.Parts...), Direction: string(m.Direction), Caveat: m.Caveat,
		ForceSource: m.ForceSource, CompareSource: m.CompareSource, Recommendations: []apiBearing{}, WhatItShows: m.WhatItShows}
	if m.Derived() {
		one.Per = &m.Per
	}
	if m.Target.Known {
		one.Target = &m.Target.Number
	}
	for _, b := range m.Bearings {
		one.Recommendations = append(one.Recommendations, apiBearing{b.Ref, string(b.Strength)})
	}
	return one
}

type apiArea struct {
	Code   string `json:"area_code" doc:"ONS code, as the filter area takes it; K04000001 is England and Wales, BTP British Transport Police"`
	Name   string `json:"area_name" doc:"name of the area"`
	Kind   string `json:"kind" doc:"what kind of area it is" enum:"territorial_force,national_force,country"`
	Region string `json:"region" doc:"the region that it lies in"`
}

func (s *site) apiAreas(reader apiReader) apiHandler {
	return func(w http.ResponseWriter, r *http.Request, _ url.Values) error {
		areas, err := reader.Areas(r.Context(), query.Latest)
		if err != nil {
			return err
		}
		list := []apiArea{}
		for _, a := range areas.All() {
			if a.Code != "" { // a name that is no force has none, and no figures
				list = append(list, apiArea{a.Code, a.Name, string(a.Kind), a.Region})
			}
		}
		return sendJSON(w, r, map[string]any{"areas": list})
	}
}

type apiBreak struct {
	Date      string   `json:"date" doc:"the first day on which figures mean something else" format:"date"`
	Areas     []string `json:"areas" doc:"ONS codes of the areas that it bears on; none: all"`
	Measures  []string `json:"measures" doc:"the measures that it bears on"`
	Effect    string   `json:"effect" doc:"what changed"`
	Source    string   `json:"source" doc:"where that is told"`
	Confirmed bool     `json:"confirmed" doc:"whether it is confirmed"`
}

func (s *site) apiBreaks(reader apiReader) apiHandler {
	return func(w http.ResponseWriter, r *http.Request, _ url.Values) error {
		breaks, err := reader.Breaks(r.Context(), query.Latest)
		if err != nil {
			return err
		}
		list := []apiBreak{}
		for _, b := range breaks {
			list = append(list, apiBreak{b.Date.Format(time.DateOnly), append([]string{}, b.Areas...), append([]string{}, b.Measures...), b.Effect, b.Source, b.Confirmed})
		}
		return sendJSON(w, r, map[string]any{"breaks": list})
	}
}

type apiSource struct {
	Source     string      `json:"source" doc:"short name, as the filter source takes it"`
	Title      string      `json:"title" doc:"its name in words"`
	Figures    bool        `json:"figures" doc:"whether it has figures, and not reference data or statements alone"`
	State      string      `json:"state" doc:"late: past the limit that is set; without limit: none is set; nothing served: no file of it is served" enum:"fresh,late,without limit,nothing served"`
	LateSince  *string     `json:"late_since" doc:"since when it is late" format:"date-time"`
	FiguresEnd *string     `json:"figures_end" doc:"the last day that its figures cover, where that has a limit" format:"date"`
	Release    *apiRelease `json:"release" doc:"the newest edition that serves anything; null where nothing is served"`
}

type apiRelease struct {
	Release     string `json:"release" doc:"as in the column release of figures"`
	File        string `json:"file" doc:"the name of its file"`
	SHA256      string `json:"sha256" doc:"of the bytes of the file, in hex; empty where the file is not for everybody"`
	RetrievedAt string `json:"retrieved_at" doc:"when the file was fetched, in UTC" format:"date-time"`
	PublishedAt string `json:"published_at" doc:"since when it has served, in UTC" format:"date-time"`
}

func (s *site) apiSources(reader apiReader) apiHandler {
	return func(w http.ResponseWriter, r *http.Request, _ url.Values) error {
		sources, err := reader.Sources(r.Context())
		if err != nil {
			return err
		}
		covered, err := reader.Covered(r.Context(), s.limits.ofFigures())
		if err != nil {
			return err
		}
		list := []apiSource{}
		for _, source := range sources {
			list = append(list, s.apiSourceOf(source, covered[source.Source]))
		}
		return sendJSON(w, r, map[string]any{"sources": list})
	}
}

func (s *site) apiSourceOf(f stats.Freshness, covers time.Time) apiSource {
	one := apiSource{Source: f.Source, Title: s.titles.heading(f.Source), Figures: f.Figures, State: "nothing served"}
	if len(f.Served) == 0 {
		return one
	}
	if !covers.IsZero() {
		one.FiguresEnd = new(covers.Format(time.DateOnly))
	}
	limit := s.limits[f.Source]
	late, isLate := limit.Late(f.Newest(), covers, s.now())
	switch {
	case isLate:
		one.State, one.LateSince = "late", apiMoment(late.Since)
	case limit.Set():
		one.State = "fresh"
	default:
		one.State = "without limit"
	}
	newest := slices.MaxFunc(f.Served, func(a, b stats.Release) int { return a.PublishedAt.Compare(b.PublishedAt) })
	one.Release = &apiRelease{newest.ID, newest.File, newest.SHA256, newest.RetrievedAt.UTC().Format(time.RFC3339Nano), newest.PublishedAt.UTC().Format(time.RFC3339Nano)}
	return one
}
