package dashboard

import (
	"maps"
	"slices"
)

// An apiParameter is one that an operation takes.
type apiParameter struct {
	name     string
	describe string
	several  bool // it may be given several times
	schema   object
	example  any
}

func textSchema() object { return object{"type": "string"} }

// filterParameters describe the filters of a report of figures.
var filterParameters = map[string]apiParameter{
	"measure":   {describe: "Short name of a measure, as in /api/v1/measures. Left out: all.", several: true, schema: textSchema(), example: []string{"stalking_charges"}},
	"area":      {describe: "ONS code of an area, as in /api/v1/areas. Left out: all.", several: true, schema: textSchema(), example: []string{"E23000026"}},
	"source":    {describe: "Short name of a source, as in /api/v1/sources. Left out: all.", several: true, schema: textSchema(), example: []string{"force_return"}},
	"from":      {describe: "Periods that start on this day or later.", schema: object{"type": "string", "format": "date"}, example: "2023-01-01"},
	"to":        {describe: "Periods that end on this day or earlier.", schema: object{"type": "string", "format": "date"}, example: "2024-09-27"},
	"as_at":     {describe: "The figures as they were served at a moment, or at the end of a day in London. Left out: now.", schema: textSchema(), example: "2024-09-27T17:00:00Z"},
	"period":    {describe: "The kind of period. Longer ones are worked out of complete parts.", schema: object{"type": "string", "enum": slices.Sorted(maps.Keys(reportPeriods)), "default": asPublished}, example: "quarter"},
	"breakdown": {describe: "totals: no part of a breakdown; the name of one: its parts beside the totals; all, or left out: every one.", schema: textSchema(), example: totalsAlone},
	"audience":  {describe: "internal: true figures; published: small numbers hidden, others rounded. Left out: what the site shows.", schema: object{"type": "string", "enum": []string{Internal, Published}}, example: Published},
}

// observationParameters are the filters of a report, and those of paging.
func observationParameters() []apiParameter {
	var all []apiParameter
	for _, name := range reportFilters {
		p := filterParameters[name]
		p.name = name
		all = append(all, p)
	}
	return append(all,
		apiParameter{name: "limit", describe: "How many figures a page has at most.", example: 100,
			schema: object{"type": "integer", "minimum": 1, "maximum": mostLimit, "default": usualLimit}},
		apiParameter{name: "after", schema: textSchema(),
			describe: "Where the page before ended. It stands in next of that page and means nothing else; follow next as it is."})
}

// statementParameters are the filters of the report of recommendations.
func statementParameters() []apiParameter {
	return []apiParameter{
		{name: "area", describe: "ONS code of a force. Left out: all.", schema: textSchema(), example: "E23000026"},
		{name: "history", describe: "all: everything that was ever said. Left out: what each force says now.", schema: object{"type": "string", "enum": []string{"all"}}, example: "all"},
		{name: "as_at", describe: "As it was at a moment, or at the end of a day in London. Left out: now.", schema: textSchema(), example: "2024-09-27T17:00:00Z"},
	}
}
