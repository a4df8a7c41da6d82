package command

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"stalkstats/dashboard/signin"
	"stalkstats/internal/stats"
)

// programCommand keeps the file of programs that read figures.
type programCommand struct {
	Add    programAddCommand    `cmd:"" help:"Add a program, and print its token: it is shown this once."`
	Remove programRemoveCommand `cmd:"" help:"Take a program out. Its token is not taken any more."`
	List   programListCommand   `cmd:"" help:"The programs, their roles, and when their tokens end."`
}

// tokenTakenFor is how long a token is taken where nothing else is said.
const tokenTakenFor = 365 * 24 * time.Hour

type programAddCommand struct {
	Name string `arg:"" help:"Small letters, digits, dots, hyphens and underscores."`
	Role string `help:"viewer, analyst, data_owner or admin. A program only reads, whatever its role: the API and files take analyst, /metrics admin." required:"" placeholder:"ROLE"`
	Ends string `help:"The last day on which the token is taken. Left out: in a year." placeholder:"DATE"`
}

// Run adds a program.
func (c *programAddCommand) Run(s *session) error {
	if err := signin.CheckName(c.Name); err != nil {
		return usageError{err}
	}
	if _, err := signin.ParseRole(c.Role); err != nil {
		return usageError{err}
	}
	ends, err := c.ends(time.Now())
	if err != nil {
		return usageError{err}
	}
	token, hash := signin.NewToken()
	return readers.edit(s, stats.AddProgramAct, c.Name+" --role "+c.Role+" --ends "+ends, func(all []signin.Program) ([]signin.Program, string, error) {
		if programPlace(all, c.Name) >= 0 {
			return nil, "", fmt.Errorf("there is a program %s already: remove it first, and it gets another token", c.Name)
		}
		return append(all, signin.Program{Name: c.Name, Role: c.Role, Token: hash, Ends: ends}), token, nil
	})
}

func (c *programAddCommand) ends(now time.Time) (string, error) {
	if c.Ends == "" {
		return now.Add(tokenTakenFor).Format(time.DateOnly), nil
	}
	day, err := time.Parse(time.DateOnly, c.Ends)
	if err != nil {
		return "", fmt.Errorf("--ends: %q is not a day such as 2026-12-31", c.Ends)
	}
	if c.Ends < now.Format(time.DateOnly) {
		return "", fmt.Errorf("--ends: %s is over", day.Format("2 January 2006"))
	}
	return c.Ends, nil
}

type programRemoveCommand struct {
	Name string `arg:"" help:"The program."`
}

// Run takes a program out.
func (c *programRemoveCommand) Run(s *session) error {
	return readers.edit(s, stats.RemoveProgramAct, c.Name, func(all []signin.Program) ([]signin.Program, string, error) {
		i := programPlace(all, c.Name)
		if i < 0 {
			return nil, "", fmt.Errorf("there is no program %s", c.Name)
		}
		return slices.Delete(all, i, i+1), c.Name + " is removed, and its token is not taken any more", nil
	})
}

type programListCommand struct{}

// Run lists the programs.
func (c *programListCommand) Run(s *session) error {
	path, err := s.programsFile()
	if err != nil {
		return err
	}
	all, err := signin.ReadPrograms(path)
	if err != nil {
		return err
	}
	if s.flags.JSON {
		list := []map[string]string{}
		for _, p := range all {
			list = append(list, map[string]string{"name": p.Name, "role": p.Role, "ends": p.Ends})
		}
		return s.printJSON(list)
	}
	for _, p := range all {
		fmt.Fprintf(s.Stdout, "%s  %s  %s\n", p.Name, p.Role, p.Ends)
	}
	return nil
}

// programsFile is the file that the configuration names.
func (s *session) programsFile() (string, error) {
	cfg, err := s.config()
	if err != nil {
		return "", err
	}
	if cfg.Auth.Programs == "" {
		return "", errors.New("no program can have a token: auth.programs names no file for them in the configuration")
	}
	return cfg.Auth.Programs, nil
}

func programPlace(all []signin.Program, name string) int {
	return slices.IndexFunc(all, func(p signin.Program) bool { return p.Name == name })
}
