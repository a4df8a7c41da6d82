package embedded

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
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
// checked along.
func (c *connection) checkWritten(sql string, began time.Time) error {
	found := insertInto.FindStringSubmatch(sql)
	if found == nil {
		return nil
	}
	table := found[1] // of the connection's database: no statement here names another
	parts, err := c.text(fmt.Sprintf("SELECT name, path FROM system.parts WHERE database = currentDatabase() AND table = %s AND active AND level = 0 AND modification_time >= toDateTime(%d)",
		quoteText(table), began.Unix()))
	if err != nil {
		return fmt.Errorf("look for what was written: %w", err)
	}
	broken := false
	for line := range strings.Lines(parts) {
		part, path, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if c.isWhole(table, part, path) {
			continue
		}
		_, err = c.text("ALTER TABLE " + quoteName(table) + " DROP PART " + quoteText(part))
		if err != nil && !c.holds(table, part) {
			continue // it has gone into a larger one, for which all of it was read
		}
		if err != nil {
			return fmt.Errorf("take out what was not written whole: %w", err)
		}
		broken = true
	}
	if broken {
		return refuse(243, "NOT_ENOUGH_SPACE", "What was inserted into %s could not be written whole", table)
	}
	return nil
}

// isWhole reports whether all files of a part are as they were to be written. Of
// the small ones that say how to read it the engine keeps no checksums: what is
// lost of those is all of it.
func (c *connection) isWhole(table, part, path string) bool {
	small, err := filepath.Glob(filepath.Join(path, "*.txt"))
	if err != nil {
		return false
	}
	for _, file := range append(small, filepath.Join(path, "serialization.json")) {
		if info, err := os.Stat(file); err == nil && info.Size() == 0 {
			return false
		}
	}
	whole, err := c.text("CHECK TABLE " + quoteName(table) + " PART " + quoteText(part) + " SETTINGS check_query_single_value_result = 1")
	return err == nil && strings.TrimSpace(whole) == "1"
}

// holds reports whether a part is still there.
func (c *connection) holds(table, part string) bool {
	n, err := c.text(fmt.Sprintf("SELECT count() FROM system.parts WHERE database = currentDatabase() AND table = %s AND name = %s AND active", quoteText(table), quoteText(part)))
	return err != nil || strings.TrimSpace(n) != "0"
}
