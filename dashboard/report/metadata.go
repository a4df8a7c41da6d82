package report

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"stalkstats/internal/stats"
)

// A Description is what the metadata of a report tells beside its columns.
type Description struct {
	URL       string // of the CSV
	Title     string
	Describe  string              // what a reader must know of all rows
	Publisher string              // empty: the force is not known by name
	Contact   string              // whom a reader can ask; empty: nobody is named
	Audience  string              // whom the figures are for, and what that does to them; empty: nothing is hidden from anybody
	AsAt      string              // as of when the figures are, in words; empty where there is no choice
	Filters   map[string][]string // as asked for
	Modified  time.Time           // when the newest figure in it was published; zero where there is none
	Releases  []stats.Release     // the editions it is taken from
	Permanent *Permanent          // the link that the report is kept under; nil where it is not
}

// Permanent is what the metadata of a report tells that is kept for ever.
type Permanent struct {
	ID       string    `json:"id"`
	MadeAt   time.Time `json:"made_at"`
	AsAt     time.Time `json:"as_at"`
	Audience string    `json:"audience"`
	InWords  []string  `json:"filters_in_words"`
	Rows     int       `json:"rows"`
	Bytes    int64     `json:"bytes"`
	SHA256   string    `json:"sha256"`
	Version  string    `json:"stalkstats"`
}

// openGovernmentLicence is that of what government departments publish.
const openGovernmentLicence = "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"

// rights says what may be done with the figures.
const rights = "Home Office and ONS figures: Open Government Licence v3.0. For figures of other sources, ask the source named in each row."

// licenceOf is the licence of what a source brings; empty where nobody has told us.
func licenceOf(source string) string {
	if stats.OpenData(source) {
		return openGovernmentLicence
	}
	return ""
}

func (d Description) publisher() string {
	if d.Publisher == "" {
		return "the police force that runs this stalkstats"
	}
	return d.Publisher
}

// Metadata is a document of the Metadata Vocabulary for Tabular Data (CSVW,
// W3C recommendation of 17 December 2015) that says how to read the CSV.
func Metadata(d Description, columns []Column) ([]byte, error) {
	document := map[string]any{
		"@context":       []any{"http://www.w3.org/ns/csvw", map[string]string{"@language": "en"}},
		"url":            d.URL,
		"dc:title":       d.Title,
		"dc:description": d.Describe,
		"dc:publisher":   d.publisher(),
		"dc:rights":      rights,
		"dialect": map[string]any{"encoding": "utf-8", "lineTerminators": []string{"\r\n"}, "header": true, "headerRowCount": 1,
			"delimiter": ",", "quoteChar": `"`, "doubleQuote": true, "trim": false},
		"tableSchema": map[string]any{"columns": described(columns)},
		"notes":       notesOf(d),
	}
	if !d.Modified.IsZero() {
		document["dc:modified"] = map[string]string{"@value": d.Modified.UTC().Format(time.RFC3339), "@type": "dateTime"}
	}
	text, err := json.MarshalIndent(document, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write the metadata: %w", err)
	}
	return append(text, '\n'), nil
}

// separators are those of columns with several values in a cell.
var separators = map[string]string{"value_note": " ", "former_value_note": " ", "release": "; "}

type describedColumn struct {
	Name        string `json:"name"`
	Titles      string `json:"titles"`
	Description string `json:"dc:description"`
	Datatype    any    `json:"datatype"`
	Separator   string `json:"separator,omitempty"`
}

func described(columns []Column) []describedColumn {
	var all []describedColumn
	for _, c := range columns {
		d := describedColumn{c.Name, c.Name, c.Title + ": " + c.Describe, c.Datatype, separators[c.Name]}
		if strings.HasSuffix(c.Name, "value_note") {
			d.Datatype = map[string]string{"base": "string", "format": markerFormat()}
		}
		all = append(all, d)
	}
	return all
}

// markerFormat is the regular expression of one marker.
func markerFormat() string {
	letters := ""
	for _, m := range stats.AllMarkers {
		letters += string(m)
	}
	return "[" + letters + "]"
}

type edition struct {
	ID          string `json:"@id"`
	Title       string `json:"dc:title"`
	File        string `json:"dc:source"`
	SHA256      string `json:"dc:identifier,omitempty"` // of a file that everybody may know
	RetrievedAt string `json:"dc:date"`
	Licence     string `json:"dc:license,omitempty"`
}

// notesOf is what no word of the vocabulary is for.
func notesOf(d Description) []any {
	meanings := map[string]string{}
	for _, m := range stats.AllMarkers {
		meanings[string(m)] = m.Meaning()
	}
	notes := []any{map[string]any{"filters": d.Filters}, map[string]any{"markers": meanings}}
	if d.Audience != "" {
		notes = append(notes, map[string]any{"audience": d.Audience})
	}
	if d.AsAt != "" {
		notes = append(notes, map[string]any{"asAt": d.AsAt})
	}
	if d.Permanent != nil {
		notes = append(notes, map[string]any{"permanent_link": d.Permanent})
	}
	editions := []edition{}
	for _, r := range d.Releases {
		one := edition{ID: "#" + r.ID, Title: r.Source, File: r.File, RetrievedAt: r.RetrievedAt.Format(time.RFC3339), Licence: licenceOf(r.Source)}
		if r.SHA256 != "" {
			one.SHA256 = "sha256:" + r.SHA256
		}
		editions = append(editions, one)
	}
	return append(notes, map[string]any{"releases": editions})
}
