package signin

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// The second of the parameters that RFC 9106 recommends, section 4: 64 MiB, three
// passes, four lanes.
const (
	usualMemory  = 64 << 10 // KiB
	usualPasses  = 3
	usualLanes   = 4
	saltLength   = 16
	keyLength    = 32
	leastMemory  = 19 << 10 // KiB: the least that OWASP recommends
	mostMemory   = 1 << 20  // KiB: a file must not make the program take more than a gibibyte
	mostPasses   = 20
	mostKey      = 64
	phcAlgorithm = "argon2id"
)

// A passwordHash is what is kept of a password.
type passwordHash struct {
	memory, passes uint32
	lanes          uint8
	salt, key      []byte
}

var phcBase64 = base64.RawStdEncoding.Strict()

// HashPassword is what is kept of a password, in the PHC string format.
func HashPassword(password string) string {
	h := passwordHash{memory: usualMemory, passes: usualPasses, lanes: usualLanes, salt: make([]byte, saltLength)}
	rand.Read(h.salt) // never fails
	h.key = h.derive(password, keyLength)
	return h.String()
}

func (h passwordHash) derive(password string, length uint32) []byte {
	return argon2.IDKey([]byte(password), h.salt, h.passes, h.memory, h.lanes, length)
}

// matches takes as long for a wrong password as for the right one.
func (h passwordHash) matches(password string) bool {
	return subtle.ConstantTimeCompare(h.derive(password, uint32(len(h.key))), h.key) == 1
}

// String is the hash in the PHC string format.
func (h passwordHash) String() string {
	return fmt.Sprintf("$%s$v=%d$m=%d,t=%d,p=%d$%s$%s", phcAlgorithm, argon2.Version, h.memory, h.passes, h.lanes,
		phcBase64.EncodeToString(h.salt), phcBase64.EncodeToString(h.key))
}

var errNoHash = errors.New("it is not what `stalkstats user` writes: $argon2id$v=19$m=…,t=…,p=…$salt$hash")

func parseHash(text string) (h passwordHash, err error) {
	parts := strings.Split(text, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != phcAlgorithm || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return h, errNoHash
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &h.memory, &h.passes, &h.lanes); err != nil {
		return h, errNoHash
	}
	if h.salt, err = phcBase64.DecodeString(parts[4]); err != nil {
		return h, errNoHash
	}
	if h.key, err = phcBase64.DecodeString(parts[5]); err != nil {
		return h, errNoHash
	}
	if h.String() != text {
		return h, errNoHash
	}
	switch {
	case h.memory < leastMemory || h.passes < 1 || h.lanes < 1 || len(h.salt) < 8 || len(h.key) < 16:
		return h, fmt.Errorf("it is weaker than m=%d,t=2,p=1, the least that is safe: set the password again", leastMemory)
	case h.memory > mostMemory || h.passes > mostPasses || len(h.key) > mostKey:
		return h, errors.New("checking it would take too long: set the password again")
	}
	return h, nil
}
