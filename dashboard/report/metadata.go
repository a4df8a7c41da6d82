package report

import (
	"encoding/json"
	"fmt"
	"time"

	"stalkstats/internal/stats"
)

// A Description is what the metadata of a report tells beside its columns.
type Description struct {
	URL      string // of the CSV
	Title    string
	Describe string              // what a reader must know of all rows
	Filters  map[string][]string // as asked for
	Modified time.Time           // when the newest figure in it was published; zero where there is none
	Releases []stats.Release     // the editions it is taken from
	// Permanent is the link that the report is kept under; nil where it is not.
	Permanent *Permanent
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

// Metadata is a document of the Metadata Vocabulary for Tabular Data (CSVW,
// W3C recommendation of 17 December 2015) that says how to read the CSV.
func Metadata(d Description, columns []Column) ([]byte, error) {
	type column struct {
		Name        string `json:"name"`
		Titles      string `json:"titles"`
		Description string `json:"dc:description"`
		Datatype    string `json:"datatype"`
	}
	var described []column
	for _, c := range columns {
		described = append(described, column{c.Name, c.Name, c.Title + ": " + c.Describe, c.Datatype})
	}
	type edition struct {
		ID          string `json:"@id"`
		Title       string `json:"dc:title"`
		File        string `json:"dc:source"`
		SHA256      string `json:"dc:identifier"`
		RetrievedAt string `json:"dc:date"`
	}
	editions := []edition{}
	for _, r := range d.Releases {
		editions = append(editions, edition{"#" + r.ID, r.Source, r.File, "sha256:" + r.SHA256, r.RetrievedAt.Format(time.RFC3339)})
	}
	notes := []any{map[string]any{"filters": d.Filters}, map[string]any{"releases": editions}}
	if d.Permanent != nil {
		notes = append(notes, map[string]any{"permanent_link": d.Permanent})
	}
	document := map[string]any{
		"@context":       []any{"http://www.w3.org/ns/csvw", map[string]string{"@language": "en"}},
		"url":            d.URL,
		"dc:title":       d.Title,
		"dc:description": d.Describe,
		"dc:publisher":   "the police force that runs this stalkstats",
		"dc:rights":      "Home Office and ONS figures: Open Government Licence v3.0. For figures of other sources, ask the source named in each row.",
		"dialect":        map[string]any{"encoding": "utf-8", "lineTerminators": []string{"\r\n"}, "header": true, "delimiter": ","},
		"tableSchema":    map[string]any{"columns": described},
		"notes":          notes,
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
