package command

import (
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"stalkstats/dashboard"
	"stalkstats/schemas"
)

type reportCommand struct {
	Measure   []string `help:"A measure; may be given several times. Left out: all." placeholder:"M" sep:"none"`
	Area      []string `help:"An area's ONS code; may be given several times." placeholder:"A" sep:"none"`
	Source    []string `help:"A source; may be given several times." placeholder:"S" sep:"none"`
	From      string   `help:"Periods that start on this day or later." placeholder:"DATE"`
	To        string   `help:"Periods that end on this day or earlier." placeholder:"DATE"`
	AsAt      string   `help:"The figures as they were served then." placeholder:"TIME"`
	Audience  string   `help:"internal (the default): true figures; published: small numbers hidden, others rounded." placeholder:"AUDIENCE"`
	Breakdown string   `help:"all (the default), totals, or one breakdown by its name, with the totals." placeholder:"B"`
	Period    string   `help:"as_published (the default), month, quarter, financial_year, calendar_year or rolling_12_months." placeholder:"KIND"`
}

// AfterApply refuses empty filters. The several values of one flag, which may also stand in it
// with commas between, come apart here and not before: an empty one among them would be gone.
func (c *reportCommand) AfterApply(given *kong.Context) error {
	for _, values := range []*[]string{&c.Measure, &c.Area, &c.Source} {
		if len(*values) > 0 {
			*values = strings.Split(strings.Join(*values, ","), ",")
		}
	}
	return refuseEmpty(given)
}

// refuseEmpty refuses a flag of the chosen command that is given and empty, as from a variable
// of a script that is not set, which nothing tells later from one that is left out.
func refuseEmpty(given *kong.Context) error {
	for _, path := range given.Path {
		if flag := path.Flag; flag != nil && slices.Contains(given.Selected().Flags, flag) && holdsEmpty(flag.Target) {
			return fmt.Errorf("--%s is empty: give it a value, or leave it out", flag.Name)
		}
	}
	return nil
}

// holdsEmpty reports whether a text is empty, or one of several is. Numbers and switches
// are never empty.
func holdsEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.String:
		return strings.TrimSpace(v.String()) == ""
	case reflect.Slice:
		for i := range v.Len() {
			if holdsEmpty(v.Index(i)) {
				return true
			}
		}
		return v.Len() == 0
	}
	return false
}

// Run writes the report of figures to standard output.
func (c *reportCommand) Run(s *session) error {
	return s.work(func(j job) error {
		served, err := j.reader.Sources(s.ctx)
		if err != nil {
			return err
		}
		if len(served) == 0 {
			return errors.New("nothing has been loaded into this data directory yet: `stalkstats serve` loads all sources, `stalkstats etl run SOURCE` one")
		}
		log := s.logger(j.cfg)
		readers := dashboard.Readers{Internal: j.reader, Published: publishedOf(j.cfg, j.reader, log)}
		rows, err := dashboard.SendReport(s.ctx, s.Stdout, readers, c.filters(), s.user(), j.reader, log)
		if dashboard.IsBadRequest(err) {
			return usageError{err}
		}
		if err != nil {
			return err
		}
		if rows == 0 {
			fmt.Fprintln(s.Stderr, "stalkstats: no figure fits these filters")
		}
		return nil
	})
}

func (c *reportCommand) filters() url.Values {
	v := url.Values{"measure": c.Measure, "area": c.Area, "source": c.Source}
	for key, value := range map[string]string{"from": c.From, "to": c.To, "as_at": c.AsAt, "period": c.Period, "breakdown": c.Breakdown, "audience": c.Audience} {
		if value != "" {
			v.Set(key, value)
		}
	}
	return v
}

type migrateCommand struct{}

// Run brings the tables to this version and says how many steps that took.
func (c *migrateCommand) Run(s *session) error {
	cfg, err := s.config()
	if err != nil {
		return err
	}
	db, err := s.connect(cfg, true)
	if err != nil {
		return err
	}
	applied, err := schemas.Apply(s.ctx, db)
	if err := errors.Join(err, db.Close()); err != nil {
		return err
	}
	if s.flags.JSON {
		return s.printJSON(map[string]int{"applied": applied})
	}
	fmt.Fprintf(s.Stdout, "%d steps applied; the tables are current\n", applied)
	return nil
}

type checkCommand struct{}

// Run checks the configuration.
func (c *checkCommand) Run(s *session) error {
	cfg, err := s.configFor(true)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.Stdout, "%s is in order: %d sources\n", s.flags.Config, len(cfg.ETL.Sources))
	return nil
}

type versionCommand struct{}

// Run says which version this is.
func (c *versionCommand) Run(s *session) error {
	if s.flags.JSON {
		return s.printJSON(map[string]string{"version": s.Environment.Version})
	}
	fmt.Fprintln(s.Stdout, "stalkstats", s.Environment.Version)
	return nil
}
