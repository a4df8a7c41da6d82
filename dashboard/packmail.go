package dashboard

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"stalkstats/dashboard/letter"
	"stalkstats/dashboard/picture"
	"stalkstats/dashboard/query"
	"stalkstats/internal/mail"
)

// The addresses of packs.
const (
	packPath     = "/pack"
	packMailPath = "/pack.eml"
	savePackPath = "/pack/save"
)

// PackReport is what the mail of a pack is called in the log of downloads.
const PackReport = "board pack (mail)"

// A Packer makes the mails of board packs, of the same pages as the site's.
type Packer struct {
	// site is the site of an audience, and what it reads.
	site func(audience string) (*site, Reader, error)
}

// NewPacker makes mails from what a site of these options is made from. Sites are
// made anew for each mail: none is served.
func NewPacker(o Options) Packer {
	return Packer{func(audience string) (*site, Reader, error) { return packSite(o, audience) }}
}

// packerOf makes mails of a site's own pages; those for another audience from another
// site.
func packerOf(s *site, o Options) Packer {
	return Packer{func(audience string) (*site, Reader, error) {
		if audience == cmp.Or(s.audience, Internal) {
			return s, o.Reader, nil
		}
		return packSite(o, audience)
	}}
}

// packSite is a site of an audience. That of the published one is as the site for
// everybody is: it has no way to the true figures.
func packSite(o Options, audience string) (*site, Reader, error) {
	o.SignIn = nil // nobody asks: it is made for whoever may have the mail
	if o.Actions = false; audience == Published && o.Audience != Published {
		o.Reader, o.Audience, o.Published = o.Published, Published, nil
	}
	if o.Reader == nil || cmp.Or(o.Audience, Internal) != audience {
		return nil, nil, conflict("These pages have no figures for the %s audience.", audience)
	}
	s, _, err := makeSite(o)
	return s, o.Reader, err
}

// PackMail is what a mail of a pack holds.
type PackMail struct {
	letter.Mail
	Pictures []mail.Picture
	Name     string
	Audience string
	Marking  string    // protective; empty: none
	AsAt     time.Time // since when the figures are served
	Last     time.Time // the last day that the figures of its pages cover; zero: they have none
}

// PackWish is what a mail of a pack is to have beside its pages.
type PackWish struct {
	Name  string    // that it was saved under; empty: none
	Since time.Time // from when on the page of changes tells them; zero: a month ago
	Foot  []string  // sentences at its end
}

// Mail makes the mail of the pack that filters ask for. All that is in it is of one
// state of the figures. A page that fails, and a picture that cannot be made, say so
// in it.
func (p Packer) Mail(ctx context.Context, filters string, wish PackWish) (made PackMail, err error) {
	ctx = query.OneState(ctx)
	values, err := reportValues(filters)
	if err != nil {
		return made, err
	}
	if made.Audience, err = packAudience(values); err != nil {
		return made, err
	}
	chosen, area, err := packChoice(values)
	if err != nil {
		return made, err
	}
	if len(chosen) == 0 {
		return made, badRequest("No page is chosen for the pack.")
	}
	s, reader, err := p.site(made.Audience)
	if err != nil {
		return made, err
	}
	for i, address := range chosen {
		chosen[i] = changesSinceAddress(address, cmp.Or(wish.Since, s.monthAgo()))
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, packPath, nil)
	if err != nil {
		return made, err
	}
	b, err := s.board(r, reader, chosen, area)
	if err != nil {
		return made, err
	}
	if len(b.areas.All()) == 0 {
		return made, conflict("Nothing has been loaded yet.")
	}
	edition, err := reader.Edition(ctx, query.Latest)
	if err != nil {
		return made, err
	}
	made.Name, made.AsAt, made.Last, made.Marking = cmp.Or(wish.Name, packTitle(b.force)), edition.AsAt, b.last, s.marking()
	pack := s.letterOf(b, made)
	pack.Foot = append(pack.Foot, wish.Foot...)
	album := album{ctx: ctx, site: s, there: map[string]bool{}}
	made.Mail, err = letter.Write(pack, album.add)
	made.Pictures = album.pictures
	return made, err
}

// letterOf is what the mail of a board says round its pages.
func (s *site) letterOf(b board, made PackMail) letter.Pack {
	pack := letter.Pack{Marking: made.Marking, Name: made.Name, Title: b.parts[0].Title, Facts: []letter.Fact{
		{Term: "Newest figure", Says: NewestFigure(made.Last)},
		{Term: "Figures as at", Says: moment(made.AsAt)},
		{Term: "Force", Says: b.force.Name},
		{Term: "Audience", Says: audienceWords(s.rules, made.Audience)},
	}}
	if made.Audience != Published {
		pack.Notice, pack.Base = notForPublication, s.delivered.Pages
	}
	if b.demonstration {
		pack.Facts = append(pack.Facts, letter.Fact{Term: "Demonstration", Says: "Some figures are made up, and marked so."})
	}
	for _, part := range b.parts {
		if changesPath(part.Address) {
			part.Name = "What has changed since the mail before"
		}
		pack.Parts = append(pack.Parts, letter.Part{Name: part.Name, Title: part.Title, Address: part.Address, Body: []byte(part.Body), Failed: part.Failed})
	}
	place := "file and row"
	if made.Audience == Published {
		place = "file" // see disclosure.Gate
	}
	pack.Foot = []string{"Where a chart is not shown, its words say what it shows. Which " + place + " each figure comes from stands on its page."}
	return pack
}

const notForPublication = "Not for publication. These are true figures, for the force alone. Do not pass them on."

// largestAlbum is how many bytes the pictures of a mail may have together: a third
// more are sent, and most servers refuse mails of 20 MB.
const largestAlbum = 6 << 20

var errFullAlbum = errors.New("the mail has no room for another picture")

// album is the pictures of a mail, each once.
type album struct {
	ctx      context.Context
	site     *site
	pictures []mail.Picture
	there    map[string]bool
	bytes    int
}

// chartPainter makes pictures for all sites of the program.
var chartPainter = sync.OnceValues(func() (*picture.Painter, error) {
	var files [][]byte
	for _, name := range []string{"resvg.wasm", "arimo-latin-400-normal.woff2", "arimo-latin-ext-400-normal.woff2", "arimo-latin-700-normal.woff2", "arimo-latin-ext-700-normal.woff2"} {
		content, err := staticFiles.ReadFile("static/build/" + name)
		if err != nil {
			return nil, fmt.Errorf("static/build/%s was not there when the program was built: run make assets, then build again", name)
		}
		files = append(files, content)
	}
	return picture.New(files[0], files[1:]...), nil
})

// add makes the picture of a drawing. Why it cannot be made the log says.
func (a *album) add(svg []byte) (id string, err error) {
	defer func() {
		if err != nil {
			a.site.log.ErrorContext(a.ctx, "picture of a mail failed", "error", err)
		}
	}()
	painter, err := chartPainter()
	if err != nil {
		return "", err
	}
	content, err := painter.PNG(a.ctx, svg)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(content)
	if id = "chart-" + hex.EncodeToString(sum[:8]) + mail.NoDomain; a.there[id] {
		return id, nil
	}
	if a.bytes += len(content); a.bytes > largestAlbum {
		return "", errFullAlbum
	}
	a.there[id] = true
	a.pictures = append(a.pictures, mail.Picture{ID: id, PNG: content})
	return id, nil
}

// packAudience takes the audience out of the query of a pack. In that nothing is empty, as
// from a variable of a script that is not set: it would be the pack of another force.
func packAudience(values url.Values) (string, error) {
	for name, words := range map[string]string{"area": "the force of this site", "page": "another choice of pages"} {
		if slices.ContainsFunc(values[name], isBlank) {
			return "", badRequest("%s is empty: leave it out for %s.", name, words)
		}
	}
	audience := Internal
	if values.Has("audience") {
		audience = values.Get("audience")
	}
	if len(values["audience"]) > 1 || audience != Internal && audience != Published {
		return "", badRequest("The audience is internal or published, not “%s”.", echoed(strings.Join(values["audience"], ", ")))
	}
	values.Del("audience")
	return audience, nil
}

// changesPath reports whether an address is that of the page of changes.
func changesPath(address string) bool {
	path, _, _ := strings.Cut(address, "?")
	return path == "/changes"
}

// changesSinceAddress makes the page of changes tell those since a day; of a zero one it
// names none. Other addresses stay as they are.
func changesSinceAddress(address string, since time.Time) string {
	u, err := url.Parse(address)
	if err != nil || !changesPath(address) {
		return address
	}
	values := u.Query()
	if values.Del("since"); !since.IsZero() {
		values.Set("since", since.In(london()).Format(time.DateOnly))
	}
	u.RawQuery = values.Encode()
	return u.String()
}

// packAddress is where a pack of these filters is seen on the site of the force, which
// has it as its own audience does.
func packAddress(filters string) string {
	values, err := url.ParseQuery(filters)
	if err != nil {
		return packPath
	}
	values.Del("audience")
	return packPath + "?" + values.Encode()
}

// packMailLinks is where a pack is mailed from, for one audience.
type packMailLinks struct{ For, File, Save string }

// packMails is the ways to the mails of a pack. The one for the published audience has
// those of its pages that everybody may see, where there are any.
func (s *site) packMails(values url.Values) (all []packMailLinks) {
	query := url.Values{"area": values["area"], "page": given(values["page"]), "audience": {Internal}}
	all = append(all, s.packMailsOf("with true figures, for the force alone", query))
	everybody := slices.DeleteFunc(slices.Clone(query["page"]), func(address string) bool { return !s.forEverybody(address) })
	if len(everybody) == 0 {
		return all
	}
	words := "with small numbers hidden, for the published audience"
	if left := len(query["page"]) - len(everybody); left > 0 {
		words += ", without " + plural(left, "page that is", "pages that are") + " the force’s own"
	}
	return append(all, s.packMailsOf(words, url.Values{"area": values["area"], "page": everybody, "audience": {Published}}))
}

func (s *site) packMailsOf(words string, query url.Values) packMailLinks {
	l := packMailLinks{For: words, File: packMailPath + "?" + query.Encode()}
	if s.actions {
		l.Save = savePackPath + "?" + query.Encode()
	}
	return l
}

// forEverybody reports whether the page of an address is on the site for everybody too.
func (s *site) forEverybody(address string) bool {
	r, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return false
	}
	_, pattern := s.pages.Handler(r)
	return s.known[pattern].public
}

// inWords is what a pack is of, in lines. A page that it cannot have is an error.
func (p Packer) inWords(ctx context.Context, audience string, chosen []string, area string) ([]string, error) {
	if len(chosen) == 0 {
		return nil, badRequest("No page is chosen for the pack.")
	}
	s, reader, err := p.site(audience)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(query.OneState(ctx), http.MethodGet, packPath, nil)
	if err != nil {
		return nil, err
	}
	b, err := s.board(r, reader, chosen, area)
	if err != nil {
		return nil, err
	}
	words := []string{"Board pack of " + b.force.Name, "Audience: " + audience}
	for _, part := range b.parts {
		name := cmp.Or(part.Name, part.Address)
		if changesPath(part.Address) {
			name = "What has changed since the mail before"
		}
		words = append(words, "Page: "+name)
	}
	return words, nil
}

// forWhom is for whom the pages of a site are, where not all can be seen.
func (s *site) forWhom() string {
	if s.isInternal() {
		return ""
	}
	return " for the published audience"
}

// MailSubject is the subject of a mail of figures, with the last day that they cover: a
// file that was loaded today may end two years ago. It tells at a glance what may not
// leave the force, and begins with the protective marking.
func MailSubject(name string, last time.Time, audience, marking string) string {
	mark := "INTERNAL, true figures"
	if audience == Published {
		mark = Published
	}
	upTo := "no figures"
	if !last.IsZero() {
		upTo = "figures up to " + day(last)
	}
	return mail.OneLine(Marked(marking, fmt.Sprintf("%s: %s (%s)", name, upTo, mark)), longestSubject)
}

// NewestFigure is the last day that figures cover, in words.
func NewestFigure(last time.Time) string {
	if last.IsZero() {
		return "there is none"
	}
	return "ends on " + day(last)
}

const longestSubject = 180 // characters

// packMail is the mail of a pack as a file, as it would be sent now.
func (s *site) packMail(w http.ResponseWriter, r *http.Request) error {
	made, err := s.packer.Mail(r.Context(), r.URL.RawQuery, PackWish{Foot: []string{"This is how the mail would be sent now."}})
	if err != nil {
		return err
	}
	var file bytes.Buffer
	if err := made.Letter(s.newID(), s.now()).Write(&file); err != nil {
		return err
	}
	noteRows(w, made.Rows)
	w.Header().Set("Content-Type", "message/rfc822")
	w.Header().Set("Content-Disposition", `attachment; filename="board-pack-`+made.Audience+`.eml"`)
	_, _ = w.Write(file.Bytes()) // the reader may have gone
	return nil
}

// Letter is the mail as a letter to nobody yet.
func (m PackMail) Letter(id string, at time.Time) mail.Letter {
	return mail.Letter{ID: id, At: at, Subject: MailSubject(m.Name, m.Last, m.Audience, m.Marking), Text: m.Text, HTML: m.HTML, Pictures: m.Pictures}
}
