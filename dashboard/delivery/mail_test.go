package delivery_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stalkstats/dashboard"
	"stalkstats/internal/mail"
	"stalkstats/internal/mail/mailtest"
	"stalkstats/internal/stats"
)

const board = "board@example.org"

// byMail is a bench whose reports go to an address by a server on this machine.
func byMail(t *testing.T, change func(*stats.SavedReport)) (*bench, *mailtest.Server) {
	t.Helper()
	b, server := newBench(t), mailtest.New(t, mail.STARTTLS)
	settings := server.Settings(mail.STARTTLS)
	b.o.Mail, b.o.Saving.MailTo, b.o.Saving.Pages = &settings, []string{"other@example.org", board}, "https://stalkstats.example/"
	b.save(t, func(r *stats.SavedReport) {
		r.Place = mail.Place(board)
		if change != nil {
			change(r)
		}
	})
	return b, server
}

// parts is the text of a letter and what comes with it, by its name.
func parts(t *testing.T, l mailtest.Letter) (text string, attached map[string][]byte) {
	t.Helper()
	kind, parameters, err := mime.ParseMediaType(l.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(kind, "multipart/") {
		return decoded(t, l.Header.Get("Content-Transfer-Encoding"), strings.NewReader(l.Body)), nil
	}
	attached = map[string][]byte{}
	for r := multipart.NewReader(strings.NewReader(l.Body), parameters["boundary"]); ; {
		part, err := r.NextRawPart()
		if err == io.EOF {
			return text, attached
		}
		if err != nil {
			t.Fatal(err)
		}
		content := decoded(t, part.Header.Get("Content-Transfer-Encoding"), part)
		if name := part.FileName(); name != "" {
			attached[name] = []byte(content)
		} else {
			text = content
		}
	}
}

func decoded(t *testing.T, encoding string, r io.Reader) string {
	t.Helper()
	switch encoding {
	case "quoted-printable":
		r = quotedprintable.NewReader(r)
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, r)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func subject(t *testing.T, l mailtest.Letter) string {
	t.Helper()
	words, err := new(mime.WordDecoder).DecodeHeader(l.Header.Get("Subject"))
	if err != nil {
		t.Fatal(err)
	}
	return words
}

// TestMailed: a report comes once, in the bytes that the folder would have, with a
// text that says what it is and how to stop it.
func TestMailed(t *testing.T) {
	b, server := byMail(t, nil)
	b.save(t, func(r *stats.SavedReport) { r.ID = "s2" })
	for range 2 {
		b.restart(t, "2024-02-01 07:00")
	}
	if len(server.Letters) != 1 {
		t.Fatalf("%d mails: %q\n%s", len(server.Letters), b.rows(t), b.log)
	}
	const file = "Board report published 2024-01-10.zip"
	l := server.Letters[0]
	if got := subject(t, l); got != "Board report: figures up to 31 January 2023 (published)" || l.To != board || !l.TLS {
		t.Errorf("subject %q to %s, TLS %v", got, l.To, l.TLS)
	}
	text, attached := parts(t, l)
	if !bytes.Equal(attached[file], b.read(t, file)) || len(attached) != 1 {
		t.Errorf("attached are %d files, of which the report has %d bytes", len(attached), len(attached[file]))
	}
	for _, want := range []string{"Board report\r\n", "Audience: Published: numbers under 5 hidden, others rounded to 5\r\n", "Figures as at: 10 January 2024, 06:00 GMT", "Measures: Stalking charges\r\n", "Rows: 2\r\n",
		"The zip is attached.", "saved by Ann Example on 15 January 2024, 12:00 GMT, and was due on 1 February 2024, 07:00 GMT", "remove the report at https://stalkstats.example/reports/saved"} {
		if !strings.Contains(text, want) {
			t.Errorf("text %q, want %q", text, want)
		}
	}
	if strings.Contains(text, "true figures") {
		t.Errorf("%q", text)
	}
	want := []string{"02-01 07:00 sending: " + file, "02-01 07:00 delivered: " + file, "02-01 07:00 delivered: " + file}
	if diff := cmp.Diff(want, b.rows(t)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	sent := b.downloads(t)
	if len(sent) != 2 || sent[0].Channel != stats.ScheduleChannel || sent[0].SHA256 != sent[1].SHA256 {
		t.Errorf("downloads %+v", sent)
	}
	if strings.Contains(b.log.String(), board) || strings.Contains(b.log.String(), mailtest.Password) {
		t.Errorf("the log tells an address or the password: %s", b.log)
	}
}

// TestMarkedMail: what a mail holds has the marking of its audience, before the subject and
// as its first and last line.
func TestMarkedMail(t *testing.T) {
	for audience, want := range map[string]string{dashboard.Internal: "OFFICIAL-SENSITIVE", dashboard.Published: "FOR EVERYBODY"} {
		b, server := byMail(t, func(r *stats.SavedReport) { r.Audience = audience })
		b.o.Saving.MailInternal, b.o.Markings = true, dashboard.Markings{Internal: "OFFICIAL-SENSITIVE", Published: "FOR EVERYBODY"}
		b.restart(t, "2024-02-01 07:00")
		if len(server.Letters) != 1 {
			t.Fatalf("%d mails, %q", len(server.Letters), b.rows(t))
		}
		text, _ := parts(t, server.Letters[0])
		text = strings.ReplaceAll(text, "\r\n", "\n")
		if !strings.HasPrefix(subject(t, server.Letters[0]), want+": ") || !strings.HasPrefix(text, want+"\n\n") || !strings.HasSuffix(text, "\n"+want+"\n") || strings.Count(text, "OFFICIAL")+strings.Count(text, "FOR EVERYBODY") != 2 {
			t.Errorf("%s: subject %q, text %q", audience, subject(t, server.Letters[0]), text)
		}
	}
}

// TestAHostileName adds no header, no recipient and no second body.
func TestAHostileName(t *testing.T) {
	b, server := byMail(t, func(r *stats.SavedReport) {
		r.Name = "Board\r\nBcc: eve@example.org\r\n\r\n<script>\u202e\"; filename=\"x.exe"
		r.Who = "Ann\r\n.\r\nMAIL FROM:<x@example.org>"
	})
	b.restart(t, "2024-02-01 07:00")
	if len(server.Letters) != 1 {
		t.Fatalf("%d mails, %q", len(server.Letters), b.rows(t))
	}
	l := server.Letters[0]
	if l.Header.Get("Bcc") != "" || !strings.HasPrefix(subject(t, l), `Board Bcc: eve@example.org <script> "; filename="x.exe: figures up to`) {
		t.Errorf("subject %q", subject(t, l))
	}
	text, attached := parts(t, l)
	if len(attached["Board Bcc eve example org script filename x exe published 2024-01-10.zip"]) == 0 {
		t.Errorf("attached is %v", len(attached))
	}
	if !strings.Contains(text, "saved by Ann . MAIL FROM:<x@example.org> on") {
		t.Errorf("%q", text)
	}
}

// TestTrueFiguresByMail go only where the configuration lets them.
func TestTrueFiguresByMail(t *testing.T) {
	internal := func(r *stats.SavedReport) {
		r.Audience, r.Filters = dashboard.Internal, "audience=internal&measure=stalking_charges"
	}
	b, server := byMail(t, internal)
	b.restart(t, "2024-02-01 07:00")
	if got := b.rows(t); len(server.Letters) != 0 || len(got) != 1 || got[0] != "02-01 07:00 failed: True figures are not mailed: reports.mail_internal is off in the configuration." {
		t.Errorf("%d mails, %q", len(server.Letters), got)
	}
	b.o.Saving.MailInternal = true
	b.restart(t, "2024-02-01 07:10")
	if len(server.Letters) != 1 {
		t.Fatalf("%d mails, %q", len(server.Letters), b.rows(t))
	}
	text, attached := parts(t, server.Letters[0])
	if got := subject(t, server.Letters[0]); got != "Board report: figures up to 31 January 2023 (INTERNAL, true figures)" || !strings.Contains(text, "These are true figures, for the force alone.") {
		t.Errorf("subject %q, text %q", got, text)
	}
	if csv := inside(t, attached["Board report internal 2024-01-10.zip"], "observations.csv"); !strings.Contains(csv, ",21,") {
		t.Error(csv)
	}
}

// TestAnAddressThatIsGone from the configuration gets nothing.
func TestAnAddressThatIsGone(t *testing.T) {
	b, server := byMail(t, nil)
	b.o.Saving.MailTo = []string{"other@example.org"}
	b.restart(t, "2024-02-01 07:00")
	if got := b.rows(t); len(server.Letters) != 0 || len(got) != 1 || got[0] != "02-01 07:00 failed: The address that it was to be mailed to is not in reports.mail_to of the configuration any more." {
		t.Errorf("%d mails, %q", len(server.Letters), got)
	}
}

// TestTheServerRefuses: why is told without the address, and the mail is tried
// again at the next start and comes once.
func TestTheServerRefuses(t *testing.T) {
	b, server := byMail(t, nil)
	server.Refuse[board] = true
	d := b.start(t)
	b.look(t, d, "2024-02-01 07:00")
	b.look(t, d, "2024-02-01 07:01")
	got := b.rows(t)
	if len(got) != 2 || !strings.Contains(got[1], "did not take the mail: ") || !strings.Contains(got[1], "no such person: the address") || strings.Contains(got[1]+b.log.String(), board) {
		t.Errorf("%q\n%s", got, b.log)
	}
	if sent := b.downloads(t); len(sent) != 1 || sent[0].Complete {
		t.Errorf("downloads %+v", sent)
	}
	server.Refuse[board] = false
	for range 2 {
		b.restart(t, "2024-02-01 08:00")
	}
	if len(server.Letters) != 1 {
		t.Errorf("%d mails, %q", len(server.Letters), b.rows(t))
	}
}

// TestKilledWhileAMailIsSent: nobody knows whether it arrived, and it is not sent
// again for that time.
func TestKilledWhileAMailIsSent(t *testing.T) {
	b, server := byMail(t, nil)
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
	b.restart(t, "2024-03-01 07:00")
	if len(server.Letters) != 2 {
		t.Errorf("%d mails, %q", len(server.Letters), b.rows(t))
	}
}

// TestNotRecordedIsNotSent: where it cannot be noted that a mail is sent, it stays.
func TestNotRecordedIsNotSent(t *testing.T) {
	b, server := byMail(t, nil)
	b.o.Store = lossy{b.store, func(stats.ReportDelivery) error { return errors.New("the connection was lost") }}
	b.at(t, "2024-02-01 07:00")
	if err := b.start(t).Look(t.Context()); err == nil || len(server.Letters) != 0 {
		t.Errorf("%d mails, error %v", len(server.Letters), err)
	}
}

// TestTooLargeForAMail: the mail says where the report is.
func TestTooLargeForAMail(t *testing.T) {
	b, server := byMail(t, nil)
	b.o.Maker = large{b.o.Maker}
	b.restart(t, "2024-02-01 07:00")
	b.o.Saving.Folder = ""
	b.restart(t, "2024-03-01 07:00")
	if len(server.Letters) != 2 {
		t.Fatalf("%d mails, %q", len(server.Letters), b.rows(t))
	}
	const file = "Board report published 2024-01-10.zip"
	for i, want := range []string{"It is in the folder of reports: " + b.folder + "/" + file + ".", "It is downloaded from https://stalkstats.example/reports?audience=published&measure=stalking_charges&show=yes."} {
		if text, attached := parts(t, server.Letters[i]); len(attached) != 0 || !strings.Contains(text, "The zip has more than 10 MB, which is too much for a mail. "+want) {
			t.Errorf("%d attached, text %q, want %q", len(attached), text, want)
		}
	}
	if diff := cmp.Diff([]string{file}, b.files(t)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
