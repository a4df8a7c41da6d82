package load

import (
	"fmt"
	"time"

	"stalkstats/internal/stats"
)

// A table is one that releases bring rows to. Every such table has release_id.
type table struct {
	name   string
	insert string // empty for observations, which are sent by column
	verify string // group, rows and sum under one release id
}

var (
	observations = table{
		name:   "observations",
		verify: "SELECT measure, count(), ifNull(sum(value), 0) FROM observations WHERE release_id = {release:String} GROUP BY measure ORDER BY measure",
	}
	recommendations = table{
		name: "recommendations",
		insert: "INSERT INTO recommendations (release_id, source, slice, number, ref, addressee, deadline, ask, confidence, evidence, " +
			"file, sheet, source_row)",
		verify: "SELECT '', count(), toFloat64(0) FROM recommendations WHERE release_id = {release:String} HAVING count() > 0",
	}
	progress = table{
		name: "recommendation_progress",
		insert: "INSERT INTO recommendation_progress (release_id, source, slice, area_code, recommendation, as_at, status, owner, " +
			"progress_update, evidence_url, review_date, file, sheet, source_row)",
		verify: "SELECT '', count(), toFloat64(0) FROM recommendation_progress WHERE release_id = {release:String} HAVING count() > 0",
	}
	areas = table{
		name: "areas",
		insert: "INSERT INTO areas (release_id, source, slice, area_code, area_name, region, kind, population_mid_2018, aliases, " +
			"file, sheet, source_row)",
		verify: "SELECT '', count(), toFloat64(0) FROM areas WHERE release_id = {release:String} HAVING count() > 0",
	}
	measures = table{
		name: "measures",
		insert: "INSERT INTO measures (release_id, source, slice, measure, basis, measure_name, definition, unit, numerator, denominator, " +
			"per, interval_method, direction, headline, force_source, compare_source, caveat, recommendations, strengths, what_it_shows, adds_up, target, denominator_source, parts, " +
			"file, sheet, source_row)",
		verify: "SELECT '', count(), toFloat64(0) FROM measures WHERE release_id = {release:String} HAVING count() > 0",
	}
	seriesBreaks = table{
		name: "series_breaks",
		insert: "INSERT INTO series_breaks (release_id, source, slice, break_date, area_codes, measures, effect, evidence, confirmed, " +
			"file, sheet, source_row)",
		verify: "SELECT '', count(), toFloat64(0) FROM series_breaks WHERE release_id = {release:String} HAVING count() > 0",
	}
	similarAreas = table{
		name: "most_similar_groups",
		insert: "INSERT INTO most_similar_groups (release_id, source, slice, area_code, similar_area_code, valid_from, evidence, " +
			"file, sheet, source_row)",
		verify: "SELECT '', count(), toFloat64(0) FROM most_similar_groups WHERE release_id = {release:String} HAVING count() > 0",
	}
	tables = []table{observations, recommendations, progress, areas, measures, seriesBreaks, similarAreas}
)

// A row is what one parsed row becomes that is no figure: its table, slice and
// columns.
type row struct {
	table  table
	slice  string
	values []any
}

func (w *Writer) row(parsed any) (row, error) {
	head := func(slice string, values ...any) []any {
		return append([]any{w.release.ID, w.release.Source, slice}, values...)
	}
	switch r := parsed.(type) {
	case stats.Recommendation:
		return row{recommendations, stats.SliceAll, head(stats.SliceAll, uint8(r.Number), r.Ref, r.Addressee, day(r.Deadline), r.Ask, r.Confidence, r.Source,
			r.Origin.File, r.Origin.Sheet, uint32(r.Origin.Row))}, nil
	case stats.Progress:
		return row{progress, r.Slice, head(r.Slice, r.Area, r.Recommendation, r.AsAt, string(r.Status), r.Owner, r.Update, r.EvidenceURL,
			day(r.ReviewDate), r.Origin.File, r.Origin.Sheet, uint32(r.Origin.Row))}, nil
	case stats.Area:
		var people *uint32
		if r.PopulationMid2018 > 0 {
			n := uint32(r.PopulationMid2018)
			people = &n
		}
		return row{areas, stats.SliceAll, head(stats.SliceAll, r.Code, r.Name, r.Region, string(r.Kind), people, list(r.Aliases),
			r.Origin.File, r.Origin.Sheet, uint32(r.Origin.Row))}, nil
	case stats.Measure:
		refs, strengths := []string{}, []string{}
		for _, b := range r.Bearings {
			refs, strengths = append(refs, b.Ref), append(strengths, string(b.Strength))
		}
		var target *float64
		if r.Target.Known {
			target = &r.Target.Number
		}
		return row{measures, stats.SliceAll, head(stats.SliceAll, r.ID, r.Basis, r.Name, r.Definition, r.Unit, r.Numerator, r.Denominator, r.Per,
			string(r.Interval), string(r.Direction), uint8(r.Headline), r.ForceSource, r.CompareSource, r.Caveat, refs, strengths, r.WhatItShows,
			string(r.AddsUp), target, r.DenominatorSource, list(r.Parts), r.Origin.File, r.Origin.Sheet, uint32(r.Origin.Row))}, nil
	case stats.Break:
		return row{seriesBreaks, stats.SliceAll, head(stats.SliceAll, r.Date, list(r.Areas), list(r.Measures), r.Effect, r.Source, r.Confirmed,
			r.Origin.File, r.Origin.Sheet, uint32(r.Origin.Row))}, nil
	case stats.SimilarArea:
		return row{similarAreas, stats.SliceAll, head(stats.SliceAll, r.Area, r.Similar, r.From, r.Source, r.Origin.File, r.Origin.Sheet, uint32(r.Origin.Row))}, nil
	}
	return row{}, fmt.Errorf("a row of type %T has no table", parsed)
}

// day is null for a date that is not known.
func day(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func list(items []string) []string {
	if items == nil {
		return []string{}
	}
	return items
}
