// Package command is the command line of stalkstats: what each command is
// called, what it takes, and what it hands to the part that does the work.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os/exec"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"stalkstats/dashboard"
	"stalkstats/etl"
	"stalkstats/etl/parse"
	"stalkstats/etl/source"
	"stalkstats/etl/timetable"
	"stalkstats/internal/clickhouse"
	"stalkstats/internal/config"
	"stalkstats/internal/mail"

	"stalkstats/dashboard/query"
	"stalkstats/schemas"
)

// Exit statuses.
const (
	ExitDone   = 0
	ExitFailed = 1
	ExitUsage  = 2
)

// Environment is what the program is given by whoever starts it.
type Environment struct {
	Args    []string // without the program's name
	Stdin   io.Reader
	Stdout  io.Writer
	Stderr  io.Writer
	Env     func(string) (string, bool)
	Version string
	// Terminal reports whether Stderr is one: progress is shown only there.
	Terminal bool
	// ReadPassword reads a password from the terminal without showing it; nil: it is
	// read from Stdin, one to a line.
	ReadPassword func() (string, error)
	// Child is this program as another process, with arguments; nil: it cannot be started.
	Child func(ctx context.Context, args ...string) *exec.Cmd
}

// commandLine is every command and flag.
type commandLine struct {
	Config  string `help:"The configuration file." default:"config.yaml" placeholder:"FILE"`
	DataDir string `help:"Where the figures and the loaded files are kept, instead of data_dir." placeholder:"DIR"`
	JSON    bool   `name:"json" help:"Answer in JSON, for machines."`

	Serve     serveCommand     `cmd:"" default:"1" help:"Dashboard and scheduler in one process (the default)."`
	Dashboard dashboardCommand `cmd:"" help:"The dashboard alone, with a ClickHouse server."`
	ETL       etlCommand       `cmd:"" name:"etl" help:"Load figures, and see what was loaded."`
	Report    reportCommand    `cmd:"" help:"Figures as CSV, to standard output."`
	User      userCommand      `cmd:"" help:"Local users, who sign in with a password."`
	Program   programCommand   `cmd:"" help:"Programs that read figures, such as Power BI, and have a token."`
	Backup    backupCommand    `cmd:"" help:"Back up everything that is kept."`
	Restore   restoreCommand   `cmd:"" help:"Restore a backup into a new directory, look at what there is, or try one."`
	Migrate   migrateCommand   `cmd:"" help:"Bring the tables to this version."`
	Check     checkCommand     `cmd:"" help:"Check the configuration and tell all its faults."`
	Version   versionCommand   `cmd:"" help:"Say which version this is."`
}

// session is one command being carried out.
type session struct {
	Environment
	ctx   context.Context
	flags *commandLine
}

// usageError is a fault of the command line itself.
type usageError struct{ error }

// errTold says that what went wrong has been told already: only the exit status is left to give.
var errTold = errors.New("told already")

// Run carries out one command and gives the exit status. Results go to
// standard output, everything else to standard error.
func Run(ctx context.Context, env Environment) int {
	var flags commandLine
	exited := -1
	parser, err := kong.New(&flags, kong.Name("stalkstats"), kong.Writers(env.Stdout, env.Stderr),
		kong.Description("Shows from figures how police forces do on stalking."),
		kong.UsageOnError(), kong.Exit(func(code int) { exited = code }))
	if err != nil {
		fmt.Fprintf(env.Stderr, "stalkstats: %v\n", err)
		return ExitFailed
	}
	chosen, err := parser.Parse(env.Args)
	if exited >= 0 {
		return exited // --help was asked for, and has been answered
	}
	if err != nil {
		fmt.Fprintf(env.Stderr, "stalkstats: %v\nstalkstats: `stalkstats --help` lists the commands\n", err)
		return ExitUsage
	}
	return status(env.Stderr, chosen.Run(&session{Environment: env, ctx: ctx, flags: &flags}))
}

func status(stderr io.Writer, err error) int {
	var usage usageError
	var faults config.Faults
	switch {
	case err == nil:
		return ExitDone
	case errors.Is(err, errTold):
		return ExitFailed
	case errors.As(err, &faults):
		fmt.Fprintln(stderr, faults.Error())
		return ExitFailed
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "stalkstats: %v\n", err)
		return ExitUsage
	}
	fmt.Fprintf(stderr, "stalkstats: %s\n", strings.TrimSuffix(err.Error(), "\n"))
	return ExitFailed
}

// config loads and checks the configuration.
func (s *session) config() (config.Config, error) { return s.configFor(false) }

// configFor is the configuration for what tells people of sources, or not.
func (s *session) configFor(alerts bool) (config.Config, error) {
	forces, err := schemas.ForceCodes()
	if err != nil {
		return config.Config{}, err
	}
	k := known(forces)
	if alerts {
		k.Alerts = alertable
	}
	cfg, err := config.Load(s.flags.Config, s.Env, k)
	if err != nil {
		return cfg, err
	}
	if s.flags.DataDir != "" {
		cfg.DataDir = absolute(s.flags.DataDir)
	}
	return cfg, nil
}

// known is what the configuration must fit.
func known(forces []string) config.Known {
	return config.Known{
		Parsers: parse.Names(), RecordLevel: parse.RecordLevel(), Figureless: parse.Figureless(), Kinds: parse.KindNames(), Forces: forces,
		Schedule: dueSometime, Place: readable, Offences: parse.CheckOffences, Address: mail.CheckAddress,
	}
}

// dueSometime says what is wrong with a cron line.
func dueSometime(spec string) error {
	schedule, err := timetable.Parse(spec, time.UTC)
	if err == nil && schedule.Next(time.Now()).IsZero() {
		err = fmt.Errorf("%q names a day that never comes", spec)
	}
	return err
}

// readable says what is wrong with the way a source's place is written.
func readable(from, pattern string) error {
	if err := (source.Place{From: from, Pattern: pattern}).Check(); err != nil {
		return err
	}
	if name, ok := strings.CutPrefix(from, config.BuiltinPrefix); ok {
		f, err := schemas.Reference().Open(name)
		if err != nil {
			return fmt.Errorf("there is no reference data %q in the program: there are areas.csv, measures.csv and series_breaks.csv", name)
		}
		return f.Close()
	}
	return nil
}

// alertable says what is wrong with who is told. Only what tells somebody
// needs the secrets that this takes.
func alertable(a config.Alerts) error {
	if a.Email.Host != "" && len(a.Email.To) == 0 { // then only reports are mailed
		if err := mail.Configured(a.Email).Check(); err != nil {
			return err
		}
	}
	_, err := etl.NewAlerts(a, "", nil, slog.New(slog.DiscardHandler), time.Now, time.UTC)
	return err
}

// logger writes to standard error as the configuration says.
func (s *session) logger(cfg config.Config) *slog.Logger {
	var level slog.Level
	// The level was checked with the configuration.
	_ = level.UnmarshalText([]byte(cfg.Log.Level))
	options := &slog.HandlerOptions{Level: level}
	if cfg.Log.Format == "json" {
		return slog.New(slog.NewJSONHandler(s.Stderr, options))
	}
	return slog.New(slog.NewTextHandler(s.Stderr, options))
}

// open opens ClickHouse and brings its tables to this version. With shared,
// another process's engine will do; without, this process must own its own.
func (s *session) open(cfg config.Config, shared bool) (*clickhouse.DB, error) {
	db, err := s.connect(cfg, shared)
	if err != nil {
		return nil, err
	}
	if _, err := schemas.Apply(s.ctx, db); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func (s *session) connect(cfg config.Config, shared bool) (*clickhouse.DB, error) {
	o := clickhouse.Options{DSN: cfg.ClickHouse.DSN, Dir: cfg.ClickHouseDir(), Library: cfg.ClickHouse.Library, Connections: cfg.ClickHouse.Connections,
		Slow: clickhouse.Slow{After: time.Duration(cfg.ClickHouse.Slow), Log: s.logger(cfg), Request: dashboard.RequestID}}
	if shared {
		o.Socket = cfg.Socket()
	}
	return clickhouse.Open(s.ctx, o)
}

// job is what a command that works on the figures has to hand.
type job struct {
	cfg    config.Config
	db     *clickhouse.DB
	reader *query.Reader
	etl    *etl.ETL
}

// work opens everything, does the work and closes everything.
func (s *session) work(do func(job) error) error {
	cfg, err := s.config()
	if err != nil {
		return err
	}
	db, err := s.open(cfg, true)
	if err != nil {
		return err
	}
	defer s.stopWith(db)()
	reader := query.New(db)
	// What a run has to tell, its summary tells; the log is for the server.
	err = do(job{cfg, db, reader, etl.New(cfg, db, reader, db.Log(), time.Now)})
	if db.Remote() && serverEnded(err) {
		err = errServerEnded
	}
	return errors.Join(err, db.Close())
}

// stopWith makes the server through which a command works able to stop it: what
// a run has come to is then still written down.
func (s *session) stopWith(db *clickhouse.DB) (release func()) {
	ctx, stop := context.WithCancel(s.ctx)
	s.ctx = ctx
	go func() {
		select {
		case <-db.Ending():
			stop()
		case <-ctx.Done():
		}
	}()
	return stop
}

// errServerEnded is told to whoever worked through the socket of a server that
// ended meanwhile.
var errServerEnded = errors.New("the stalkstats server that this command worked through has ended: nothing of this command is shown; start the server, or run the command again without it")

// serverEnded reports whether an error says that nobody answers at the socket,
// or that the answer broke off.
func serverEnded(err error) bool {
	var network *net.OpError
	return errors.As(err, &network) || errors.Is(err, io.ErrUnexpectedEOF)
}
