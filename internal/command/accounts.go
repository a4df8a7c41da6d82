package command

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"stalkstats/dashboard/signin"
	"stalkstats/internal/stats"
)

// accounts is a file of those who may come in.
type accounts[T any] struct {
	path  func(*session) (string, error)
	write func(path string, change func([]T) ([]T, error)) error
}

// The users who sign in with a password, and the programs that read with a token.
var (
	localUsers = accounts[signin.User]{(*session).usersFile, signin.ChangeUsers}
	readers    = accounts[signin.Program]{(*session).programsFile, signin.ChangePrograms}
)

// edit writes the file as change gives it back, prints what was done, and adds it to the
// audit.
func (a accounts[T]) edit(s *session, action stats.Action, about string, change func([]T) ([]T, string, error)) error {
	path, err := a.path(s)
	if err != nil {
		return err
	}
	var done string
	err = a.write(path, func(all []T) ([]T, error) {
		all, said, err := change(all)
		done = said
		return all, err
	})
	if err != nil {
		return err
	}
	fmt.Fprintln(s.Stdout, done)
	return s.recordChange(action, about)
}

// recordChange adds to the audit who may come in now. Before the first start of the
// server there is no audit, and none is made: the account that gives this command may be
// another one than the server's.
func (s *session) recordChange(action stats.Action, about string) error {
	cfg, err := s.config()
	if err != nil {
		return err
	}
	if _, err := os.Stat(cfg.ClickHouseDir()); cfg.ClickHouse.DSN == "" && errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	err = s.work(func(j job) error {
		s.record(j, action, about, nil)
		return nil
	})
	if err != nil {
		return fmt.Errorf("this was done, but the audit does not have it: %w", err)
	}
	return nil
}
