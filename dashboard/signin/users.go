package signin

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"syscall"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// A User is one local user, as the file has it.
type User struct {
	Name     string `yaml:"name"`
	Role     string `yaml:"role"`
	Password string `yaml:"password"` // its hash, in the PHC string format
}

// userFile is the file of local users.
type userFile struct {
	Users []User `yaml:"users"`
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

// CheckUserName says what is wrong with the name of a new user.
func CheckUserName(name string) error {
	if !userName.MatchString(name) {
		return fmt.Errorf("the name %q must be 2 to 40 small letters, digits, dots, hyphens and underscores", name)
	}
	return nil
}

// ReadUsers reads a file of local users. An error names the file and what is wrong
// with it.
func ReadUsers(path string) ([]User, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no file of users %s: `stalkstats user add NAME --role admin` makes it", path)
	}
	if err != nil {
		return nil, fmt.Errorf("read the file of users: %w", err)
	}
	var file userFile
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil && len(bytes.TrimSpace(text)) > 0 {
		return nil, fmt.Errorf("the file of users %s cannot be read: %w", path, err)
	}
	seen := map[string]bool{}
	for _, u := range file.Users {
		if err := u.check(); err != nil {
			return nil, fmt.Errorf("the file of users %s: %w", path, err)
		}
		if seen[u.Name] {
			return nil, fmt.Errorf("the file of users %s: %s stands twice", path, u.Name)
		}
		seen[u.Name] = true
	}
	return file.Users, nil
}

func (u User) check() error {
	if err := CheckUserName(u.Name); err != nil {
		return err
	}
	if _, err := ParseRole(u.Role); err != nil {
		return fmt.Errorf("%s: %w", u.Name, err)
	}
	if _, err := parseHash(u.Password); err != nil {
		return fmt.Errorf("the password of %s: %w", u.Name, err)
	}
	return nil
}

// ChangeUsers reads a file of local users, and writes it as change gives it back. Two
// changes at once follow each other: one that began with what was there before the
// other would undo it, and let somebody in again who was taken out.
func ChangeUsers(path string, change func([]User) ([]User, error)) error {
	unlock, err := lockFolder(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("change the file of users: %w", err)
	}
	defer unlock()
	all, err := ReadUsers(path)
	if _, there := os.Stat(path); errors.Is(there, fs.ErrNotExist) {
		err = nil // the first user makes the file
	}
	if err != nil {
		return err
	}
	if all, err = change(all); err != nil {
		return err
	}
	return WriteUsers(path, all)
}

// lockFolder waits until no other process has a folder. The kernel lets go of it when
// the process ends.
func lockFolder(path string) (unlock func(), err error) {
	folder, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(folder.Fd()), syscall.LOCK_EX); err != nil {
		return nil, errors.Join(err, folder.Close())
	}
	return func() { _ = folder.Close() }, nil
}

// keepOwner gives a new file to whoever owns the one that it replaces: a file of root's
// could not be read by the program that serves the pages.
func keepOwner(file *os.File, path string) error {
	before, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	now, err := file.Stat()
	if err != nil {
		return err
	}
	is, was := now.Sys().(*syscall.Stat_t), before.Sys().(*syscall.Stat_t)
	if is.Uid == was.Uid && is.Gid == was.Gid {
		return nil
	}
	return file.Chown(int(was.Uid), int(was.Gid))
}

// WriteUsers writes a file of local users whole or not at all, for its owner alone.
func WriteUsers(path string, all []User) (err error) {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	slices.SortFunc(all, func(a, b User) int { return cmp.Compare(a.Name, b.Name) })
	text, err := yaml.Marshal(userFile{all})
	if err != nil {
		return fmt.Errorf("write the file of users: %w", err)
	}
	temporary, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return fmt.Errorf("write the file of users: %w", err)
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("write the file of users: %w", errors.Join(err, os.Remove(temporary.Name())))
		}
	}()
	_, err = temporary.Write(append([]byte("# Local users of stalkstats. `stalkstats user` writes this file.\n"), text...))
	if err = errors.Join(err, keepOwner(temporary, path), temporary.Sync(), temporary.Close()); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), path)
}

// users knows the local users of a file, and reads it again when it has changed.
type users struct {
	path   string
	nobody passwordHash  // what a password is compared with that belongs to nobody
	turns  chan struct{} // each check takes 64 MiB: few are made at once

	mu    sync.Mutex
	seen  fileState
	known map[string]knownUser
}

type knownUser struct {
	person   Person
	password passwordHash
	stamp    string // of the password
}

// fileState tells one writing of a file from another.
type fileState struct {
	changed time.Time
	size    int64
}

// checksAtOnce is how many passwords are checked at once.
const checksAtOnce = 2

func newUsers(path string) *users {
	nobody, err := parseHash(HashPassword("nobody has this password"))
	if err != nil {
		panic(err) // it was made a line before
	}
	return &users{path: path, nobody: nobody, turns: make(chan struct{}, checksAtOnce)}
}

// current is the users by name. While the file is broken there are none: a slip in it
// must not keep somebody in who was to be shut out.
func (u *users) current() (map[string]knownUser, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	info, err := os.Stat(u.path)
	if err == nil && u.seen == (fileState{info.ModTime(), info.Size()}) {
		return u.known, nil
	}
	all, err := ReadUsers(u.path)
	if u.known, u.seen = nil, (fileState{}); err != nil {
		return nil, err
	}
	u.known = map[string]knownUser{}
	for _, one := range all {
		role, err := ParseRole(one.Role)
		if err != nil {
			return nil, err
		}
		hash, err := parseHash(one.Password)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256([]byte(one.Password))
		u.known[one.Name] = knownUser{Person{ID: one.Name, Role: role}, hash, hex.EncodeToString(sum[:])}
	}
	if info != nil {
		u.seen = fileState{info.ModTime(), info.Size()}
	}
	return u.known, nil
}

// find is a user as the file has it now, and the stamp of the password.
func (u *users) find(name string) (Person, string, bool) {
	known, err := u.current()
	one, ok := known[name]
	return one.person, one.stamp, ok && err == nil
}

const wrongPassword = "The name or the password is not right."

// check is the user with a password. Who does not exist is answered like a wrong
// password, in the same words and after the same work.
func (u *users) check(ctx context.Context, name, password string) (Person, string, error) {
	known, err := u.current()
	if err != nil {
		return Person{}, "", refuse(http.StatusServiceUnavailable, err, "Nobody can sign in: the file of users cannot be read, and the log says why.")
	}
	if len(password) > longestPassword {
		return Person{}, "", refuse(http.StatusUnauthorized, nil, wrongPassword)
	}
	select {
	case u.turns <- struct{}{}:
		defer func() { <-u.turns }()
	case <-ctx.Done():
		return Person{}, "", refuse(http.StatusServiceUnavailable, nil, "Too many people sign in just now: try again.")
	}
	one, ok := known[name]
	if !ok {
		u.nobody.matches(password)
		return Person{}, "", refuse(http.StatusUnauthorized, nil, wrongPassword)
	}
	if !one.password.matches(password) {
		wrong := refuse(http.StatusUnauthorized, nil, wrongPassword)
		wrong.Account = name
		return Person{}, "", wrong
	}
	return one.person, one.stamp, nil
}
