package embedded

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// refuseTorn refuses a statement over a table that holds a part which is not
// whole and cannot be taken out before the disk has room. The insert that wrote it
// has failed, and still its rows may be readable: who read them would take for
// published what is gone a moment later.
func (c *connection) refuseTorn(sql string) error {
	for _, p := range c.checked.tornParts() {
		names, err := c.readersOf(p)
		if err != nil {
			return err
		}
		if mentions(sql, names) {
			return refuse(243, "NOT_ENOUGH_SPACE", "What was inserted into %s could not be written whole, and there is no room to take it out", p.table)
		}
	}
	return nil
}

// readersOf is the table of a part and the views that read it, by name.
func (c *connection) readersOf(p part) (names []string, err error) {
	views, err := c.text("SELECT name, replaceAll(as_select, '\\n', ' ') FROM system.tables WHERE engine = 'View' AND database = " + quoteText(p.database))
	if err != nil {
		return nil, fmt.Errorf("look for the views of a table: %w", err)
	}
	names = []string{p.table}
	for found := true; found; {
		found = false
		for line := range strings.Lines(views) {
			name, reads, _ := strings.Cut(line, "\t")
			if !slices.Contains(names, name) && mentions(reads, names) {
				names, found = append(names, name), true
			}
		}
	}
	return names, nil
}

// mentions reports whether one of the names stands in a statement as a word.
func mentions(sql string, names []string) bool {
	var quoted []string
	for _, name := range names {
		quoted = append(quoted, regexp.QuoteMeta(name))
	}
	return regexp.MustCompile(`\b(?:` + strings.Join(quoted, "|") + `)\b`).MatchString(sql)
}
