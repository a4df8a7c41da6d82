package command

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/alecthomas/kong"

	"stalkstats/etl"
	"stalkstats/internal/config"
	"stalkstats/internal/stats"
)

type etlCommand struct {
	Run      etlRunCommand      `cmd:"" help:"Run one source now."`
	List     etlListCommand     `cmd:"" help:"The configured sources, and what is served of each."`
	History  etlHistoryCommand  `cmd:"" help:"The newest runs."`
	Rejects  etlRejectsCommand  `cmd:"" help:"The rejected rows of a run."`
	Accept   etlAcceptCommand   `cmd:"" help:"Publish a held run though checks failed."`
	Replay   etlReplayCommand   `cmd:"" help:"Read the file of a run again and publish what comes of it."`
	Withdraw etlWithdrawCommand `cmd:"" help:"Serve again what a release had replaced."`
	Template etlTemplateCommand `cmd:"" help:"An empty file to fill in, with its columns explained."`
	Schedule etlScheduleCommand `cmd:"" help:"The scheduler alone, with a ClickHouse server."`
}

type etlScheduleCommand struct{}

// Run loads the sources at their times.
func (c *etlScheduleCommand) Run(s *session) error { return s.serve("", roles{loads: true}) }

type etlRunCommand struct {
	Source string `arg:"" help:"The source's short name."`
	File   string `help:"Read this file instead of the configured one." placeholder:"PATH"`
	DryRun bool   `help:"Make all the checks, show the difference the file would make, and publish nothing."`
}

// AfterApply refuses a file that is given and empty: the configured one would be read.
func (c *etlRunCommand) AfterApply(given *kong.Context) error { return refuseEmpty(given) }

// Run runs one source and prints a summary line for each file it read.
func (c *etlRunCommand) Run(s *session) error {
	return s.work(func(j job) error {
		if _, ok := j.cfg.ETL.Source(c.Source); !ok {
			return usageError{fmt.Errorf("no source %q is configured: `stalkstats etl list` shows them", c.Source)}
		}
		done, progress := s.progress()
		runs, err := j.etl.Run(s.ctx, c.Source, etl.Options{File: given(c.File), DryRun: c.DryRun, Progress: progress, AskedBy: s.user()})
		done()
		action := stats.RunAct
		if c.DryRun {
			action = stats.CheckAct
		}
		s.record(j, action, ranWith(c.Source, c.File), err)
		if err != nil {
			return err
		}
		return s.summaries(j, runs)
	})
}

// ranWith is a source, with the file that a command named for it.
func ranWith(source, file string) string {
	if file == "" {
		return source
	}
	return source + " --file " + filepath.Base(file)
}

// given is the path of a file named on the command line, whatever the working
// folder; an address and an empty name stay as they are.
func given(file string) string {
	if file == "" || config.Web(file) || strings.HasPrefix(file, config.BuiltinPrefix) {
		return file
	}
	return absolute(file)
}

// summaries prints every run that was made. The worst of them decides the
// exit status.
func (s *session) summaries(j job, runs []stats.Run) (err error) {
	for _, run := range runs {
		if e := s.summary(run); e != nil {
			err = e
		}
		if run.Kind == stats.CheckRun && !s.flags.JSON {
			if e := s.difference(run); e != nil {
				return e
			}
		}
	}
	return err
}

// summary prints what the run did: one line for people, one object for machines.
func (s *session) summary(run stats.Run) error {
	if s.flags.JSON {
		if err := s.printJSON(runJSON(run)); err != nil {
			return err
		}
	} else {
		fmt.Fprintln(s.Stdout, summaryLine(run))
	}
	switch run.Outcome {
	case stats.Published, stats.Unchanged, stats.Skipped:
		if run.Problem != "" && run.Outcome != stats.Published && !s.flags.JSON {
			fmt.Fprintf(s.Stderr, "stalkstats: %s\n", printable(run.Problem))
		}
		return nil
	case stats.Checked:
		if run.Problem == "" {
			return nil
		}
	}
	if !s.flags.JSON {
		fmt.Fprintf(s.Stderr, "stalkstats: %s\n", printable(run.Problem))
		if run.Rejected > 0 {
			fmt.Fprintf(s.Stderr, "stalkstats: `stalkstats etl rejects %s` shows the rejected rows\n", run.ID)
		}
	}
	return errTold
}

func summaryLine(run stats.Run) string {
	if run.Kind == stats.Withdrawal && run.Outcome == stats.Published {
		return fmt.Sprintf("%s: release %s is withdrawn: %s new, %d changed, %d gone (run %s)", run.Source, run.Of,
			numbered(run.New, "figure is", "figures are"), run.Changed, run.Gone, run.ID)
	}
	outcome := string(run.Outcome)
	if run.Outcome == stats.Checked && run.Problem != "" {
		outcome = "checked, would be held"
	}
	return fmt.Sprintf("%s: %s: %s read, %d %s, %d excluded, %d rejected (run %s, %s)", run.Source, outcome, numbered(run.Read, "row", "rows"),
		run.Loaded, run.Outcome.LoadedWords(), run.Excluded, run.Rejected, run.ID, run.EndedAt.Sub(run.StartedAt).Round(time.Millisecond))
}

// numbered is a number and what is counted.
func numbered(n uint64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

type runObject struct {
	Source     string `json:"source"`
	RunID      string `json:"run_id"`
	ReleaseID  string `json:"release_id"`
	Outcome    string `json:"outcome"`
	Read       uint64 `json:"read"`
	Loaded     uint64 `json:"loaded"`
	Excluded   uint64 `json:"excluded"`
	Rejected   uint64 `json:"rejected"`
	SHA256     string `json:"sha256"`
	DurationMS int64  `json:"duration_ms"`
	Error      string `json:"error"`
	Kind       string `json:"kind"`
	// Of a dry run alone.
	*differenceObject
}

// differenceObject is what a dry run would change, in figures, and what its
// checks found.
type differenceObject struct {
	New     uint64        `json:"new"`
	Changed uint64        `json:"changed"`
	Gone    uint64        `json:"gone"`
	Checks  []checkObject `json:"checks"`
}

type checkObject struct {
	Check   string `json:"check"`
	Outcome string `json:"outcome"`
	Says    string `json:"says"`
}

func runJSON(run stats.Run) runObject {
	o := runObject{Source: run.Source, RunID: run.ID, ReleaseID: run.ReleaseID, Outcome: string(run.Outcome), Read: run.Read, Loaded: run.Loaded,
		Excluded: run.Excluded, Rejected: run.Rejected, SHA256: run.SHA256, Error: run.Problem, Kind: kindOf(run)}
	if run.Kind == stats.CheckRun {
		o.differenceObject = &differenceObject{run.New, run.Changed, run.Gone, []checkObject{}}
		for _, c := range run.Checks {
			o.Checks = append(o.Checks, checkObject{c.Name, string(c.Outcome), c.Says})
		}
	}
	if !run.EndedAt.IsZero() {
		o.DurationMS = run.EndedAt.Sub(run.StartedAt).Milliseconds()
	}
	return o
}

// kindOf is what a run was for: load, check, withdrawal, or replay where a load
// read the file of an earlier run again.
func kindOf(run stats.Run) string {
	if run.Kind == stats.LoadRun && run.Of != "" {
		return "replay"
	}
	return string(run.Kind)
}

func (s *session) printJSON(value any) error {
	out := json.NewEncoder(s.Stdout)
	out.SetEscapeHTML(false)
	if err := out.Encode(value); err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	return nil
}

type etlListCommand struct{}

type sourceObject struct {
	Source      string `json:"source"`
	Parser      string `json:"parser"`
	From        string `json:"from"`
	Schedule    string `json:"schedule"`
	LastOutcome string `json:"last_outcome"`
	LastSuccess string `json:"last_success"`
	Release     string `json:"release_id"` // the newest that serves anything
	Fetched     string `json:"fetched"`    // when its file was, as far as that is known
	AgeSeconds  *int64 `json:"age_seconds"`
	Releases    int    `json:"releases"`
	Slices      uint64 `json:"slices"`
	Error       string `json:"error"`
}

// Run lists the configured sources.
func (c *etlListCommand) Run(s *session) error {
	return s.work(func(j job) error {
		states, err := j.reader.Sources(s.ctx)
		if err != nil {
			return err
		}
		known := map[string]stats.Freshness{}
		for _, state := range states {
			known[state.Source] = state
		}
		list := []sourceObject{}
		for _, src := range j.cfg.ETL.Sources {
			list = append(list, sourceJSON(src, known[src.Name], time.Now()))
		}
		if s.flags.JSON {
			return s.printJSON(list)
		}
		return s.table("SOURCE\tLAST RUN\tLAST SUCCESS\tRELEASE\tAGE\tSCHEDULE\tFROM", len(list), func(i int) string {
			o := list[i]
			return strings.Join([]string{o.Source, orDash(o.LastOutcome), orDash(o.LastSuccess), orDash(o.Release), age(o.AgeSeconds), orDash(o.Schedule), o.From}, "\t")
		})
	})
}

// sourceJSON is how a source stands. It is as old as the newest file that it
// serves, by the rule by which it is late.
func sourceJSON(src config.Source, state stats.Freshness, now time.Time) sourceObject {
	o := sourceObject{Source: src.Name, Parser: src.Parser, From: src.From, Schedule: src.Schedule, LastOutcome: string(state.LastRun.Outcome),
		LastSuccess: moment(state.LastSuccess), Fetched: moment(state.Newest()), Releases: len(state.Served), Slices: state.Slices, Error: state.LastRun.Problem}
	if len(state.Served) > 0 {
		seconds := int64(now.Sub(state.Newest()).Seconds())
		o.Release, o.AgeSeconds = state.Served[0].ID, &seconds
	}
	return o
}

// age is an age in whole days, or a dash where nothing is served.
func age(seconds *int64) string {
	switch {
	case seconds == nil:
		return "-"
	case *seconds < 24*60*60:
		return "less than a day"
	case *seconds < 2*24*60*60:
		return "1 day"
	}
	return fmt.Sprintf("%d days", *seconds/(24*60*60))
}

// table prints lines in columns. Control characters are the file's, not the
// terminal's: they are shown and not obeyed.
func (s *session) table(header string, rows int, line func(int) string) error {
	out := tabwriter.NewWriter(s.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, header)
	for i := range rows {
		fmt.Fprintln(out, printable(line(i)))
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	return nil
}

func printable(line string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return '\uFFFD'
		}
		return r
	}, line)
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// absolute makes a path independent of the working folder.
func absolute(path string) string {
	abs, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	return abs
}
