package dashboard

import (
	"fmt"
	"net/http"
	"strings"

	"stalkstats/dashboard/signin"
	"stalkstats/internal/stats"
)

// permalinkPage is what is known of a permanent link.
type permalinkPage struct {
	frame
	Address             string // with the site, to copy
	Elsewhere           string // where those find it who cannot open this site; empty where nobody else may
	Path, Metadata      string
	Withdrawn           string // by whom, when and why; empty while it stands
	Withdraw            string // the form; empty where it cannot be withdrawn
	Who, Why, MadeAt    string // Who is empty for the published audience
	AsAt, For           string
	InWords             []string
	Filters             string
	Rows, Bytes, SHA256 string
	Publication, MadeBy string
	Sources             []releaseLine
}

// permalinksPage lists the permanent links.
type permalinksPage struct {
	frame
	Links []permalinkRow
	More  string // that there are more than the page lists; empty where there are not
}

type permalinkRow struct {
	Link                                         link
	MadeAt, Who, Why, For, AsAt, Rows, Withdrawn string
	InWords                                      []string
}

// audienceOf says whom the figures of a link are for.
func audienceOf(p stats.Permalink) string {
	if p.ForPublished() {
		return "published: small numbers hidden, others rounded"
	}
	return "internal: true figures"
}

// permalinkAbout tells what is known of a permanent link. The published audience
// is told no more of one that was withdrawn than that.
func (s *site) permalinkAbout(reader permalinkReader) handler {
	find := findPermalink
	if !s.isInternal() {
		find = standingPermalink
	}
	return func(w http.ResponseWriter, r *http.Request) error {
		p, err := find(r, reader)
		if err != nil {
			return err
		}
		page := buildPermalink(p, s.titles)
		page.Address = s.origin(r).String() + page.Path
		if s.isInternal() && p.ForPublished() {
			page.Elsewhere = "Give nobody outside the force this address. On the site for everybody, where there is one, it ends the same: " + page.Path
		}
		if s.isInternal() && s.offers(r, signin.DataOwner) && p.Stands() {
			page.Withdraw = page.Path + "/withdraw"
		}
		if page.frame, err = s.frameOfReport(r, reader, p.Audience, capitalised(audienceOf(p)))(page.frame); err != nil {
			return err
		}
		return s.render(w, "permalink", page)
	}
}

func buildPermalink(p stats.Permalink, titles sourceTitles) permalinkPage {
	page := permalinkPage{
		Path: permalinkAddress(p.ID), Metadata: permalinkAddress(p.ID) + "/metadata.json", Who: p.Who, Why: p.Why, MadeAt: moment(p.MadeAt),
		AsAt: exactMoment(p), For: audienceOf(p), InWords: p.InWords, Filters: p.Filters,
		Rows: counted(p.Rows), Bytes: counted(p.Bytes), SHA256: p.SHA256, Publication: p.Publication, MadeBy: "stalkstats " + p.Version,
	}
	page.Title = fmt.Sprintf("The report that was kept on %s: %s, figures as at %s", day(today(p.MadeAt)), plural(int(p.Rows), "row", "rows"), day(today(p.AsAt)))
	if !p.Stands() {
		page.Title = "Withdrawn: the report that was kept on " + day(today(p.MadeAt))
		page.Withdrawn = withdrawnWords(p)
	}
	for _, release := range p.Releases {
		page.Sources = append(page.Sources, releaseLine{
			Load: link{Text: release.ID, Address: runAddress(release.ID)}, Source: link{Text: titles.heading(release.Source), Address: sourceAddress(release.Source)},
			File: release.File, SHA256: release.SHA256, Retrieved: moment(release.RetrievedAt), Published: moment(release.PublishedAt),
		})
	}
	return page
}

// exactMoment is the moment of a link's figures, to the microsecond.
func exactMoment(p stats.Permalink) string {
	return moment(p.AsAt) + " (" + p.AsAt.UTC().Format("2006-01-02T15:04:05.000000Z") + ")"
}

func withdrawnWords(p stats.Permalink) string {
	by := ""
	if p.Withdrawn.Who != "" {
		by = " by " + p.Withdrawn.Who
	}
	return sentence("It was withdrawn on "+moment(p.Withdrawn.At)+by, p.Withdrawn.Why)
}

// permalinksListed is how many links the page lists.
const permalinksListed = 500

func (s *site) permalinks(keeper permalinksKeeper) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if _, err := parameters(r); err != nil {
			return err
		}
		all, err := keeper.Permalinks(r.Context(), permalinksListed+1)
		if err != nil {
			return err
		}
		page := buildPermalinks(all)
		if page.frame, err = s.plainFrame(r, keeper, page.frame); err != nil {
			return err
		}
		return s.render(w, "permalinks", page)
	}
}

func buildPermalinks(all []stats.Permalink) permalinksPage {
	page := permalinksPage{}
	page.Unfigured = true
	if len(all) > permalinksListed {
		all = all[:permalinksListed]
		page.More = fmt.Sprintf("These are the newest %d.", permalinksListed)
	}
	withdrawn := 0
	for _, p := range all {
		row := permalinkRow{Link: link{Text: p.ID, Address: permalinkAddress(p.ID) + "/about"}, MadeAt: shortMoment(p.MadeAt), Who: p.Who, Why: p.Why,
			For: p.Audience, AsAt: shortMoment(p.AsAt), Rows: counted(p.Rows), InWords: p.InWords}
		if !p.Stands() {
			row.Withdrawn = withdrawnWords(p)
			withdrawn++
		}
		page.Links = append(page.Links, row)
	}
	switch {
	case len(all) == 0:
		page.Title = "No report has been kept under a permanent link yet"
	case page.More != "":
		page.Title = fmt.Sprintf("More than %d reports are kept under permanent links", permalinksListed)
	default:
		page.Title = strings.Replace(plural(len(all), "report is kept", "reports are kept")+" under a permanent link", "are kept under a permanent link", "are kept under permanent links", 1)
		if withdrawn > 0 {
			page.Title += fmt.Sprintf(", of which %d withdrawn", withdrawn)
		}
	}
	return page
}

// withdrawablePage asks who withdraws a link, and why.
func withdrawablePage(p stats.Permalink) *confirmPage {
	return newConfirmPage(action{
		Finding: "Withdraw the permanent link of " + moment(p.MadeAt) + "?",
		Says: []string{
			fmt.Sprintf("It was made by %s: %s. It holds %s.", p.Who, strings.TrimSuffix(p.Why, "."), plural(int(p.Rows), "row", "rows")),
			"Its address will answer that it was withdrawn and when, and hand nothing out any more. This cannot be taken back: a new link can be made.",
		},
		Lists:   p.InWords,
		Warning: "Your name and your reason are shown in the force alone. Who has downloaded the file keeps it, and a browser may show its copy for an hour.",
		Button:  "Withdraw the link", NeedsWhy: true, Grave: true,
		Back: link{Text: "the link", Address: permalinkAddress(p.ID) + "/about"},
	}, permalinkAddress(p.ID)+"/withdraw")
}

// withdrawable is the link of an address, if it can be withdrawn.
func (s *site) withdrawable(r *http.Request, keeper permalinksKeeper) (stats.Permalink, error) {
	if !s.actions {
		return stats.Permalink{}, problem{status: http.StatusForbidden, sentence: "No permanent link can be withdrawn on these pages: dashboard.actions is off in the configuration."}
	}
	p, err := findPermalink(r, keeper)
	if err == nil && !p.Stands() {
		err = conflict("This link was withdrawn already.")
	}
	return p, err
}

func (s *site) withdrawPermalinkForm(keeper permalinksKeeper) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		p, err := s.withdrawable(r, keeper)
		if err != nil {
			return err
		}
		page := withdrawablePage(p)
		if page.frame, err = s.frameOfReport(r, keeper, p.Audience, capitalised(audienceOf(p)))(page.frame); err != nil {
			return err
		}
		return s.render(w, "confirm", page)
	}
}

// withdrawPermalink adds that a link is withdrawn.
func (s *site) withdrawPermalink(keeper permalinksKeeper) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		p, err := s.withdrawable(r, keeper)
		if err != nil {
			return err
		}
		signed, ok, err := s.signed(w, r, withdrawablePage(p), s.frameOfReport(r, keeper, p.Audience, capitalised(audienceOf(p))))
		if !ok {
			return err
		}
		if err := keeper.WithdrawPermalink(r.Context(), p.ID, stats.TakenBack{At: s.now(), Who: signed.Who, Why: signed.Why}); err != nil {
			return err
		}
		s.log.InfoContext(r.Context(), "permanent link withdrawn", "request", RequestID(r.Context()), "link", p.ID)
		http.Redirect(w, r, permalinkAddress(p.ID)+"/about", http.StatusSeeOther)
		return nil
	}
}
