package signin

import (
	"fmt"
	"slices"
	"strings"
)

// A Role is what somebody may do. Each may do all that the one before may.
type Role int

// The roles. The zero value is nobody's: whoever has it may do nothing.
const (
	NoRole    Role = iota
	Viewer         // sees the pages
	Analyst        // takes figures away: files, the API, permanent links, saved reports
	DataOwner      // runs, sends, accepts, replays, withdraws and enters
	Admin          // sees who did what, and ends sessions
)

var roleNames = []string{"", "viewer", "analyst", "data_owner", "admin"}

// Roles is all roles, the least first.
func Roles() []Role { return []Role{Viewer, Analyst, DataOwner, Admin} }

// String is the role's name in configurations.
func (r Role) String() string {
	if r < 0 || int(r) >= len(roleNames) {
		return fmt.Sprintf("Role(%d)", int(r))
	}
	return roleNames[r]
}

// Words is the role in a sentence, such as "a data owner".
func (r Role) Words() string {
	switch r {
	case Viewer:
		return "a viewer"
	case Analyst:
		return "an analyst"
	case DataOwner:
		return "a data owner"
	case Admin:
		return "an admin"
	}
	return "nobody"
}

// ParseRole is the role of a name.
func ParseRole(name string) (Role, error) {
	if i := slices.Index(roleNames, name); i > 0 {
		return Role(i), nil
	}
	return NoRole, fmt.Errorf("%q is none of the roles %s", name, strings.Join(roleNames[1:], ", "))
}
