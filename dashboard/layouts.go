package dashboard

import (
	"net/http"
	"net/url"
	"strings"
)

const layoutsAddress = "/data/layouts"

// layoutsPage is the files that people fill in.
type layoutsPage struct {
	frame
	Layouts []layoutRow
}

// layoutRow is one of them.
type layoutRow struct {
	Heading, Name string
	Kind          string
	Address       string // of the empty file
	Sources       []link // that read such files
	Columns       []Column
	RecordLevel   bool
}

func (s *site) layoutsPage(reader areasReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if _, err := parameters(r); err != nil {
			return err
		}
		page := buildLayouts(s.layouts, s.sources, s.titles)
		var err error
		if page.frame, err = s.plainFrame(r, reader, page.frame); err != nil {
			return err
		}
		return s.render(w, "layouts", page)
	}
}

func buildLayouts(layouts []Layout, sources []Source, titles sourceTitles) layoutsPage {
	page := layoutsPage{frame: frame{Title: "Empty files to fill in, and what goes into each column"}}
	for _, layout := range layouts {
		row := layoutRow{Heading: capitalised(layout.title()), Name: layout.Name, Kind: layout.Kind, Address: layout.address(), Columns: layout.Columns, RecordLevel: layout.RecordLevel}
		for _, source := range sources {
			if source.Layout == layout.Name && source.Kind == layout.Kind {
				row.Sources = append(row.Sources, link{Text: titles.of(source.Name), Address: sourceAddress(source.Name)})
			}
		}
		page.Layouts = append(page.Layouts, row)
	}
	return page
}

func (l Layout) title() string {
	if l.Kind == "" {
		return l.Title
	}
	return l.Title + ": " + l.Kind
}

// address is where the empty file is, whether or not a source reads such files.
func (l Layout) address() string {
	address := sourceAddress(l.Name) + "/template.csv"
	if l.Kind != "" {
		address += "?kind=" + url.QueryEscape(l.Kind)
	}
	return address
}

// template is the empty file of a source's layout. An address that names no
// source may name a layout: a file can be filled in before its source is there.
func (s *site) template(w http.ResponseWriter, r *http.Request) error {
	values, err := parameters(r, "kind")
	if err != nil {
		return err
	}
	file, called, err := s.emptyFile(r.PathValue("name"), values["kind"])
	if err != nil {
		return err
	}
	out := &download{w: w, name: called + ".csv"}
	_, err = out.Write(file)
	return s.finish(out, r, err)
}

func (s *site) emptyFile(name, kind string) (file []byte, called string, err error) {
	source, configured := s.sourceNamed(name)
	if configured && (kind == "" || kind == source.Kind) {
		if len(source.Template) == 0 {
			return nil, "", notFound("There is no file to fill in for %s: its layout is its publisher’s.", s.titles.of(name))
		}
		return source.Template, name, nil
	}
	var kinds []string
	single := configured
	for _, layout := range s.layouts {
		switch {
		case layout.Name != name:
		case layout.Kind == kind:
			return layout.Template, strings.TrimSuffix(name+"-"+kind, "-"), nil
		case layout.Kind == "":
			single = true
		default:
			kinds = append(kinds, layout.Kind)
		}
	}
	switch {
	case len(kinds) > 0:
		return nil, "", notFound("%s has files of several kinds: add ?kind= and one of %s to the address.", name, strings.Join(kinds, ", "))
	case single:
		return nil, "", notFound("%s has one kind of file only: leave ?kind= out of the address.", s.titles.of(name))
	}
	return nil, "", notFound("There is no source and no layout “%s”: %s lists the files that can be filled in.", echoed(name), layoutsAddress)
}
