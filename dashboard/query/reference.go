package query

import (
	"context"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"stalkstats/internal/stats"
)

// Areas is the areas served at a time, in the order of their file.
func (r *Reader) Areas(ctx context.Context, at time.Time) (*stats.Areas, error) {
	return kept(ctx, r, question{name: "areas.sql"}, at, r.readAreas)
}

func (r *Reader) readAreas(ctx context.Context, at time.Time) (*stats.Areas, error) {
	var areas []stats.Area
	err := r.each(ctx, "areas.sql", func(rows driver.Rows) error {
		var a stats.Area
		var kind string
		var people uint32
		var o origin
		if err := rows.Scan(&a.Code, &a.Name, &a.Region, &kind, &people, &a.Aliases, &o.file, &o.sheet, &o.row); err != nil {
			return err
		}
		a.Kind, a.PopulationMid2018, a.Origin = stats.AreaKind(kind), int(people), o.origin()
		areas = append(areas, a)
		return nil
	}, asAt(at))
	return stats.NewAreas(areas), err
}

// Measures is the measures served at a time, in the order of their file.
func (r *Reader) Measures(ctx context.Context, at time.Time) (*stats.Measures, error) {
	return kept(ctx, r, question{name: "measures.sql"}, at, r.readMeasures)
}

func (r *Reader) readMeasures(ctx context.Context, at time.Time) (*stats.Measures, error) {
	var measures []stats.Measure
	err := r.each(ctx, "measures.sql", func(rows driver.Rows) error {
		var m stats.Measure
		var interval, addsUp, direction string
		var target *float64
		var headline uint8
		var refs, strengths []string
		var o origin
		if err := rows.Scan(&m.ID, &m.Basis, &m.Name, &m.Definition, &m.Unit, &m.Numerator, &m.Denominator, &m.DenominatorSource, &m.Per, &interval,
			&addsUp, &direction, &target, &headline, &m.ForceSource, &m.CompareSource, &m.Caveat, &refs, &strengths, &m.WhatItShows, &m.Parts,
			&o.file, &o.sheet, &o.row); err != nil {
			return err
		}
		m.Interval, m.Direction, m.Headline, m.Origin = stats.Interval(interval), stats.Direction(direction), int(headline), o.origin()
		m.AddsUp, m.Target = stats.AddsUp(addsUp), valueOf(target)
		if len(m.Parts) == 0 {
			m.Parts = nil
		}
		for i, ref := range refs {
			m.Bearings = append(m.Bearings, stats.Bearing{Ref: ref, Strength: stats.Strength(strengths[i])})
		}
		measures = append(measures, m)
		return nil
	}, asAt(at))
	return stats.NewMeasures(measures), err
}

// Breaks is the series breaks served at a time, oldest first. The caller must
// not change them.
func (r *Reader) Breaks(ctx context.Context, at time.Time) ([]stats.Break, error) {
	return kept(ctx, r, question{name: "breaks.sql"}, at, r.readBreaks)
}

func (r *Reader) readBreaks(ctx context.Context, at time.Time) ([]stats.Break, error) {
	var breaks []stats.Break
	err := r.each(ctx, "breaks.sql", func(rows driver.Rows) error {
		var b stats.Break
		var o origin
		if err := rows.Scan(&b.Date, &b.Areas, &b.Measures, &b.Effect, &b.Source, &b.Confirmed, &o.file, &o.sheet, &o.row); err != nil {
			return err
		}
		b.Date, b.Origin = day(b.Date), o.origin()
		breaks = append(breaks, b)
		return nil
	}, asAt(at))
	return breaks, err
}

// origin is how a row's place stands in ClickHouse.
type origin struct {
	file, sheet string
	row         uint32
}

func (o origin) origin() stats.Origin {
	return stats.Origin{File: o.file, Sheet: o.sheet, Row: int(o.row)}
}
