package query

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"stalkstats/internal/stats"
)

// Annotations is the targets, steps and notes that stand on the charts of an
// area at a time, oldest first. The caller must not change them.
func (r *Reader) Annotations(ctx context.Context, area string, at time.Time) ([]stats.Annotation, error) {
	byArea, err := kept(ctx, r, question{name: "annotations.sql", entries: "annotations"}, at, r.readAnnotations)
	return byArea[area], err
}

// readAnnotations reads those of all areas: they are few, for people type them.
func (r *Reader) readAnnotations(ctx context.Context, at time.Time) (map[string][]stats.Annotation, error) {
	byArea := map[string][]stats.Annotation{}
	err := r.each(ctx, "annotations.sql", func(rows driver.Rows) error {
		var a stats.Annotation
		var kind, periodKind string
		var on *time.Time
		var target *float64
		if err := rows.Scan(&a.ID, &a.MadeAt, &a.Who, &kind, &a.Measure, &a.Basis, &a.Area, &a.Source, &a.SeriesBasis, &periodKind,
			&on, &target, &a.Words); err != nil {
			return err
		}
		a.MadeAt, a.Kind, a.PeriodKind, a.Day = a.MadeAt.UTC(), stats.AnnotationKind(kind), stats.PeriodKind(periodKind), dayOrZero(on)
		if target != nil {
			a.Value = *target
		}
		byArea[a.Area] = append(byArea[a.Area], a)
		return nil
	}, asAt(at))
	return byArea, err
}

// Annotate adds what somebody put onto a chart.
func (r *Reader) Annotate(ctx context.Context, a stats.Annotation) error {
	return r.addAnnotation(ctx, a, "")
}

// TakeBackAnnotation adds that somebody took an annotation back: by gives its
// own ID, when, who and, as its words, why. The annotation itself stays.
func (r *Reader) TakeBackAnnotation(ctx context.Context, a, by stats.Annotation) error {
	by.Kind, by.Measure, by.Basis, by.Area = a.Kind, a.Measure, a.Basis, a.Area
	return r.addAnnotation(ctx, by, a.ID)
}

func (r *Reader) addAnnotation(ctx context.Context, a stats.Annotation, takesBack string) error {
	batch, err := r.conn.PrepareBatch(ctx, "INSERT INTO annotations (annotation_id, made_at, who, kind, measure, basis, area_code, source, series_basis, "+
		"period_kind, day, target, words, takes_back)")
	if err != nil {
		return fmt.Errorf("write down the annotation: %w", err)
	}
	defer batch.Close()
	var on *time.Time
	if !a.Day.IsZero() {
		on = &a.Day
	}
	var target *float64
	if a.Kind == stats.TargetAnnotation && takesBack == "" {
		target = &a.Value
	}
	if err := batch.Append(a.ID, a.MadeAt.UTC(), a.Who, string(a.Kind), a.Measure, a.Basis, a.Area, a.Source, a.SeriesBasis,
		string(a.PeriodKind), on, target, a.Words, takesBack); err != nil {
		return fmt.Errorf("write down the annotation: %w", err)
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("write down the annotation: %w", err)
	}
	return nil
}
