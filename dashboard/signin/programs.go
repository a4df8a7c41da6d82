package signin

import (
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A Program reads figures without a browser, such as Power BI, Excel or Prometheus. It
// is known by a token, of which the file has the hash alone.
type Program struct {
	Name  string `yaml:"name"`
	Role  string `yaml:"role"`
	Token string `yaml:"token"` // its SHA-256, in hexadecimal digits
	Ends  string `yaml:"ends"`  // the last day on which it is taken, such as 2026-12-31
}

// programFile is the file of programs.
type programFile struct {
	Programs []Program `yaml:"programs"`
}

// tokenStart is how every token begins, so that one that was left lying in a file or a
// message is known for what it is.
const tokenStart = "stalkstats_"

var tokenHash = regexp.MustCompile(`^[0-9a-f]{64}$`)

// NewToken is a new token, and its hash for the file. It has 256 random bits: it cannot be
// guessed, so that a hash that is quickly made is enough.
func NewToken() (token, hash string) {
	token = tokenStart + rand.Text() + rand.Text()
	return token, hashToken(token)
}

func hashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// ReadPrograms reads a file of programs. An error names the file and what is wrong with it.
func ReadPrograms(path string) ([]Program, error) {
	var file programFile
	if err := readFile(path, "programs", "stalkstats program add NAME --role analyst", &file); err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, p := range file.Programs {
		if err := p.check(); err != nil {
			return nil, fmt.Errorf("the file of programs %s: %w", path, err)
		}
		if seen[p.Name] || seen[p.Token] {
			return nil, fmt.Errorf("the file of programs %s: %s or its token stands twice", path, p.Name)
		}
		seen[p.Name], seen[p.Token] = true, true
	}
	return file.Programs, nil
}

func (p Program) check() error {
	if err := CheckName(p.Name); err != nil {
		return err
	}
	if _, err := ParseRole(p.Role); err != nil {
		return fmt.Errorf("%s: %w", p.Name, err)
	}
	if !tokenHash.MatchString(p.Token) {
		return fmt.Errorf("the token of %s is not what `stalkstats program` writes", p.Name)
	}
	if _, err := time.Parse(time.DateOnly, p.Ends); err != nil {
		return fmt.Errorf("%s: %q is not the day on which it ends, such as 2026-12-31", p.Name, p.Ends)
	}
	return nil
}

// ChangePrograms reads a file of programs, and writes it as change gives it back. Two
// changes at once follow each other.
func ChangePrograms(path string, change func([]Program) ([]Program, error)) error {
	return changeFile(path, ReadPrograms, func(path string, all []Program) error {
		slices.SortFunc(all, func(a, b Program) int { return cmp.Compare(a.Name, b.Name) })
		return writeFile(path, "programs", "stalkstats program", programFile{all})
	}, change)
}

// programs knows the programs of a file by the hash of the token.
type programs = reread[map[string]Program]

func knownPrograms(path string) (map[string]Program, error) {
	all, err := ReadPrograms(path)
	known := map[string]Program{}
	for _, p := range all {
		known[p.Token] = p
	}
	return known, err
}

// HasToken reports whether a request names itself by a token, and not by a session.
func HasToken(r *http.Request) bool { return r.Header.Get("Authorization") != "" }

// Programs reports whether programs can read here.
func (s *SignIn) Programs() bool { return s.programs != nil }

// Token is the program whose token a request has: as a bearer's, or as the password
// of a name, which is what spreadsheets can send. A program only reads. The error is a *Refusal.
func (s *SignIn) Token(r *http.Request) (Person, error) {
	if s.programs == nil {
		return Person{}, refuse(http.StatusUnauthorized, nil, "Programs cannot sign in here: auth.programs names no file of them in the configuration.")
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return Person{}, refuse(http.StatusForbidden, nil, "A program may only read: nothing was done.")
	}
	known, err := s.programs.current()
	if err != nil {
		return Person{}, refuse(http.StatusServiceUnavailable, err, "No program can sign in: the file of programs cannot be read, and the log says why.")
	}
	name, token := tokenOf(r)
	one, ok := known[hashToken(token)]
	if !ok || name != "" && name != one.Name {
		return Person{}, refuse(http.StatusUnauthorized, nil, "This token is not known here: whoever runs stalkstats hands them out.")
	}
	if s.now().Format(time.DateOnly) > one.Ends {
		return Person{}, refuse(http.StatusUnauthorized, nil, "The token of the program %s ended after %s: ask whoever runs stalkstats for another.", one.Name, one.Ends)
	}
	role, err := ParseRole(one.Role)
	return Person{ID: "program " + one.Name, Role: role}, err
}

// tokenOf is what a request names itself by.
func tokenOf(r *http.Request) (name, token string) {
	if name, token, ok := r.BasicAuth(); ok {
		return name, token
	}
	kind, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(kind, "Bearer") {
		return "", ""
	}
	return "", strings.TrimSpace(token)
}
