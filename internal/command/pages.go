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
		told := dashboard.Source{Name: src.Name, Title: src.Title, Layout: src.Parser, Kind: src.Kind, From: source.Shown(src.From),
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
	own, err := ownLayout(parser, src.Kind)
	told.Columns, told.Template = own.Columns, own.Template
	return err
}

// PageLayouts is what the pages are told of all layouts of our own.
func PageLayouts() ([]dashboard.Layout, error) {
	var all []dashboard.Layout
	for _, p := range parse.Parsers() {
		if !p.Own() {
			continue
		}
		kinds := parse.KindNames()[p.Name]
		if len(kinds) == 0 {
			kinds = []string{""}
		}
		for _, kind := range kinds {
			own, err := ownLayout(p, kind)
			if err != nil {
				return nil, err
			}
			all = append(all, own)
		}
	}
	return all, nil
}

func ownLayout(p parse.Parser, kind string) (dashboard.Layout, error) {
	own := dashboard.Layout{Name: p.Name, Kind: kind, Title: p.Title, RecordLevel: p.RecordLevel}
	columns, err := p.ColumnsOf(kind)
	if err != nil {
		return own, err
	}
	for _, c := range columns {
		own.Columns = append(own.Columns, dashboard.Column(c))
	}
	own.Template, err = parse.Template(p, kind)
	return own, err
}
