package dashboard

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"

	"stalkstats/dashboard/report"
	"stalkstats/internal/stats"
)

// reportsPage is the form by which a report is chosen, and what was chosen. Its
// state is in its address: a report in the making can be mailed.
type reportsPage struct {
	frame
	Fault   string // what is wrong with what was chosen; empty where nothing is
	Form    reportForm
	Chosen  *chosenReport // nil where nothing was asked for yet, or cannot be
	Columns []report.Column
	Markers []markerNote
}

// chosenReport is a report before it is downloaded.
type chosenReport struct {
	Count                            string // that not all were counted; empty where they were
	Audience                         string
	Says                             string // whose figures, as of when
	Hiding                           []string
	Heads                            previewRow
	Top                              []previewRow
	TopSays                          string
	Address                          string // of the CSV, to be copied
	CSV, Metadata, Archive, Workbook string
	Keep                             string // address that makes a permanent link; empty where none can be made
	Save                             string // address that saves it under a name; empty where none can be saved
	MostRows                         string // that a workbook has room for
}

type markerNote struct{ Letter, Meaning, Place string }

type reportsReader interface {
	areasReader
	stateReader
	Measures(ctx context.Context, asAt time.Time) (*stats.Measures, error)
	Sources(ctx context.Context) ([]stats.Freshness, error)
	Breakdowns(ctx context.Context, asAt time.Time) ([]string, error)
	Similar(ctx context.Context, area string, on, at time.Time) ([]stats.SimilarArea, error)
}

// asksForReport is the parameter with which the form is sent.
const asksForReport = "show"

func (s *site) reports(reader reportsReader, readers Readers) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		chosen, err := reportParameters(r)
		if err != nil {
			return err
		}
		choices, err := s.reportChoices(r.Context(), reader, readers)
		if err != nil {
			return err
		}
		asked := chosen.Has(asksForReport) || choices.cannotBe(chosen, s.now())
		if _, err := readers.of(chosen.Get("audience")); err != nil && !asked {
			return err
		}
		area, err := s.findArea(choices.areas, choices.firstArea(chosen))
		switch {
		case err != nil && !asked:
			return err
		case err != nil: // told as a fault of the report
			area = s.homeArea(choices.areas)
		case !asked && !chosen.Has("area"):
			chosen.Set("area", area.Code)
		}
		page := buildReports(choices, chosen)
		status := http.StatusOK
		if asked {
			status, err = s.showReport(&page, r, readers, choices, chosen)
			if err != nil {
				return err
			}
		}
		page.Standing = s.standing(r, reader, func(fresh freshness) contents {
			return contents{awaited: append(choices.reportedSources(area, chosen), fresh.recommending()...)}
		})
		page.frame = s.frame(r, choices.areas, area).with(page.frame)
		page.Choice = areaChoice{}
		if audience := chosen.Get("audience"); audience == Published || page.Chosen != nil {
			page.frame = s.showing(r, page.frame, cmp.Or(audience, readers.usual()))
		}
		return s.renderStatus(w, status, "reports", page)
	}
}

// reportParameters reads what the address chose: of measure, area and source it
// may name several.
func reportParameters(r *http.Request) (url.Values, error) {
	chosen, err := reportValues(r.URL.RawQuery)
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(chosen)) {
		if name != asksForReport && !slices.Contains(reportFilters, name) {
			return nil, badRequest("This page has no parameter “%s”.", echoed(name))
		}
	}
	return chosen, nil
}

// showReport looks at the report that was chosen. What the reader can mend is
// said on the page, above the form as it was sent.
func (s *site) showReport(page *reportsPage, r *http.Request, readers Readers, choices reportChoices, chosen url.Values) (status int, err error) {
	in, l, err := s.lookAt(r.Context(), readers, choices, chosen)
	var p problem
	if errors.As(err, &p) {
		page.Fault, page.Title = p.sentence, "This report cannot be made"
		return p.status, nil
	}
	if err != nil {
		return 0, err
	}
	page.Title = l.title()
	page.Chosen = s.buildChosen(in, l, s.origin(r))
	page.frame.CSV, page.Demonstration = page.Chosen.CSV, l.Demonstration
	return http.StatusOK, nil
}

func (s *site) lookAt(ctx context.Context, readers Readers, choices reportChoices, chosen url.Values) (in asked, l look, err error) {
	filters, err := choices.filters(chosen)
	if err != nil {
		return in, l, err
	}
	if in, err = parseRequest(ctx, readers, filters); err != nil {
		return in, l, err
	}
	l, err = in.look(ctx, mostLooked, longestLook)
	return in, l, err
}

// origin is how the reader's browser reached this site. Before one for everybody
// stands a program that speaks TLS, and says so.
func (s *site) origin(r *http.Request) *url.URL {
	if s.signIn != nil {
		return s.signIn.BaseURL()
	}
	scheme := "http"
	if r.TLS != nil || s.readByAnybody() && r.Header.Get("X-Forwarded-Proto") == "https" {
		scheme = "https"
	}
	return &url.URL{Scheme: scheme, Host: r.Host}
}

func (s *site) buildChosen(in asked, l look, site *url.URL) *chosenReport {
	query := in.filters().Encode()
	address := func(name string) string {
		return (&url.URL{Path: "/reports/observations." + name, RawQuery: query}).String()
	}
	c := &chosenReport{
		Heads: previewHeads(), Top: l.Top,
		CSV: address("csv"), Metadata: address("csv-metadata.json"), Archive: address("zip"), Workbook: address("xlsx"),
		MostRows: numberText(report.MostWorkbookRows, 0),
	}
	if l.More {
		c.Count = capitalised(l.count()) + ": so many were counted, and the rest is in the files."
	}
	c.Audience = audienceWords(s.rules, in.audience)
	c.Says = c.Audience + ". Figures " + in.asAtWords() + "."
	if in.audience == Published {
		c.Hiding = l.hiding(s.rules, s.hiddenWords())
	}
	c.TopSays = "The first " + plural(len(l.Top), "row", "rows") + ", as they stand in the CSV"
	if len(l.Top) == l.Rows && !l.More {
		c.TopSays = "Every row, as it stands in the CSV"
	}
	c.Address = site.String() + c.CSV
	if s.isInternal() && s.actions {
		c.Keep = (&url.URL{Path: permalinkPath, RawQuery: query}).String()
		c.Save = (&url.URL{Path: savePath, RawQuery: query}).String()
	}
	return c
}

// buildReports fills the form with what the address chose.
func buildReports(choices reportChoices, chosen url.Values) reportsPage {
	page := reportsPage{Form: choices.form(chosen), Columns: report.ObservationColumns, Markers: markerNotes()}
	page.Title = "Every figure as a CSV file"
	return page
}

// markerNotes explains every marker.
func markerNotes() []markerNote {
	var notes []markerNote
	for _, m := range stats.AllMarkers {
		place := "beside a number"
		if m.Replaces() {
			place = "instead of a number"
		}
		notes = append(notes, markerNote{string(m), m.Meaning(), place})
	}
	return notes
}
