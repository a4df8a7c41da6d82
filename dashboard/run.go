package dashboard

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"
	"time"

	"stalkstats/dashboard/query"
	"stalkstats/dashboard/signin"
	"stalkstats/internal/stats"
)

// runPage is one run of a source: what it did, what its checks found, which
// figures it changed, and every row it refused.
type runPage struct {
	frame
	runRow
	ID, From, SHA256, Ended string
	Why                     string // as whoever asked said
	Of                      link   // the run it read the file of again, or the release it withdrew
	OfWords                 string
	Retrieved, Published    string // of the release it made, empty without one
	DryRun                  string // what a dry run would change; empty for any other run
	LeftOut                 string // the served figures that its file leaves as they are; empty where it leaves none
	LeftOutWarns            bool   // some of them may have been forgotten
	Held                    bool
	Accepted                string   // by whom a held release was published all the same, and why; empty where it was not
	StillServed             bool     // it was to change figures and went wrong
	FailedChecks            []string // what held it, or would hold it
	Later                   link     // the run that took the place of a held one
	ChecksMade              []checkRow
	Changed                 changeTable
	Refused                 string // what the list of rejections holds
	Rejections              []rejectionRow
	RejectedCSV             string
	Log                     []logRow
	Actions                 []actionLink
}

type checkRow struct {
	Name, Outcome, Says string
	Failed              bool
}

type logRow struct{ At, Says string }

type rejectionRow struct{ File, Sheet, Row, Column, Value, Reason string }

// actionLink leads to the page that says what an action would change.
type actionLink struct {
	link
	First    bool   // the one that somebody most likely wants
	Explains string // when to use it
}

type runReader interface {
	areasReader
	Measures(ctx context.Context, asAt time.Time) (*stats.Measures, error)
	Run(ctx context.Context, id string) (stats.Run, error)
	Runs(ctx context.Context, source string, limit int) ([]stats.Run, error)
	Rejections(ctx context.Context, run string) ([]stats.Rejection, error)
	Changes(ctx context.Context, run string, limit int) iter.Seq2[stats.Revision, error]
	Releases(ctx context.Context, source string) ([]query.PastRelease, error)
}

// mostListed is how many changes and rejected rows a page lists; the CSV has all.
const mostListed = 200

// runInput is what the page of a run is built from.
type runInput struct {
	run        stats.Run
	release    query.PastRelease // that it made; zero where it made none, or where that was never published
	first      stats.Run         // that the file came by, where this one reads it again; else the run itself
	withdrew   query.PastRelease // that a withdrawal is of; zero for another run
	later      stats.Run         // took the place of a held run; zero where none has
	changes    []stats.Revision
	rejections []stats.Rejection
	areas      *stats.Areas
	measures   *stats.Measures
	titles     sourceTitles
	source     Source // of the configuration; zero where it is no longer there
	actions    bool
}

func (s *site) run(reader runReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if _, err := parameters(r); err != nil {
			return err
		}
		run, err := findRun(r.Context(), reader, r.PathValue("id"))
		if err != nil {
			return err
		}
		in, err := readRun(r.Context(), reader, run)
		if err != nil {
			return err
		}
		in.titles, in.actions = s.titles, s.offers(r, signin.DataOwner)
		in.source, _ = s.sourceNamed(run.Source)
		page := buildRun(in)
		if page.frame, err = s.plainFrame(r, reader, page.frame); err != nil {
			return err
		}
		return s.render(w, "run", page)
	}
}

type oneRunReader interface {
	Run(ctx context.Context, id string) (stats.Run, error)
}

// findRun is the run that an address names.
func findRun(ctx context.Context, reader oneRunReader, id string) (stats.Run, error) {
	run, err := reader.Run(ctx, id)
	if errors.Is(err, query.ErrNotFound) {
		return run, notFound("There is no run “%s”.", echoed(id))
	}
	return run, err
}

func readRun(ctx context.Context, reader runReader, run stats.Run) (in runInput, err error) {
	in.run = run
	if in.areas, err = reader.Areas(ctx, query.Latest); err != nil {
		return in, err
	}
	if in.measures, err = reader.Measures(ctx, query.Latest); err != nil {
		return in, err
	}
	if run.Kind == stats.Withdrawal {
		in.withdrew, err = releaseNamed(ctx, reader, run.Source, run.Of)
	} else {
		in.release, err = releaseNamed(ctx, reader, run.Source, run.ReleaseID)
	}
	if err != nil {
		return in, err
	}
	if in.first, err = firstOf(ctx, reader, run); err != nil {
		return in, err
	}
	if in.later, err = laterThan(ctx, reader, run); err != nil {
		return in, err
	}
	for change, err := range reader.Changes(ctx, run.ID, mostListed) {
		if err != nil {
			return in, err
		}
		in.changes = append(in.changes, change)
	}
	in.rejections, err = reader.Rejections(ctx, run.ID)
	return in, err
}

type releasesReader interface {
	Releases(ctx context.Context, source string) ([]query.PastRelease, error)
}

// releaseNamed is a release of a source; zero where it was never published.
func releaseNamed(ctx context.Context, reader releasesReader, source, id string) (query.PastRelease, error) {
	if id == "" {
		return query.PastRelease{}, nil
	}
	releases, err := reader.Releases(ctx, source)
	if err != nil {
		return query.PastRelease{}, err
	}
	if i := slices.IndexFunc(releases, func(p query.PastRelease) bool { return p.ID == id }); i >= 0 {
		return releases[i], nil
	}
	return query.PastRelease{}, nil
}

type runsReader interface {
	Runs(ctx context.Context, source string, limit int) ([]stats.Run, error)
}

// supersedes are the outcomes of a load that leave nothing of an older held
// one to accept.
var supersedes = []stats.Outcome{stats.Published, stats.Unchanged, stats.Held}

// laterThan is the run by which somebody let a held run's file through, else the
// newest that has ended well or badly since; zero where none has.
func laterThan(ctx context.Context, reader runsReader, held stats.Run) (stats.Run, error) {
	if held.Outcome != stats.Held {
		return stats.Run{}, nil
	}
	runs, err := reader.Runs(ctx, held.Source, recentRuns)
	if err != nil {
		return stats.Run{}, err
	}
	if i := slices.IndexFunc(runs, func(run stats.Run) bool { return letThrough(held, run) }); i >= 0 {
		return runs[i], nil
	}
	for _, run := range runs {
		if run.ID != held.ID && run.StartedAt.After(held.StartedAt) && run.Kind == stats.LoadRun && slices.Contains(supersedes, run.Outcome) {
			return run, nil
		}
	}
	return stats.Run{}, nil
}

// letThrough reports whether a later run published the file of a held one.
func letThrough(held, later stats.Run) bool {
	return later.Of == held.ID && later.Of != "" && later.Outcome == stats.Published
}

func buildRun(in runInput) runPage {
	run := withoutFolders(in.run)
	page := runPage{runRow: runRowOf(run, in.titles), ID: run.ID, From: in.fetchedFrom(), SHA256: run.SHA256, Why: run.Why}
	if !run.EndedAt.IsZero() {
		page.Ended = moment(run.EndedAt)
	}
	if !in.release.PublishedAt.IsZero() {
		page.Retrieved, page.Published = moment(in.release.RetrievedAt), moment(in.release.PublishedAt)
	}
	if run.Of != "" {
		page.OfWords = "Reads again the file of run"
		if run.Kind == stats.Withdrawal {
			page.OfWords = "Withdraws"
		}
		page.Of = link{Text: in.readAgain(), Address: runAddress(run.Of)}
	}
	page.addFindings(run)
	if in.later.ID != "" {
		page.Later = link{Text: moment(in.later.StartedAt), Address: runAddress(in.later.ID)}
		if letThrough(in.run, in.later) {
			page.Accepted = sentence("Published all the same by "+cmp.Or(in.later.AskedBy, "somebody"), in.later.Why)
		}
	}
	page.Changed = changeTableOf(in)
	page.addRejections(run, in.rejections)
	page.Actions = in.actionLinks()
	page.Title = runTitle(page.Source, run, len(in.rejections))
	return page
}

func runTitle(source string, run stats.Run, rejections int) string {
	title := fmt.Sprintf("%s, run of %s: %s", source, day(run.StartedAt), outcomeOf(run))
	if rows := cmp.Or(int(run.Rejected), rejections); rows > 0 {
		title += fmt.Sprintf(", with %s refused", plural(rows, "row", "rows"))
	}
	return title
}

// addFindings adds what the checks found and what the run wrote down.
func (page *runPage) addFindings(run stats.Run) {
	for _, c := range run.Checks {
		page.ChecksMade = append(page.ChecksMade, checkRow{spaced(c.Name), string(c.Outcome), c.Says, c.Outcome == stats.CheckFailed})
		if c.Outcome == stats.CheckFailed {
			page.FailedChecks = append(page.FailedChecks, sentence(capitalised(spaced(c.Name)), c.Says))
		}
	}
	page.Held = run.Outcome == stats.Held
	page.StillServed = slices.Contains([]stats.Outcome{stats.RejectedRun, stats.Failed, stats.Interrupted}, run.Outcome)
	if (page.Held || run.Outcome == stats.Checked) && len(page.FailedChecks) > 0 {
		page.Problem = "" // the checks say it
	}
	if run.Outcome == stats.Checked {
		page.DryRun = cmp.Or(changesOf(run), changesText(0, 0, 0))
		page.LeftOut = run.LeftOut()
		page.LeftOutWarns = slices.ContainsFunc(run.Checks, func(c stats.Check) bool { return c.Name == stats.CheckLeftOut && c.Outcome == stats.CheckWarned })
	}
	named := checkNames(run.Checks)
	for _, line := range run.Log {
		page.Log = append(page.Log, logRow{line.At.In(london()).Format("15:04:05"), named.Replace(line.Says)})
	}
}

// checkNames puts the names of checks, as the log has them, into words.
func checkNames(checks []stats.Check) *strings.Replacer {
	var pairs []string
	for _, c := range checks {
		pairs = append(pairs, "check "+c.Name+":", "check "+spaced(c.Name)+":")
	}
	return strings.NewReplacer(pairs...)
}

func (page *runPage) addRejections(run stats.Run, rejections []stats.Rejection) {
	for _, rejection := range rejections[:min(len(rejections), mostListed)] {
		page.Rejections = append(page.Rejections, rejectionRow{
			File: rejection.File, Sheet: rejection.Sheet, Row: rowText(rejection.Row),
			Column: rejection.Column, Value: rejection.Value, Reason: rejection.Reason,
		})
	}
	if len(rejections) > 0 {
		page.RejectedCSV = runAddress(run.ID) + "/rejected.csv"
	}
	page.Refused = refused(run, len(rejections))
}

// refused says how much of what was refused is listed: of a file with very many
// faults only the first are kept, and of those only the first are on the page.
func refused(run stats.Run, kept int) string {
	shown := min(kept, mostListed)
	text := "Every row that was refused, and why"
	if all := max(int(run.Rejected), kept); all > shown {
		text = fmt.Sprintf("The first %s of %s rows that were refused, and why", numberText(float64(shown), 0), numberText(float64(all), 0))
	}
	switch {
	case run.Rejected > uint64(kept):
		return text + fmt.Sprintf(": %s are kept, and are in the CSV", numberText(float64(kept), 0))
	case kept > shown:
		return text + ": the CSV has all"
	}
	return text
}

// rowText is empty for a fault of the whole file, which has no row.
func rowText(row int) string {
	if row == 0 {
		return ""
	}
	return numberText(float64(row), 0)
}

// actionLinks are what can be asked for on the page of a run.
func (in runInput) actionLinks() []actionLink {
	if !in.actions {
		return nil
	}
	var list []actionLink
	add := func(possible bool, text, address, explains string) {
		if possible {
			list = append(list, actionLink{link{Text: text, Address: address}, len(list) == 0, explains})
		}
	}
	of := runAddress(in.run.ID)
	add(in.run.Outcome == stats.Held && !in.source.RecordLevel && !letThrough(in.run, in.later), "Publish all the same", of+"/accept",
		"Only where you know that the file is right. Your name and your reason are kept.")
	add(replayable(in.run, in.source) == nil && in.run.Outcome == stats.Checked, "Publish these figures", of+"/replay",
		"The file is read again from the copy that was kept, and published.")
	add(replayable(in.run, in.source) == nil && in.run.Outcome != stats.Checked, "Read this file again", of+"/replay",
		"After a mapping or a setting has been mended: the same file is read again with today’s settings.")
	add(len(in.release.Serves) > 0, "Withdraw this release", withdrawAddress(in.release.ID),
		"Where its figures are wrong: the release before it serves again.")
	return list
}
