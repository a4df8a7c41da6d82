package config

import (
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"stalkstats/internal/stats"
)

// BuiltinPrefix starts the address of reference data inside the program.
const BuiltinPrefix = "builtin:"

var (
	sourceName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	forceCode  = regexp.MustCompile(`^[EW]\d{8}$`)
)

// checker collects what the decoder cannot see.
type checker struct {
	cfg    *Config
	file   string
	lines  map[string]int
	known  Known
	faults Faults
}

func (c *checker) fault(path, format string, args ...any) {
	c.faults = append(c.faults, Fault{File: c.file, Line: c.lines[path], Problem: fmt.Sprintf(format, args...)})
}

func (c *checker) check() {
	if !forceCode.MatchString(c.cfg.Force) {
		c.fault("force", "force: %q is not a police force area's code, such as E23000026", c.cfg.Force)
	}
	if known := c.known.Forces; forceCode.MatchString(c.cfg.Force) && len(known) > 0 && !slices.Contains(known, c.cfg.Force) {
		c.fault("force", "force: no police force area has the code %s: docs/sources/areas.md says where they stand", c.cfg.Force)
	}
	if c.cfg.DataDir == "" {
		c.fault("data_dir", "data_dir: name a folder for the figures and the kept files")
	}
	c.checkClickHouse()
	c.checkListen()
	c.checkAuth()
	c.checkPublic()
	if contact := c.cfg.Contact; contact != strings.Join(strings.Fields(contact), " ") || strings.ContainsFunc(contact, unicode.IsControl) || utf8.RuneCountInString(contact) > longestContact {
		c.fault("contact", "contact: %q must be one line of at most %d characters, without spaces before, after or doubled, such as the performance team, statistics@example.org", contact, longestContact)
	}
	c.checkMarking("dashboard.marking", c.cfg.Dashboard.Marking)
	c.checkMarking("public.marking", c.cfg.Public.Marking)
	c.checkDisclosure()
	if !slices.Contains([]string{"debug", "info", "warn", "error"}, c.cfg.Log.Level) {
		c.fault("log.level", "log.level: %q is none of debug, info, warn, error", c.cfg.Log.Level)
	}
	if !slices.Contains([]string{"text", "json"}, c.cfg.Log.Format) {
		c.fault("log.format", "log.format: %q is none of text, json", c.cfg.Log.Format)
	}
	if _, err := time.LoadLocation(c.cfg.ETL.Timezone); err != nil {
		c.fault("etl.timezone", "etl.timezone: %q is not a time zone, such as Europe/London", c.cfg.ETL.Timezone)
	}
	c.checkHosts()
	c.checkSources()
	c.checkAlerts()
	c.checkReports()
	c.checkBackup()
}

// longestContact is how many characters whom to ask may have: it is one line of a cover.
const longestContact = 200

// longestMarking is how many characters a protective marking may have: it stands on
// every sheet of paper, and before the subject of every mail.
const longestMarking = 60

func (c *checker) checkMarking(key, words string) {
	if words != strings.Join(strings.Fields(words), " ") || utf8.RuneCountInString(words) > longestMarking {
		c.fault(key, "%s: %q must be one line of at most %d characters, without spaces before, after or doubled, such as OFFICIAL-SENSITIVE", key, words, longestMarking)
	}
}

// largestRule keeps a slip of the finger from hiding everything.
const largestRule = 1000

func (c *checker) checkDisclosure() {
	if n := c.cfg.Disclosure.Threshold; n < 1 || n > largestRule {
		c.fault("disclosure.threshold", "disclosure.threshold: %d is not between 1 (nothing is hidden) and %d", n, largestRule)
	}
	if n := c.cfg.Disclosure.Rounding; n < 1 || n > largestRule {
		c.fault("disclosure.rounding", "disclosure.rounding: %d is not between 1 (nothing is rounded) and %d", n, largestRule)
	}
}

func (c *checker) checkClickHouse() {
	if n := c.cfg.ClickHouse.Connections; n < 1 || n > 64 {
		c.fault("clickhouse.connections", "clickhouse.connections: %d is not between 1 and 64", n)
	}
	dsn := c.cfg.ClickHouse.DSN
	if dsn == "" {
		return
	}
	u, err := url.Parse(dsn)
	if err != nil || !serverAddress(dsn) {
		c.fault("clickhouse.dsn", "clickhouse.dsn: not an address such as clickhouse://host:9000/stalkstats")
		return
	}
	_, inUser := u.User.Password()
	if inUser || u.Query().Has("password") {
		c.fault("clickhouse.dsn", "clickhouse.dsn: a password must not stand in a file; put the whole address into the environment variable %s", DSNVariable)
	}
}

// serverAddress reports whether a DSN names a host by one of the driver's
// protocols.
func serverAddress(dsn string) bool {
	u, err := url.Parse(dsn)
	return err == nil && u.Host != "" && slices.Contains([]string{"clickhouse", "tcp", "http", "https"}, u.Scheme)
}

// checkListen keeps the pages on this machine, or behind sign-in and TLS: the figures
// are the force's true ones.
func (c *checker) checkListen() {
	if c.cfg.Dashboard.Listen == "" && c.cfg.Public.Listen != "" {
		return
	}
	if err := c.cfg.CheckListen(c.cfg.Dashboard.Listen); err != nil {
		c.fault("dashboard.listen", "dashboard.listen: %v", err)
	}
}

// Loopback reports whether a host can be reached from this machine only.
func Loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (c *checker) checkSources() {
	seen := map[string]int{}
	for i, s := range c.cfg.ETL.Sources {
		at := func(key string) string {
			path := fmt.Sprintf("etl.sources.%d.%s", i, key)
			if c.lines[path] == 0 {
				return fmt.Sprintf("etl.sources.%d", i)
			}
			return path
		}
		if !sourceName.MatchString(s.Name) {
			c.fault(at("name"), "name: %q must be small letters, digits and _, such as force_return", s.Name)
		} else if first, twice := seen[s.Name]; twice {
			c.fault(at("name"), "name: %s is on line %d already", s.Name, first)
		}
		seen[s.Name] = s.line
		if s.Title != strings.Join(strings.Fields(s.Title), " ") {
			c.fault(at("title"), "title: %q must be one line, without spaces before, after or doubled", s.Title)
		}
		if !slices.Contains(c.known.Parsers, s.Parser) {
			c.fault(at("parser"), "parser: %q is none of %s", s.Parser, strings.Join(c.known.Parsers, ", "))
		} else if stats.OpenData(s.Name) && !stats.OpenData(s.Parser) {
			// Of what counts as open data everybody is told the file's hash and rows.
			c.fault(at("name"), "name: %s is a name of open data, and the layout %s is of a force's own files: name it after the force, such as force_%s", s.Name, s.Parser, s.Name)
		}
		c.checkFrom(at, s)
		if c.known.Place != nil && s.From != "" {
			if err := c.known.Place(s.From, s.Pattern); err != nil {
				c.fault(at("from"), "from: %v", err)
			}
		}
		if c.known.Offences != nil && len(s.Offences) > 0 {
			if err := c.known.Offences(s.Parser, s.Offences); err != nil {
				c.fault(at("offences"), "offences: %v", err)
			}
		}
		if s.Schedule != "" && c.known.Schedule != nil {
			if err := c.known.Schedule(s.Schedule); err != nil {
				c.fault(at("schedule"), "schedule: %v", err)
			}
		}
		c.checkChecks(at, s)
		c.checkKind(at, s)
		if s.Area != "" && len(c.known.Forces) > 0 && !slices.Contains(c.known.Forces, s.Area) {
			c.fault(at("area"), "area: no police force area has the code %s: docs/sources/areas.md says where they stand", s.Area)
		}
		if s.CoversWithin > 0 && slices.Contains(c.known.Figureless, s.Parser) {
			c.fault(at("covers_within"), "covers_within: the layout %s brings no figures; fresh_within says how old its file may be", s.Parser)
		}
		if s.RejectLimit < 0 || s.RejectLimit >= 1 {
			c.fault(at("reject_limit"), "reject_limit: %v is not a share of rows from 0 to less than 1", s.RejectLimit)
		}
	}
	if len(c.cfg.ETL.Sources) > 0 {
		c.checkReference()
	}
}

func (c *checker) checkChecks(at func(string) string, s Source) {
	if m := s.Checks.MaxJump; m != 0 && m <= 1 {
		c.fault(at("checks.max_jump"), "checks.max_jump: %v is not a factor above 1; write `off: [jumps]` to leave the check out", m)
	}
	for _, name := range s.Checks.Off {
		if !slices.Contains(CheckNames, name) {
			c.fault(at("checks.off"), "checks.off: %q is none of %s", name, strings.Join(CheckNames, ", "))
		}
	}
}

func (c *checker) checkKind(at func(string) string, s Source) {
	kinds := c.known.Kinds[s.Parser]
	switch {
	case len(kinds) == 0 && s.Kind != "":
		c.fault(at("kind"), "kind: the layout %s has one kind of file only: leave it out", s.Parser)
	case len(kinds) > 0 && !slices.Contains(kinds, s.Kind):
		c.fault(at("kind"), "kind: %q is none of %s", s.Kind, strings.Join(kinds, ", "))
	}
}

// checkHosts finds what can never be the host of an address.
func (c *checker) checkHosts() {
	for _, host := range c.cfg.ETL.Fetch.Hosts {
		if u, err := url.Parse("https://" + host); err != nil || u.Host != host || u.Hostname() == "" {
			c.fault("etl.fetch.hosts", "etl.fetch.hosts: %q is not a host, such as www.gov.uk or files.example.org:8443", host)
		}
	}
	if c.cfg.ETL.Fetch.Timeout <= 0 {
		c.fault("etl.fetch.timeout", "etl.fetch.timeout: a file cannot be fetched in no time; write a length of time such as 30m")
	}
	if c.cfg.ETL.Fetch.MaxSize <= 0 {
		c.fault("etl.fetch.max_size", "etl.fetch.max_size: %d is not a number of bytes", c.cfg.ETL.Fetch.MaxSize)
	}
}

// checkFrom keeps to the hosts that are named, and record-level files, of
// which nothing may be kept, to this machine.
func (c *checker) checkFrom(at func(string) string, s Source) {
	path := at("from")
	if s.From == "" {
		c.fault(path, "from: name the file, folder or address that %s is loaded from", s.Name)
	}
	if s.Pattern != "" && !Web(s.From) {
		c.fault(at("pattern"), "pattern: only a publication page has one; in a folder the pattern is the last part of from, such as inbox/*.csv")
	}
	if !Web(s.From) {
		if strings.Contains(s.From, "://") {
			c.fault(path, "from: %q is neither a file nor an http or https address", s.From)
		}
		return
	}
	u, err := url.Parse(s.From)
	switch {
	case err != nil || u.Host == "":
		c.fault(path, "from: this is not a web address")
	case u.User != nil:
		c.fault(path, "from: a password must not stand in an address")
	case !c.cfg.ETL.Fetch.Allows(u):
		c.fault(path, "from: the host %s is not in etl.fetch.hosts", u.Host)
	}
	if slices.Contains(c.known.RecordLevel, s.Parser) {
		c.fault(path, "from: records about people are read from a file or a folder only")
	}
}

// Web reports whether a source's place is a web address.
func Web(from string) bool {
	return strings.HasPrefix(from, "http://") || strings.HasPrefix(from, "https://")
}

// Allows reports whether an address's host is one that may be asked.
func (f Fetch) Allows(u *url.URL) bool {
	return slices.ContainsFunc(f.Hosts, func(host string) bool {
		return strings.EqualFold(host, u.Host) || strings.EqualFold(host, u.Hostname()) && u.Port() == ""
	})
}

// checkReference makes sure that every figure can be checked against the
// areas and measures it names.
func (c *checker) checkReference() {
	for _, parser := range []string{"areas", "measures"} {
		if !slices.ContainsFunc(c.cfg.ETL.Sources, func(s Source) bool { return s.Parser == parser }) {
			c.fault("etl.sources", "etl.sources: no source has the parser %s, and without it no figure can be checked", parser)
		}
	}
}

// checkAlerts tells each thing that is wrong with who is told.
func (c *checker) checkAlerts() {
	if c.known.Alerts == nil {
		return
	}
	if pages := c.cfg.Alerts.Pages; pages != "" && !webPage(pages) {
		c.fault("alerts.pages", "alerts.pages: %q is not a web address, such as https://stalkstats.example.org", pages)
	}
	if m := c.cfg.Alerts.Email; m.Host != "" && len(m.To) == 0 && len(c.cfg.Reports.MailTo) == 0 {
		c.fault("alerts", "alerts: e-mail: name at least one address that gets the mail, in alerts.email.to or reports.mail_to")
	}
	if err := c.known.Alerts(c.cfg.Alerts); err != nil {
		for line := range strings.Lines(err.Error()) {
			c.fault("alerts", "alerts: %s", strings.TrimSpace(line))
		}
	}
}

// checkReports makes sure that who reports may be mailed to can be reached.
func (c *checker) checkReports() {
	to := c.cfg.Reports.MailTo
	if len(to) > 0 && c.cfg.Alerts.Email.Host == "" {
		c.fault("reports.mail_to", "reports.mail_to: no mail can be sent, because alerts.email.host names no mail server")
	}
	for i, address := range to {
		if slices.Contains(to[:i], address) {
			c.fault("reports.mail_to", "reports.mail_to: %q stands twice", address)
		}
		if c.known.Address == nil {
			continue
		}
		if err := c.known.Address(address); err != nil {
			c.fault("reports.mail_to", "reports.mail_to: %v", err)
		}
	}
}

// checkBackup makes sure that backups are somewhere else than what they are of.
func (c *checker) checkBackup() {
	b := c.cfg.Backup
	if b.Schedule != "" && b.Folder == "" {
		c.fault("backup.schedule", "backup.schedule: name the folder that the backups are put into, in backup.folder")
	}
	if b.Schedule != "" && c.known.Schedule != nil {
		if err := c.known.Schedule(b.Schedule); err != nil {
			c.fault("backup.schedule", "backup.schedule: %v", err)
		}
	}
	if b.Kept != 0 && b.Kept < Duration(24*time.Hour) {
		c.fault("backup.kept", "backup.kept: %v is less than a day; write a length of time such as 35d, or 0s to keep all", time.Duration(b.Kept))
	}
	if b.Folder != "" && c.cfg.Inside(b.Folder) {
		c.fault("backup.folder", "backup.folder: %s is in the data directory, and would be lost with it: name a folder on another disk", b.Folder)
	}
}

// Inside reports whether a folder is the data directory or below it. Relative paths start
// at the config file.
func (c Config) Inside(folder string) bool {
	from := func(path string) string {
		if filepath.IsAbs(path) {
			return path
		}
		return filepath.Join(c.Dir, path)
	}
	rel, err := filepath.Rel(from(c.DataDir), from(folder))
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// Path is where a source's file is: relative ones start at the config file.
func (c Config) Path(from string) string {
	if filepath.IsAbs(from) || strings.HasPrefix(from, BuiltinPrefix) || Web(from) {
		return from
	}
	return filepath.Join(c.Dir, from)
}

// ClickHouseDir is where the embedded engine keeps its tables.
func (c Config) ClickHouseDir() string { return filepath.Join(c.DataDir, "clickhouse") }

// SnapshotDir is where the loaded files are kept, each under its hash.
func (c Config) SnapshotDir() string { return filepath.Join(c.DataDir, "snapshots") }

// Socket is where a running process shares its embedded engine.
func (c Config) Socket() string { return filepath.Join(c.DataDir, "stalkstats.sock") }
