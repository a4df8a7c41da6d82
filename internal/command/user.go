package command

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"stalkstats/dashboard/signin"
	"stalkstats/internal/stats"
	"stalkstats/schemas"
)

// userCommand keeps the file of local users.
type userCommand struct {
	Add      userAddCommand      `cmd:"" help:"Add a user, whose password is asked for."`
	Role     userRoleCommand     `cmd:"" help:"Give a user another role."`
	Areas    userAreasCommand    `cmd:"" help:"Say which areas a user may see in detail."`
	Password userPasswordCommand `cmd:"" help:"Give a user another password. Their sessions end."`
	Remove   userRemoveCommand   `cmd:"" help:"Take a user out. Their sessions end."`
	List     userListCommand     `cmd:"" help:"The users and their roles."`
}

type userAddCommand struct {
	Name  string   `arg:"" help:"Small letters, digits, dots, hyphens and underscores."`
	Role  string   `help:"viewer, analyst, data_owner or admin." required:"" placeholder:"ROLE"`
	Areas []string `help:"The areas that the user may see in detail, by ONS codes or names; all for every area, as where it is left out, and none for no area." placeholder:"AREA" sep:"none"`
}

// Run adds a user.
func (c *userAddCommand) Run(s *session) error {
	if err := signin.CheckName(c.Name); err != nil {
		return usageError{err}
	}
	if _, err := signin.ParseRole(c.Role); err != nil {
		return usageError{err}
	}
	about, areas := c.Name+" --role "+c.Role, []string{signin.EveryArea}
	if c.Areas != nil { // given, and be it as an empty text
		if err := checkAreas("--areas", c.Areas); err != nil {
			return err
		}
		areas = c.Areas
		about += " --areas " + strings.Join(c.Areas, ",")
	}
	if _, err := s.usersFile(); err != nil {
		return err // before anybody types a password for nothing
	}
	password, err := s.newPassword(c.Name)
	if err != nil {
		return err
	}
	err = localUsers.edit(s, stats.AddUserAct, about, func(all []signin.User) ([]signin.User, string, error) {
		if place(all, c.Name) >= 0 {
			return nil, "", fmt.Errorf("there is a user %s already", c.Name)
		}
		return append(all, signin.User{Name: c.Name, Role: c.Role, Areas: areas, Password: signin.HashPassword(password)}), c.Name + " is added as " + c.Role, nil
	})
	if err != nil {
		return err
	}
	return s.warnOfAreas(areas)
}

// checkAreas is for areas that a command is given: none of them would be a variable of a
// script that was not set.
func checkAreas(at string, areas []string) error {
	if err := signin.CheckAreas(areas); err != nil {
		return usageError{fmt.Errorf("%s: %w", at, err)}
	}
	return nil
}

// warnOfAreas tells which names are no force, and will open nothing. The program's own areas
// alone are known here: a server may have loaded others, with further spellings.
func (s *session) warnOfAreas(named []string) error {
	areas, err := schemas.Areas()
	if err != nil {
		return err
	}
	known := func(name string) bool { _, ok := areas.Force(name); return ok }
	for _, name := range signin.AreaNames(named, known) {
		if !known(name) && !strings.EqualFold(name, signin.EveryArea) && !strings.EqualFold(name, signin.NoArea) {
			fmt.Fprintf(s.Stderr, "stalkstats: %q is no force that is known here, by code or name: it opens nothing, unless an areas file of your own has that name\n", name)
		}
	}
	return nil
}

type userRoleCommand struct {
	Name string `arg:"" help:"The user."`
	Role string `arg:"" help:"viewer, analyst, data_owner or admin."`
}

// Run gives a user another role.
func (c *userRoleCommand) Run(s *session) error {
	if _, err := signin.ParseRole(c.Role); err != nil {
		return usageError{err}
	}
	return s.changeUser(stats.ChangeRoleAct, c.Name, c.Name+" "+c.Role, func(u *signin.User) (string, error) {
		u.Role = c.Role
		return c.Name + " is " + c.Role + " from the next page on", nil
	})
}

type userAreasCommand struct {
	Name  string   `arg:"" help:"The user."`
	Areas []string `arg:"" help:"ONS codes or names; all for every area, none for no area."`
}

// Run says which areas a user may see in detail.
func (c *userAreasCommand) Run(s *session) error {
	if err := checkAreas("areas", c.Areas); err != nil {
		return err
	}
	areas := signin.User{Areas: c.Areas}.Detail()
	err := s.changeUser(stats.ChangeAreasAct, c.Name, c.Name+" "+areas, func(u *signin.User) (string, error) {
		u.Areas = c.Areas
		return c.Name + " sees in detail from the next page on: " + areas, nil
	})
	if err != nil {
		return err
	}
	return s.warnOfAreas(c.Areas)
}

type userPasswordCommand struct {
	Name string `arg:"" help:"The user."`
}

// Run gives a user another password.
func (c *userPasswordCommand) Run(s *session) error {
	if _, err := s.usersFile(); err != nil {
		return err
	}
	password, err := s.newPassword(c.Name)
	if err != nil {
		return err
	}
	return s.changeUser(stats.ChangePasswordAct, c.Name, c.Name, func(u *signin.User) (string, error) {
		u.Password = signin.HashPassword(password)
		return "the password of " + c.Name + " is changed, and their sessions have ended", nil
	})
}

type userRemoveCommand struct {
	Name string `arg:"" help:"The user."`
}

// Run takes a user out.
func (c *userRemoveCommand) Run(s *session) error {
	return localUsers.edit(s, stats.RemoveUserAct, c.Name, func(all []signin.User) ([]signin.User, string, error) {
		i := place(all, c.Name)
		if i < 0 {
			return nil, "", fmt.Errorf("there is no user %s", c.Name)
		}
		return slices.Delete(all, i, i+1), c.Name + " is removed, and their sessions have ended", nil
	})
}

type userListCommand struct{}

// Run lists the users.
func (c *userListCommand) Run(s *session) error {
	path, err := s.usersFile()
	if err != nil {
		return err
	}
	all, err := signin.ReadUsers(path)
	if err != nil {
		return err
	}
	if s.flags.JSON {
		list := []map[string]string{}
		for _, u := range all {
			list = append(list, map[string]string{"name": u.Name, "role": u.Role, "areas": u.Detail()})
		}
		return s.printJSON(list)
	}
	for _, u := range all {
		fmt.Fprintf(s.Stdout, "%s  %s  %s\n", u.Name, u.Role, u.Detail())
	}
	return nil
}

// usersFile is the file that the configuration names.
func (s *session) usersFile() (string, error) {
	cfg, err := s.config()
	if err != nil {
		return "", err
	}
	if cfg.Auth.Users == "" {
		return "", errors.New("there are no local users: auth.users names no file for them in the configuration")
	}
	return cfg.Auth.Users, nil
}

func place(all []signin.User, name string) int {
	return slices.IndexFunc(all, func(u signin.User) bool { return u.Name == name })
}

func (s *session) changeUser(action stats.Action, name, about string, change func(*signin.User) (string, error)) error {
	return localUsers.edit(s, action, about, func(all []signin.User) ([]signin.User, string, error) {
		i := place(all, name)
		if i < 0 {
			return nil, "", fmt.Errorf("there is no user %s", name)
		}
		done, err := change(&all[i])
		return all, done, err
	})
}

// newPassword asks for a password, on a terminal twice.
func (s *session) newPassword(name string) (string, error) {
	if s.ReadPassword == nil {
		line, err := bufio.NewReader(s.Stdin).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", fmt.Errorf("read the password: %w", err)
		}
		password := strings.TrimRight(line, "\r\n")
		return password, signin.CheckPassword(password)
	}
	fmt.Fprintf(s.Stderr, "Password of %s, at least %d characters: ", name, signin.ShortestPassword)
	first, err := s.ReadPassword()
	fmt.Fprintln(s.Stderr)
	if err != nil {
		return "", fmt.Errorf("read the password: %w", err)
	}
	if err := signin.CheckPassword(first); err != nil {
		return "", err
	}
	fmt.Fprint(s.Stderr, "The same again: ")
	second, err := s.ReadPassword()
	fmt.Fprintln(s.Stderr)
	if err != nil {
		return "", fmt.Errorf("read the password: %w", err)
	}
	if first != second {
		return "", errors.New("the two passwords differ: nothing was changed")
	}
	return first, nil
}
