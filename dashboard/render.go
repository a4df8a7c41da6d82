package dashboard

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"stalkstats/dashboard/signin"
)

//go:embed templates
var templateFiles embed.FS

// templates are the parsed pages by name: the layout and the shared parts,
// and one file for each page.
type templates map[string]*template.Template

func parseTemplates() (templates, error) {
	shared, err := template.New("").Funcs(template.FuncMap{"capitalised": capitalised, "known": known, "notes": notes, "options": options}).ParseFS(templateFiles, "templates/layout.gohtml", "templates/parts.gohtml")
	if err != nil {
		return nil, err
	}
	files, err := fs.Glob(templateFiles, "templates/*.gohtml")
	if err != nil {
		return nil, err
	}
	parsed := templates{}
	for _, file := range files {
		page, err := shared.Clone()
		if err != nil {
			return nil, err
		}
		if page, err = page.ParseFS(templateFiles, file); err != nil {
			return nil, err
		}
		parsed[strings.TrimSuffix(path.Base(file), ".gohtml")] = page
	}
	delete(parsed, "layout")
	delete(parsed, "parts")
	return parsed, nil
}

func (t templates) execute(name string, page any) ([]byte, error) {
	tmpl, ok := t[name]
	if !ok {
		return nil, fmt.Errorf("there is no template %q", name)
	}
	var b bytes.Buffer
	if err := tmpl.ExecuteTemplate(&b, "layout", page); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func (s *site) render(w http.ResponseWriter, name string, page any) error {
	return s.renderStatus(w, http.StatusOK, name, page)
}

// readerOf is the role of whom a page is for, and whether it may have only some of the
// pages to which links may lead.
func (s *site) readerOf(page any) (role signin.Role, some bool) {
	if s.readByAnybody() {
		return signin.Admin, true
	}
	framed, ok := page.(interface{ reader() signin.Role })
	if s.signIn == nil || !ok {
		return signin.Admin, false
	}
	return framed.reader(), true
}

// renderStatus writes nothing until the whole page is there, so that a page
// is never half an answer with the status of a whole one.
func (s *site) renderStatus(w http.ResponseWriter, status int, name string, page any) error {
	body, err := s.templates.execute(name, page)
	if err != nil {
		return fmt.Errorf("render %s: %w", name, err)
	}
	if role, some := s.readerOf(page); some {
		if body, err = s.withoutDeadLinks(body, role); err != nil {
			return fmt.Errorf("render %s: %w", name, err)
		}
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(body) // the reader may have gone
	return nil
}
