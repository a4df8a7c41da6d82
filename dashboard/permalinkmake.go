package dashboard

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"stalkstats/dashboard/report"
	"stalkstats/internal/stats"
)

// largestLink is how many bytes a permanent link may hold, which stand in memory
// while it is made.
const largestLink = 50 << 20

const permalinkPath = "/reports/permalink"

// linkRequest is a report that is to be kept under a permanent link.
type linkRequest struct {
	asked // its filters as normalised
	words []string
}

// linkable reads the report that an address asks for.
func (s *site) linkable(r *http.Request, readers Readers) (q linkRequest, err error) {
	if !s.actions {
		return q, problem{status: http.StatusForbidden, sentence: "No permanent link can be made on these pages: dashboard.actions is off in the configuration."}
	}
	return s.keepable(r, readers)
}

// keepable reads the report that an address asks for, whose filters can be kept.
func (s *site) keepable(r *http.Request, readers Readers) (q linkRequest, err error) {
	given, err := reportValues(r.URL.RawQuery)
	if err != nil {
		return q, err
	}
	if err := checkFilters(given); err != nil { // before what is empty is left out
		return q, badRequest("%s.", err)
	}
	values := normalised(given)
	if len(values.Encode()) > longestFilters {
		return q, badRequest("These filters are too long to be kept: choose fewer.")
	}
	if q.asked, err = parseRequest(r.Context(), readers, values); err != nil {
		return q, err
	}
	if len(q.areas.All()) == 0 {
		return q, conflict("Nothing has been loaded yet: wait until there are figures.")
	}
	q.words = q.inWords(q.values, s.titles)
	return q, nil
}

func (q linkRequest) address(path string) string {
	address := url.URL{Path: path, RawQuery: q.values.Encode()}
	return address.String()
}

// page asks who makes the link, and why.
func (q linkRequest) page(largest int64) *confirmPage {
	a := action{
		Finding: "Keep this report under a permanent link?",
		Says: []string{
			"The CSV is made now and kept as it is. Its address gives the same bytes for ever, whatever is loaded, revised or renamed later.",
			fmt.Sprintf("It may hold at most %s MB.", counted(uint64(largest>>20))),
		},
		Lists:  q.words,
		Last:   "Say why with the reference of what it answers, such as a request under the Freedom of Information Act or a paper of a board. Name nobody outside the force.",
		Button: "Make the link", NeedsWhy: true,
		Back: link{Text: "the report", Address: q.address("/reports")},
	}
	if q.audience == Published {
		a.Warning = "Everybody who has the address can open the file. Your name and the reason stay in the force."
	} else {
		a.Warning = "The figures are true ones, for the force alone: small numbers are not hidden. What leaves the force is made for the published audience."
	}
	return newConfirmPage(a, q.address(permalinkPath))
}

// permalinkForm shows what would be kept.
func (s *site) permalinkForm(readers Readers, keeper areasReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		q, err := s.linkable(r, readers)
		if err != nil {
			return err
		}
		page := q.page(s.maxLink)
		if page.frame, err = s.frameOfReport(r, keeper, q.audience, audienceWords(s.rules, q.audience))(page.frame); err != nil {
			return err
		}
		return s.render(w, "confirm", page)
	}
}

// makePermalink makes the report, keeps it, and shows the link.
func (s *site) makePermalink(readers Readers, keeper permalinksKeeper) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		q, err := s.linkable(r, readers)
		if err != nil {
			return err
		}
		signed, ok, err := s.signed(w, r, q.page(s.maxLink), s.frameOfReport(r, keeper, q.audience, audienceWords(s.rules, q.audience)))
		if !ok {
			return err
		}
		s.linking.Lock()
		defer s.linking.Unlock()
		id, err := s.keepPermalink(r.Context(), readers, keeper, q, signed)
		if err != nil {
			return err
		}
		http.Redirect(w, r, permalinkAddress(id)+"/about", http.StatusSeeOther)
		return nil
	}
}

// mostSame is among how many of the newest links one is looked for that is the
// same: a form that is sent twice is kept once.
const mostSame = 20

func (s *site) keepPermalink(ctx context.Context, readers Readers, keeper permalinksKeeper, q linkRequest, by signature) (id string, err error) {
	p := stats.Permalink{ID: s.newID(), MadeAt: s.now(), Who: by.Who, Why: by.Why, Filters: q.values.Encode(), InWords: q.words, Audience: q.audience, Version: s.version}
	made, err := q.make(ctx, readers, &p, s.maxLink)
	if err != nil {
		return "", err
	}
	newest, err := keeper.Permalinks(ctx, mostSame)
	if err != nil {
		return "", err
	}
	for _, other := range newest {
		if other.Stands() && other.Who == p.Who && other.Why == p.Why && other.Filters == p.Filters && other.SHA256 == p.SHA256 {
			return other.ID, nil
		}
	}
	metadata, err := s.linkMetadata(q, p)
	if err != nil {
		return "", err
	}
	p.MetadataSHA256 = hashed([][]byte{metadata})
	if err := keeper.KeepPermalink(ctx, p, made.parts, [][]byte{metadata}); err != nil {
		return "", err
	}
	s.log.InfoContext(ctx, "permanent link made", "request", RequestID(ctx), "link", p.ID, "audience", p.Audience, "filters", p.Filters, "rows", p.Rows, "bytes", p.Bytes, "sha256", p.SHA256)
	return p.ID, nil
}

// make writes the report, and adds to the link what is known of it then.
func (q linkRequest) make(ctx context.Context, readers Readers, p *stats.Permalink, largest int64) (*keptParts, error) {
	made := &keptParts{most: largest}
	rows, err := WriteObservations(ctx, made, readers, q.values)
	if errors.Is(err, errLinkTooLarge) {
		return nil, problem{status: http.StatusRequestEntityTooLarge, sentence: fmt.Sprintf("The report has more than %s MB, which is more than a permanent link may hold: choose fewer measures, areas or periods.", counted(uint64(largest>>20)))}
	}
	if err != nil {
		return nil, err
	}
	edition, err := q.reader.Edition(ctx, q.AsAt)
	if err != nil {
		return nil, err
	}
	p.AsAt, p.Publication = edition.AsAt, edition.ID
	p.Rows, p.Bytes, p.SHA256 = uint64(rows), uint64(made.size), hashed(made.parts)
	ids, err := made.releases()
	if err != nil {
		return nil, err
	}
	p.Releases, err = q.releases(ctx, ids, *p)
	return made, err
}

// releases is the editions behind the figures, by source.
func (q linkRequest) releases(ctx context.Context, ids map[string]bool, p stats.Permalink) (found []stats.Release, err error) {
	served, err := q.reader.Served(ctx, p.AsAt)
	if err != nil {
		return nil, err
	}
	for _, release := range served {
		if ids[release.ID] {
			found = append(found, release.Release)
			delete(ids, release.ID)
		}
	}
	for id := range ids {
		return nil, fmt.Errorf("release %s is in the report and was not served at %s", id, p.AsAt)
	}
	return found, nil
}

// linkMetadata is the description of the CSV, which is kept with it.
func (s *site) linkMetadata(q linkRequest, p stats.Permalink) ([]byte, error) {
	d := report.Description{URL: "../" + p.ID, Title: observationsTitle, Describe: observationsSays, Filters: q.values, Releases: p.Releases,
		Audience: audienceWords(s.rules, q.audience), AsAt: servedAtWords(p.AsAt), Publisher: s.publisher(q.areas),
		Permanent: &report.Permanent{ID: p.ID, MadeAt: p.MadeAt.UTC(), AsAt: p.AsAt, Audience: p.Audience, InWords: p.InWords,
			Rows: int(p.Rows), Bytes: int64(p.Bytes), SHA256: p.SHA256, Version: p.Version}}
	for _, release := range p.Releases {
		if release.PublishedAt.After(d.Modified) {
			d.Modified = release.PublishedAt
		}
	}
	return report.Metadata(d, report.ObservationColumns)
}

var errLinkTooLarge = errors.New("the report is too large to be kept")

// keptParts takes a report of a bounded size in parts, as they are kept.
type keptParts struct {
	parts      [][]byte
	size, most int64
}

const keptPart = 1 << 20 // bytes of one part

// Write implements io.Writer.
func (k *keptParts) Write(p []byte) (n int, err error) {
	if k.size+int64(len(p)) > k.most {
		return 0, errLinkTooLarge
	}
	for len(p) > 0 {
		last := len(k.parts) - 1
		if last < 0 || len(k.parts[last]) == keptPart {
			k.parts = append(k.parts, make([]byte, 0, keptPart))
			last++
		}
		more := p[:min(len(p), keptPart-len(k.parts[last]))]
		k.parts[last] = append(k.parts[last], more...)
		p, n, k.size = p[len(more):], n+len(more), k.size+int64(len(more))
	}
	return n, nil
}

// releases is the editions that the rows name.
func (k *keptParts) releases() (map[string]bool, error) {
	var readers []io.Reader
	for _, part := range k.parts {
		readers = append(readers, bytes.NewReader(part))
	}
	rows := csv.NewReader(io.MultiReader(readers...))
	rows.ReuseRecord = true
	ids := map[string]bool{}
	column := -1
	for {
		record, err := rows.Read()
		if err == io.EOF {
			return ids, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read the report again: %w", err)
		}
		if column < 0 {
			if column = slices.Index(record, "release"); column < 0 {
				return nil, errors.New("the report has no column of releases")
			}
			continue
		}
		for id := range strings.SplitSeq(record[column], "; ") {
			if id != "" {
				ids[strings.Clone(id)] = true
			}
		}
	}
}

func hashed(parts [][]byte) string {
	sum := sha256.New()
	for _, part := range parts {
		sum.Write(part) // never fails
	}
	return hex.EncodeToString(sum.Sum(nil))
}
