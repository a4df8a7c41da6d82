package command

import (
	"cmp"
	"fmt"
	"os/user"
	"strings"

	"stalkstats/dashboard"
	"stalkstats/etl"
	"stalkstats/etl/parse"
	"stalkstats/internal/stats"
)

type etlAcceptCommand struct {
	Run_ string `arg:"" name:"run" help:"The held run's id, as etl history shows it."`
	Why  string `help:"Why it is right all the same; kept with the run." required:"" placeholder:"TEXT"`
	By   string `help:"Who accepts it, instead of the name of this account." placeholder:"NAME"`
	File string `help:"The file again, where it holds records about people and was not kept." placeholder:"PATH"`
}

// Run publishes a held run.
func (c *etlAcceptCommand) Run(s *session) error {
	return s.again(stats.AcceptAct, c.Run_, c.File, etl.Options{AskedBy: c.By, Why: c.Why}, func(j job, o etl.Options) (stats.Run, error) {
		return j.etl.Accept(s.ctx, c.Run_, o)
	})
}

type etlReplayCommand struct {
	Run_   string `arg:"" name:"run" help:"The run's id, as etl history shows it."`
	DryRun bool   `help:"Only show the difference it would make."`
	File   string `help:"The file again, where it holds records about people and was not kept." placeholder:"PATH"`
}

// Run reads the file of a run again.
func (c *etlReplayCommand) Run(s *session) error {
	action := stats.ReplayAct
	if c.DryRun {
		action = stats.CheckAct
	}
	return s.again(action, c.Run_, c.File, etl.Options{DryRun: c.DryRun}, func(j job, o etl.Options) (stats.Run, error) {
		return j.etl.Replay(s.ctx, c.Run_, o)
	})
}

type etlWithdrawCommand struct {
	Release string `arg:"" help:"The release's id: that of the run which loaded it."`
	Why     string `help:"Why; kept with the run." required:"" placeholder:"TEXT"`
	By      string `help:"Who withdraws it, instead of the name of this account." placeholder:"NAME"`
}

// Run serves again what the release had replaced.
func (c *etlWithdrawCommand) Run(s *session) error {
	return s.again(stats.WithdrawAct, c.Release, "", etl.Options{AskedBy: c.By, Why: c.Why}, func(j job, o etl.Options) (stats.Run, error) {
		return j.etl.Withdraw(s.ctx, c.Release, o)
	})
}

type etlTemplateCommand struct {
	Source string `arg:"" name:"source" help:"The source's short name, or that of a layout of ours."`
	Kind   string `help:"Which kind of file, where the layout has several." placeholder:"KIND"`
}

// Run prints the empty file to standard output and what goes into each column
// to standard error.
func (c *etlTemplateCommand) Run(s *session) error {
	cfg, err := s.config()
	if err != nil {
		return err
	}
	src, ok := cfg.ETL.Source(c.Source)
	if !ok {
		src.Parser = c.Source // a layout can be filled in before any source is there
	}
	parser, ok := parse.Find(src.Parser)
	if !ok {
		return usageError{fmt.Errorf("%q is no configured source (`stalkstats etl list` shows them) and no layout of ours: %s", c.Source, strings.Join(ownLayouts(), ", "))}
	}
	kind := cmp.Or(c.Kind, src.Kind)
	file, err := parse.Template(parser, kind)
	if err != nil {
		return err
	}
	explained, err := parse.Explain(parser, kind)
	if err != nil {
		return err
	}
	fmt.Fprint(s.Stderr, explained)
	if _, err := s.Stdout.Write(file); err != nil {
		return fmt.Errorf("write the file: %w", err)
	}
	return nil
}

// ownLayouts is the names of the layouts that people fill in.
func ownLayouts() []string {
	var names []string
	for _, p := range parse.Parsers() {
		if p.Own() {
			names = append(names, p.Name)
		}
	}
	return names
}

// again carries out what makes one run out of an earlier one.
func (s *session) again(action stats.Action, about, file string, o etl.Options, do func(job, etl.Options) (stats.Run, error)) error {
	return s.work(func(j job) error {
		if o.AskedBy == "" {
			o.AskedBy = s.user()
		}
		done, progress := s.progress()
		o.File, o.Progress = given(file), progress
		run, err := do(j, o)
		done()
		s.record(j, action, about, err)
		if err != nil {
			return err
		}
		return s.summaries(j, []stats.Run{run})
	})
}

// record adds to the audit what was done by a command, under the account that gave it.
func (s *session) record(j job, action stats.Action, about string, err error) {
	outcome := stats.ActDone
	if err != nil {
		outcome = stats.ActFailed
	}
	dashboard.RecordAct(s.ctx, j.reader, s.logger(j.cfg), stats.Act{User: s.user(), Channel: stats.CommandChannel, Action: action, About: about, Outcome: outcome})
}

// user is the name of the account that gives the command.
func (s *session) user() string {
	account, err := user.Current()
	if err != nil {
		return "somebody on this machine"
	}
	return account.Username
}

// difference prints what a dry run would change.
func (s *session) difference(run stats.Run) error {
	fmt.Fprintf(s.Stdout, "%s: nothing was published; %s would be new, %d changed, %d gone\n", run.Source, numbered(run.New, "figure", "figures"), run.Changed, run.Gone)
	if says := run.LeftOut(); says != "" {
		fmt.Fprintln(s.Stdout, printable(says))
	}
	for _, check := range run.Checks {
		if check.Name == stats.CheckLeftOut {
			continue // told already
		}
		line := fmt.Sprintf("check %s: %s", check.Name, check.Outcome)
		if check.Says != "" {
			line += ": " + check.Says
		}
		fmt.Fprintln(s.Stdout, printable(line))
	}
	return nil
}
