package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"stalkstats/dashboard"
	"stalkstats/dashboard/delivery"
	"stalkstats/dashboard/disclosure"
	"stalkstats/dashboard/published"
	"stalkstats/internal/mail"
	"stalkstats/internal/mail/mailtest"
	"stalkstats/internal/stats"
)

// packByMail is a bench that mails a board pack, of six months of charges.
func packByMail(t *testing.T, change func(*stats.SavedReport)) (*bench, *mailtest.Server) {
	t.Helper()
	b, server := byMail(t, func(r *stats.SavedReport) {
		r.Kind, r.Audience, r.Filters = stats.SavedPack, dashboard.Internal, "area=E23000026&audience=internal&page=/measures/stalking_charges&page=/changes"
		r.Name = "Monday board"
		if change != nil {
			change(r)
		}
	})
	for month := 2; month <= 7; month++ {
		b.exec(t, fmt.Sprintf(`INSERT INTO observations (release_id, source, slice, measure, area_code, period_start, period_end, value, file, source_row) VALUES ('r1','force_return','2023','stalking_charges','E23000026','2023-%02d-01',toLastDayOfMonth(toDate('2023-%02d-01')),%d,'f.csv',%d)`, month, month, 7001+15*month, month+1))
	}
	rules, now := disclosure.Rules{Threshold: 5, Rounding: 5}, func() time.Time { return b.now }
	b.o.Packer = dashboard.NewPacker(dashboard.Options{Reader: b.store, Published: published.NewReader(b.store, published.NewKeeper(b.store, rules, now, b.o.Log)), Rules: rules, Home: "E23000026",
		Saving: b.o.Saving, Logger: b.o.Log, Now: now})
	b.o.Saving.MailInternal = true
	return b, server
}

// TestAPackIsMailed once for a time, also after several were missed, with its charts as
// pictures and their figures in words, and every delivery is recorded.
func TestAPackIsMailed(t *testing.T) {
	b, server := packByMail(t, nil)
	for _, at := range []string{"2024-02-01 07:00", "2024-02-01 07:01", "2024-05-03 09:00", "2024-05-03 09:01"} {
		b.restart(t, at)
	}
	if len(server.Letters) != 2 {
		t.Fatalf("%d mails: %q\n%s", len(server.Letters), b.rows(t), b.log)
	}
	want := []string{"02-01 07:00 sending: ", "02-01 07:00 delivered: ", "05-01 06:00 sending: ", "05-01 06:00 delivered: "}
	if diff := cmp.Diff(want, b.rows(t)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	l := server.Letters[0]
	if got := subject(t, l); got != "Monday board: figures up to 31 July 2023 (INTERNAL, true figures)" || l.To != board || !l.TLS {
		t.Errorf("subject %q to %s, TLS %v", got, l.To, l.TLS)
	}
	p := l.Open(t)
	if diff := cmp.Diff([]string{"multipart/related", "multipart/alternative", "text/plain", "text/html", "image/png"}, p.Kinds); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, says := range []string{"Not for publication.", "Monday board", "Newest figure", "ends on 31 July 2023", "Figures as at", "Internal: true figures", "Bedfordshire", "saved by Ann Example on 15 January 2024, 12:00 GMT, and was due on 1 February 2024, 07:00 GMT", "remove the report at https://stalkstats.example/reports/saved"} {
		if !strings.Contains(p.Text, says) || !strings.Contains(p.HTML, says) {
			t.Errorf("not in both parts: %q\n%s", says, p.Text)
		}
	}
	if !strings.Contains(p.Text, "Jul 2023") || !strings.Contains(p.Text, " | 7,106") || !strings.Contains(p.HTML, `<td align="right">7,106</td>`) {
		t.Errorf("the newest figure is not told:\n%s", p.Text)
	}
	if since := server.Letters[1].Open(t).Text; !strings.Contains(p.Text, "/changes?since=2024-01-01") || !strings.Contains(since, "/changes?since=2024-02-01") {
		t.Errorf("changes are told since another day:\n%s\n%s", p.Text, since)
	}
	sent := b.downloads(t)
	if len(sent) != 2 || sent[0].Report != dashboard.PackReport || sent[0].Channel != stats.ScheduleChannel || !sent[0].Complete || sent[0].Rows < 7 || sent[0].Bytes < 10_000 || sent[0].Audience != dashboard.Internal {
		t.Errorf("downloads %+v", sent)
	}
	if strings.Contains(b.log.String(), board) || strings.Contains(b.log.String(), "level=ERROR") {
		t.Errorf("the log: %s", b.log)
	}
}

// TestAHostilePack adds no header, no recipient, no markup and no second body.
func TestAHostilePack(t *testing.T) {
	const name = "Board\r\nBcc: eve@example.org\r\n\r\n</title><script>alert(1)</script><img src=x onerror=alert(1)>\u202e"
	b, server := packByMail(t, func(r *stats.SavedReport) { r.Name, r.Who = name, name })
	b.exec(t, `INSERT INTO areas (release_id, source, slice, area_code, area_name, kind, source_row) VALUES ('r9','areas','all','E23000026','Bed</td><script>alert(1)</script><svg onload=alert(1)>\r\nBcc: eve@example.org','territorial_force',2)`)
	b.exec(t, `INSERT INTO releases (release_id, source, file, sha256, retrieved_at, created_at) VALUES ('r9','areas','areas.csv','s9','2024-01-12','2024-01-12')`)
	b.exec(t, `INSERT INTO published (source, slice, release_id, published_at, run_id) VALUES ('areas','all','r9','2024-01-12','r9')`)
	b.restart(t, "2024-02-01 07:00")
	if len(server.Letters) != 1 {
		t.Fatalf("%d mails, %q\n%s", len(server.Letters), b.rows(t), b.log)
	}
	l := server.Letters[0]
	if l.Header.Get("Bcc") != "" || len(subject(t, l)) > 250 {
		t.Errorf("header %v", l.Header)
	}
	p := l.Open(t)
	if len(p.Kinds) != 5 {
		t.Errorf("parts %v", p.Kinds)
	}
	root, err := html.Parse(strings.NewReader(p.HTML))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "src" && !strings.HasPrefix(a.Val, "cid:") {
				t.Errorf("%s has %s=%q", n.Data, a.Key, a.Val)
			}
		}
		if n.Type == html.ElementNode && slices.Contains([]string{"script", "svg", "iframe", "object"}, n.Data) {
			t.Errorf("it has the element %s", n.Data)
		}
	}
	if strings.Contains(p.Text, "\nBcc:") || strings.Contains(p.Text+p.HTML, "\u202e") {
		t.Errorf("%s", p.Text)
	}
	if !strings.Contains(p.HTML, "Bed&lt;/td&gt;&lt;script&gt;alert(1)&lt;/script&gt;") || !strings.Contains(p.Text, "Bed</td><script>alert(1)</script>") {
		t.Errorf("the name of the force is not told as it is:\n%s", p.Text)
	}
}

// TestPacksThatAreNotMailed say why in one sentence, and nothing is sent.
func TestPacksThatAreNotMailed(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*stats.SavedReport)
		set    func(*delivery.Options)
		want   string
	}{
		"true figures":  {nil, func(o *delivery.Options) { o.Saving.MailInternal = false }, "True figures are not mailed: reports.mail_internal is off in the configuration."},
		"into a folder": {func(r *stats.SavedReport) { r.Place = stats.FolderPlace }, nil, "A board pack is only mailed, and is not put into a folder."},
		"a page that is gone": {func(r *stats.SavedReport) {
			r.Filters = "area=E23000026&audience=internal&page=/measures/gone"
		}, nil, "The page “/measures/gone” of the pack is not there: open it to see why."},
		"a page of the force alone": {func(r *stats.SavedReport) {
			r.Audience, r.Filters = dashboard.Published, "area=E23000026&audience=published&page=/changes"
		}, nil, "for the published audience."},
		"true figures as published ones": {func(r *stats.SavedReport) { r.Audience = dashboard.Published }, nil, "The report could not be made: the log says why."},
		"no page":                        {func(r *stats.SavedReport) { r.Filters = "audience=internal" }, nil, "No page is chosen for the pack."},
		"another audience":               {func(r *stats.SavedReport) { r.Filters = "audience=all&page=/" }, nil, "The audience is internal or published, not “all”."},
		"more than a mail takes":         {nil, func(o *delivery.Options) { o.Packer = heavy{o.Packer} }, "The mail would have more than 10 MB: choose fewer pages for the pack."},
		"a panic":                        {nil, func(o *delivery.Options) { o.Packer = nil }, "The report could not be made: the log says why."},
	} {
		t.Run(name, func(t *testing.T) {
			b, server := packByMail(t, c.change)
			if c.set != nil {
				c.set(&b.o)
			}
			b.restart(t, "2024-02-01 07:00")
			if got := b.rows(t); len(server.Letters) != 0 || len(got) != 1 || !strings.HasPrefix(got[0], "02-01 07:00 failed: ") || !strings.HasSuffix(got[0], c.want) {
				t.Errorf("%d mails, %q", len(server.Letters), got)
			}
		})
	}
}

// A heavy packer makes mails that no server takes.
type heavy struct{ delivery.Packer }

func (h heavy) Mail(ctx context.Context, filters string, wish dashboard.PackWish) (dashboard.PackMail, error) {
	made, err := h.Packer.Mail(ctx, filters, wish)
	made.Pictures = append(made.Pictures, mail.Picture{ID: "chart-0", PNG: make([]byte, 11<<20)})
	return made, err
}

// TestKilledWhileAPackIsSent: nobody knows whether it arrived, and it is not sent
// again for that time.
func TestKilledWhileAPackIsSent(t *testing.T) {
	b, server := packByMail(t, nil)
	killed := errors.New("killed")
	b.o.Store = lossy{b.store, func(d stats.ReportDelivery) error {
		if d.Outcome != stats.Sending {
			return killed
		}
		return nil
	}}
	b.at(t, "2024-02-01 07:00")
	if err := b.start(t).Look(t.Context()); !errors.Is(err, killed) {
		t.Errorf("error %v", err)
	}
	b.o.Store = b.store
	b.restart(t, "2024-02-01 07:05")
	if got := b.rows(t); len(server.Letters) != 1 || len(got) != 1 || !strings.Contains(got[0], " sending: ") {
		t.Errorf("%d mails, %q", len(server.Letters), got)
	}
}

// TestAPackForThePublished has what everybody may see, no link to the force's own
// pages, and no number that is hidden.
func TestAPackForThePublished(t *testing.T) {
	b, server := packByMail(t, func(r *stats.SavedReport) {
		r.Audience, r.Filters = dashboard.Published, "area=E23000026&audience=published&page=/measures/stalking_charges"
	})
	b.o.Saving.MailInternal = false
	b.restart(t, "2024-02-01 07:00")
	if len(server.Letters) != 1 {
		t.Fatalf("%d mails, %q\n%s", len(server.Letters), b.rows(t), b.log)
	}
	p := server.Letters[0].Open(t)
	if strings.Contains(p.Text, "Not for publication") || !strings.Contains(p.Text, "Published: numbers under 5 hidden, others rounded to 5") || strings.Contains(p.HTML, `href="https://`) {
		t.Errorf("%s\n%s", p.Text, p.HTML)
	}
	for _, told := range []string{"7,031", "7,046", "7,061", "7,076", "7,091", "7,106"} { // of which none is a multiple of 5
		if strings.Contains(p.Text, told) || strings.Contains(p.HTML, told) || strings.Contains(p.HTML, strings.ReplaceAll(told, ",", "")) {
			t.Errorf("it tells %s:\n%s", told, p.Text)
		}
	}
	if !strings.Contains(p.Text, "7,105") {
		t.Errorf("the newest figure is not told:\n%s", p.Text)
	}
}
