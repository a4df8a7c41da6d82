package embedded

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// keepFree is the room that the engine leaves on the disk, in bytes: where less
// is free it refuses, in words, to begin an insert or to put parts together. What
// it has begun and cannot write it does not notice: version 26.7.3 takes a write
// that the system refused for one that was made.
const keepFree = 64 << 20

var insertInto = regexp.MustCompile("(?i)^\\s*INSERT\\s+INTO\\s+(?:TABLE\\s+)?`?([A-Za-z_][A-Za-z0-9_]*)")

// checkWritten reads again what an insert that began at a time has written. A
// part that is not whole is taken out, because every statement over its table
// would fail, and the insert has failed. Parts that others wrote meanwhile are
// checked along, each once: what is whole stays so, and what an earlier insert
// left torn is not this one's fault.
func (c *connection) checkWritten(sql string, began time.Time) error {
	found := insertInto.FindStringSubmatch(sql)
	if found == nil {
		return nil
	}
	table := found[1] // of the connection's database: no statement here names another
	parts, err := c.text(fmt.Sprintf("SELECT database, name, path FROM system.parts WHERE database = currentDatabase() AND table = %s AND active AND level = 0 AND modification_time >= toDateTime(%d)",
		quoteText(table), began.Unix()))
	if err != nil {
		return fmt.Errorf("look for what was written: %w", err)
	}
	var failed error
	for line := range strings.Lines(parts) {
		columns := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		p := part{columns[0], table, columns[1], columns[2]}
		if c.checked.knows(p) {
			continue
		}
		if c.isWhole(p) {
			c.checked.add(p)
			continue
		}
		c.checked.torn(p)
		failed = refuse(243, "NOT_ENOUGH_SPACE", "What was inserted into %s could not be written whole", table)
	}
	if err := c.takeOutTorn(); err != nil {
		return err
	}
	return failed
}

// takeOutTorn takes out every part that is not whole, as soon as the disk has the
// room that this needs. Until then each statement tries it first, and those over
// its table are refused.
func (c *connection) takeOutTorn() error {
	for _, p := range c.checked.tornParts() {
		table := quoteName(p.database) + "." + quoteName(p.table)
		// A part that is not there any more has gone into a larger one, for which
		// all of it was read.
		if _, err := c.text("ALTER TABLE " + table + " DROP PART " + quoteText(p.name)); err != nil && c.holds(p) {
			return fmt.Errorf("take out what was not written whole: %w", err)
		}
		c.checked.takenOut(p)
	}
	return nil
}

// A part is what an insert writes: a directory, which no two parts ever share.
type part struct{ database, table, name, path string }

// checkedParts is what was found of parts lately. Every connection of an engine
// knows it.
type checkedParts struct {
	mu    sync.Mutex
	found map[string]bool // by path; those that are whole, or were torn
	left  map[part]bool   // that are torn and not taken out yet
}

// mostChecked is how many are remembered. A part is asked about again only within
// seconds of its insert.
const mostChecked = 1000

func (c *checkedParts) knows(p part) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.found[p.path]
}

func (c *checkedParts) add(p part) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.found == nil || len(c.found) >= mostChecked {
		c.found = map[string]bool{}
	}
	c.found[p.path] = true
}

func (c *checkedParts) torn(p part) {
	c.add(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.left == nil {
		c.left = map[part]bool{}
	}
	c.left[p] = true
}

func (c *checkedParts) tornParts() []part {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Collect(maps.Keys(c.left))
}

func (c *checkedParts) takenOut(p part) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.left, p)
}

// isWhole reports whether all files of a part are as they were to be written. Of
// the small ones that say how to read it the engine keeps no checksums: what is
// lost of those is all of it.
func (c *connection) isWhole(p part) bool {
	small, err := filepath.Glob(filepath.Join(p.path, "*.txt"))
	if err != nil {
		return false
	}
	for _, file := range append(small, filepath.Join(p.path, "serialization.json")) {
		if info, err := os.Stat(file); err == nil && info.Size() == 0 {
			return false
		}
	}
	whole, err := c.text("CHECK TABLE " + quoteName(p.table) + " PART " + quoteText(p.name) + " SETTINGS check_query_single_value_result = 1")
	return err == nil && strings.TrimSpace(whole) == "1"
}

// holds reports whether a part is still there.
func (c *connection) holds(p part) bool {
	n, err := c.text(fmt.Sprintf("SELECT count() FROM system.parts WHERE path = %s AND active", quoteText(p.path)))
	return err != nil || strings.TrimSpace(n) != "0"
}
