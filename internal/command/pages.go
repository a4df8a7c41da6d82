package command

import (
	"fmt"

	"stalkstats/dashboard"
	"stalkstats/etl/parse"
	"stalkstats/etl/source"
	"stalkstats/etl/timetable"
	"stalkstats/internal/config"
)

// pageSources is what the pages are told of the configured sources.
func pageSources(cfg config.Config) ([]dashboard.Source, error) {
	var sources []dashboard.Source
	for _, src := range cfg.ETL.Sources {
		told := dashboard.Source{Name: src.Name, Title: src.Title, Layout: src.Parser, From: source.Shown(src.From),
			Schedule: src.Schedule, Limit: src.Limit()}
		if src.Schedule != "" {
			schedule, err := timetable.Parse(src.Schedule, cfg.ETL.Location())
			if err != nil {
				return nil, fmt.Errorf("schedule %s: %w", src.Name, err)
			}
			told.Next = schedule.Next
		}
		if err := layout(&told, src); err != nil {
			return nil, err
		}
		sources = append(sources, told)
	}
	return sources, nil
}

// layout tells the columns of the source's layout, and the file to fill in.
func layout(told *dashboard.Source, src config.Source) error {
	parser, ok := parse.Find(src.Parser)
	if !ok {
		return fmt.Errorf("no parser is named %q", src.Parser)
	}
	told.RecordLevel = parser.RecordLevel
	if !parser.Own() {
		return nil
	}
	columns, err := parser.ColumnsOf(src.Kind)
	if err != nil {
		return err
	}
	for _, c := range columns {
		told.Columns = append(told.Columns, dashboard.Column(c))
	}
	told.Template, err = parse.Template(parser, src.Kind)
	return err
}
