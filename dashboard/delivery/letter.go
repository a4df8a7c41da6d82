package delivery

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"stalkstats/dashboard"
	"stalkstats/internal/mail"
	"stalkstats/internal/stats"
)

const (
	// largestAttached is how many bytes come with a mail: most servers refuse more
	// than twice as much.
	largestAttached = 10 << 20
	longestLine     = 4000
	longMoment      = "2 January 2006, 15:04 MST"
)

// A refusal is why a report is not delivered, in one sentence.
type refusal string

// Error implements error.
func (r refusal) Error() string { return string(r) }

// destination is the address that a report is mailed to; empty: the folder.
func (d *Deliverer) destination(r stats.SavedReport) (to string, err error) {
	if r.Place == stats.FolderPlace {
		if r.Kind == stats.SavedPack {
			return "", refusal("A board pack is only mailed, and is not put into a folder.")
		}
		if d.o.Saving.Folder == "" {
			return "", refusal("No folder for reports is set any more: reports.folder in the configuration is empty.")
		}
		return "", nil
	}
	for _, address := range d.o.Saving.MailTo {
		if mail.Place(address) == r.Place {
			to = address
		}
	}
	switch {
	case to == "" || d.o.Mail == nil:
		return "", refusal("The address that it was to be mailed to is not in reports.mail_to of the configuration any more.")
	case r.Audience != dashboard.Published && !d.o.Saving.MailInternal:
		return "", refusal("True figures are not mailed: reports.mail_internal is off in the configuration.")
	}
	return to, nil
}

// mail sends the report, or where it is too large says where to find it. The row
// that it is being sent comes first.
func (d *Deliverer) mail(ctx context.Context, r stats.SavedReport, to string, f spooled, row *stats.ReportDelivery) (err error) {
	attached := row.Bytes <= largestAttached
	found := "The zip is attached."
	if !attached {
		if found, err = d.elsewhere(r, f, row); err != nil {
			return err
		}
	}
	letter := mail.Letter{To: to, At: row.Began, ID: letterID(r, row), Subject: dashboard.MailSubject(r.Name, f.made.Last, r.Audience, d.o.Markings.Of(r.Audience)), Text: d.text(r, f, row, found)}
	if attached {
		letter.Attached = &mail.Attachment{Name: row.File, Kind: "application/zip", Path: f.path}
	}
	return d.send(ctx, letter, f.sent, row)
}

// send hands a letter to the mail server once it is recorded that it is being sent.
func (d *Deliverer) send(ctx context.Context, letter mail.Letter, sent stats.Download, row *stats.ReportDelivery) error {
	row.Outcome = stats.Sending
	if err := d.record(ctx, row); err != nil {
		return err
	}
	// What was begun is ended: else nobody would know whether it arrived.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), afterwards)
	defer cancel()
	err := d.o.Mail.Send(ctx, letter)
	d.recordDownload(ctx, sent, err == nil)
	if err != nil {
		return refusal(sentenceOf(err))
	}
	return nil
}

// letterID names the letter of a delivery: a second one for the same time has the same.
func letterID(r stats.SavedReport, row *stats.ReportDelivery) string {
	return r.ID + "." + row.Due.UTC().Format("20060102T150405")
}

// elsewhere says where a report is that is too large for a mail.
func (d *Deliverer) elsewhere(r stats.SavedReport, f spooled, row *stats.ReportDelivery) (found string, err error) {
	const large = "The zip has more than 10 MB, which is too much for a mail. "
	if d.o.Saving.Folder == "" {
		return large + "It is downloaded from " + d.page(dashboard.ReportAddress(r.Filters)) + ".", nil
	}
	if row.File, err = put(d.o.Saving.Folder, f, row.File); err != nil {
		return "", err
	}
	return large + "It is in the folder of reports: " + filepath.Join(d.o.Saving.Folder, row.File) + ".", nil
}

// page is an address of the pages, as far as it is known.
func (d *Deliverer) page(path string) string {
	if d.o.Saving.Pages == "" {
		return "the pages of stalkstats, " + path
	}
	return strings.TrimSuffix(d.o.Saving.Pages, "/") + path
}

// text is the whole mail. It holds no figure: those are in the zip.
func (d *Deliverer) text(r stats.SavedReport, f spooled, row *stats.ReportDelivery, found string) string {
	var b strings.Builder
	line := func(words string) { b.WriteString(mail.OneLine(words, longestLine) + "\n") }
	marking := d.o.Markings.Of(r.Audience)
	if marking != "" {
		line(marking)
		b.WriteString("\n")
	}
	line(r.Name)
	b.WriteString("\n")
	line("Audience: " + f.made.Audience)
	line("Newest figure: " + dashboard.NewestFigure(f.made.Last))
	line("Figures as at: " + f.made.AsAt.In(d.o.Zone).Format(longMoment))
	for _, filter := range f.made.InWords {
		line(filter)
	}
	line(fmt.Sprintf("Rows: %d", row.Rows))
	line("File: " + row.File)
	line("SHA-256: " + row.SHA256)
	b.WriteString("\n")
	line(found)
	b.WriteString("\n")
	for _, words := range d.closing(r, row) {
		line(words)
	}
	if r.Audience != dashboard.Published {
		b.WriteString("\n")
		line("These are true figures, for the force alone. Do not pass them on.")
	}
	if marking != "" {
		b.WriteString("\n")
		line(marking)
	}
	return b.String()
}

// closing says who has a report delivered, and how to stop it.
func (d *Deliverer) closing(r stats.SavedReport, row *stats.ReportDelivery) []string {
	return []string{
		fmt.Sprintf("It was saved by %s on %s, and was due on %s.", r.Who, r.SavedAt.In(d.o.Zone).Format(longMoment), row.Due.In(d.o.Zone).Format(longMoment)),
		"To stop it, remove the report at " + d.page(dashboard.SavedAddress) + ", or ask whoever saved it.",
	}
}

// sentenceOf is an error as a sentence.
func sentenceOf(err error) string {
	words := err.Error()
	return strings.ToUpper(words[:1]) + strings.TrimSuffix(words[1:], ".") + "."
}
