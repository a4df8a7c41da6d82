package signin

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
)

// users knows the local users of a file, and reads it again when it has changed.
type users struct {
	file   *reread[map[string]knownUser]
	nobody passwordHash  // what a password is compared with that belongs to nobody
	turns  chan struct{} // each check takes 64 MiB: few are made at once
}

type knownUser struct {
	person   Person
	password passwordHash
	stamp    string // of the password
}

// checksAtOnce is how many passwords are checked at once.
const checksAtOnce = 2

func newUsers(path string) *users {
	nobody, err := parseHash(HashPassword("nobody has this password"))
	if err != nil {
		panic(err) // it was made a line before
	}
	return &users{file: &reread[map[string]knownUser]{path: path, read: knownUsers}, nobody: nobody, turns: make(chan struct{}, checksAtOnce)}
}

// knownUsers is the users of a file by name.
func knownUsers(path string) (map[string]knownUser, error) {
	all, err := ReadUsers(path)
	if err != nil {
		return nil, err
	}
	known := map[string]knownUser{}
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
		person := Person{ID: one.Name, Role: role}.inDetail(one.Areas)
		known[one.Name] = knownUser{person, hash, hex.EncodeToString(sum[:])}
	}
	return known, nil
}

// find is a user as the file has it now, and the stamp of the password.
func (u *users) find(name string) (Person, string, bool) {
	known, err := u.file.current()
	one, ok := known[name]
	return one.person, one.stamp, ok && err == nil
}

const wrongPassword = "The name or the password is not right."

// check is the user with a password. Who does not exist is answered like a wrong
// password, in the same words and after the same work.
func (u *users) check(ctx context.Context, name, password string) (Person, string, error) {
	known, err := u.file.current()
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
