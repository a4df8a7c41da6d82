package signin

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// A User is one local user, as the file has it.
type User struct {
	Name string `yaml:"name"`
	Role string `yaml:"role"`
	// Areas is the areas that the user may see in detail, by code or name. EveryArea alone
	// is all of them: an empty list opens nothing.
	Areas    []string `yaml:"areas"`
	Password string   `yaml:"password"` // its hash, in the PHC string format
}

// userFile is the file of local users.
type userFile struct {
	Users []User `yaml:"users"`
}

// writtenUsers is the file of local users as somebody may have written it.
type writtenUsers struct {
	Users []writtenUser `yaml:"users"`
}

type writtenUser struct {
	Name string `yaml:"name"`
	Role string `yaml:"role"`
	// A list could not tell the key without a value, where somebody cleared it, from none.
	Areas    yaml.Node `yaml:"areas"`
	Password string    `yaml:"password"`
}

// user is the user that was written. Without the key areas it is one who sees all, as all
// do in a file of before there were any.
func (w *writtenUser) user() (User, error) {
	u := User{w.Name, w.Role, []string{EveryArea}, w.Password}
	if !w.Areas.IsZero() {
		u.Areas = nil
		if err := w.Areas.Decode(&u.Areas); err != nil {
			return u, fmt.Errorf("the areas of %s: %w", w.Name, err)
		}
	}
	if err := CheckAreas(u.Areas); err != nil {
		return u, fmt.Errorf("line %d: the areas of %s: %w", w.Areas.Line, w.Name, err)
	}
	return u, u.check()
}

var userName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{1,39}$`)

// The shortest and the longest password. What it is made of is left to its owner.
const (
	ShortestPassword = 12  // characters
	longestPassword  = 256 // bytes
)

// CheckPassword says what is wrong with a new password.
func CheckPassword(password string) error {
	switch {
	case utf8.RuneCountInString(password) < ShortestPassword:
		return fmt.Errorf("the password has fewer than %d characters: take three words that nobody would guess together", ShortestPassword)
	case len(password) > longestPassword:
		return fmt.Errorf("the password is longer than %d bytes", longestPassword)
	}
	return nil
}

// CheckName says what is wrong with the name of a new user or program.
func CheckName(name string) error {
	if !userName.MatchString(name) {
		return fmt.Errorf("the name %q must be 2 to 40 small letters, digits, dots, hyphens and underscores", name)
	}
	return nil
}

// ReadUsers reads a file of local users. An error names the file and what is wrong
// with it.
func ReadUsers(path string) ([]User, error) {
	var file writtenUsers
	if err := readFile(path, "users", "stalkstats user add NAME --role admin", &file); err != nil {
		return nil, err
	}
	var all []User
	seen := map[string]bool{}
	for _, written := range file.Users {
		u, err := written.user()
		if err != nil {
			return nil, fmt.Errorf("the file of users %s: %w", path, err)
		}
		if seen[u.Name] {
			return nil, fmt.Errorf("the file of users %s: %s stands twice", path, u.Name)
		}
		seen[u.Name], all = true, append(all, u)
	}
	return all, nil
}

// Detail is the areas that a user may see in detail, in one line.
func (u User) Detail() string { return strings.Join(areaParts(u.Areas), between) }

func (u User) check() error {
	if err := CheckName(u.Name); err != nil {
		return err
	}
	if _, err := ParseRole(u.Role); err != nil {
		return fmt.Errorf("%s: %w", u.Name, err)
	}
	if err := CheckAreas(u.Areas); err != nil {
		return fmt.Errorf("the areas of %s: %w", u.Name, err)
	}
	if _, err := parseHash(u.Password); err != nil {
		return fmt.Errorf("the password of %s: %w", u.Name, err)
	}
	return nil
}

// ChangeUsers reads a file of local users, and writes it as change gives it back. Two
// changes at once follow each other.
func ChangeUsers(path string, change func([]User) ([]User, error)) error {
	return changeFile(path, ReadUsers, WriteUsers, change)
}

// WriteUsers writes a file of local users whole or not at all, for its owner alone.
func WriteUsers(path string, all []User) error {
	for _, u := range all {
		if err := u.check(); err != nil {
			return fmt.Errorf("write the file of users: %w", err)
		}
	}
	slices.SortFunc(all, func(a, b User) int { return cmp.Compare(a.Name, b.Name) })
	return writeFile(path, "users", "stalkstats user", userFile{all})
}
