// Package config loads config.yaml: every key has a default, an unknown key
// is an error, and all faults are told at once, each with its line.
package config

import (
	"time"

	"stalkstats/internal/stats"
)

// Config is everything that can be set. Docs for each key stand in
// config.yaml, and a test holds the two together.
type Config struct {
	Force      string     `yaml:"force"`    // the home force's ONS code
	Contact    string     `yaml:"contact"`  // whom a reader of the figures can ask; empty: nobody is named
	DataDir    string     `yaml:"data_dir"` // made absolute: a relative one starts at the config file
	ClickHouse ClickHouse `yaml:"clickhouse"`
	Dashboard  Dashboard  `yaml:"dashboard"`
	Public     Public     `yaml:"public"`
	Auth       Auth       `yaml:"auth"`
	Audit      Audit      `yaml:"audit"`
	Disclosure Disclosure `yaml:"disclosure"`
	ETL        ETL        `yaml:"etl"`
	Alerts     Alerts     `yaml:"alerts"`
	Reports    Reports    `yaml:"reports"`
	Backup     Backup     `yaml:"backup"`
	Log        Log        `yaml:"log"`

	// Dir is the folder of the config file: relative paths start there.
	Dir string `yaml:"-"`
}

// ClickHouse says which engine holds the figures.
type ClickHouse struct {
	DSN         string   `yaml:"dsn"`         // empty: the embedded engine
	Library     string   `yaml:"library"`     // libchdb; empty: found by itself
	Connections int      `yaml:"connections"` // statements the embedded engine runs side by side
	Slow        Duration `yaml:"slow"`        // a question that takes longer is told to the log with its plan; 0: none is
}

// Dashboard says where the pages of the force are served.
type Dashboard struct {
	Listen  string   `yaml:"listen"`   // an address and port, without sign-in a loopback one; empty: nowhere
	BaseURL string   `yaml:"base_url"` // where readers open the pages; needed for sign-in
	TLS     TLS      `yaml:"tls"`
	Proxies []string `yaml:"proxies"` // addresses and networks of the programs that speak TLS in front of this one
	Session Session  `yaml:"session"`
	Actions bool     `yaml:"actions"` // whether the pages can start, upload, accept and withdraw
	Marking string   `yaml:"marking"` // the protective marking of what shows true figures; empty: none
}

// TLS is the files by which the pages speak TLS. Relative paths start at the config
// file.
type TLS struct {
	Certificate string `yaml:"certificate"` // PEM, with the certificates between it and its authority
	Key         string `yaml:"key"`         // PEM
}

// Session says how long somebody stays signed in.
type Session struct {
	Idle    Duration `yaml:"idle"`    // without opening a page
	Longest Duration `yaml:"longest"` // in all
}

// Public is the site for everybody: figures of the published audience alone.
type Public struct {
	Listen      string    `yaml:"listen"`       // an address and port, of any machine; empty: there is no such site
	SafeAddress string    `yaml:"safe_address"` // where “Exit this page” leads
	Contacts    []Contact `yaml:"contacts"`     // beside 999 and 101
	Marking     string    `yaml:"marking"`      // the protective marking of what is for the published audience; empty: none
}

// A Contact is where victims find help.
type Contact struct {
	Label     string `yaml:"label"`     // who answers
	Telephone string `yaml:"telephone"` // as it is dialled
	Address   string `yaml:"address"`   // of its web page
	Note      string `yaml:"note"`      // such as when it answers
}

// Disclosure says what is hidden from the published audience.
type Disclosure struct {
	Threshold int `yaml:"threshold"` // counts above 0 and under it are hidden
	Rounding  int `yaml:"rounding"`  // what is shown is rounded to its nearest multiple
}

// ETL says what is loaded, and when.
type ETL struct {
	Timezone string   `yaml:"timezone"`
	CatchUp  bool     `yaml:"catch_up"` // whether a run missed while nothing ran is made up at start
	Grace    Duration `yaml:"grace"`    // how long a run may go on once the process is told to end
	Fetch    Fetch    `yaml:"fetch"`
	Sources  []Source `yaml:"sources"`
}

// Fetch bounds what fetching may do.
type Fetch struct {
	Hosts        []string `yaml:"hosts"`         // the only hosts that are asked
	AllowPrivate bool     `yaml:"allow_private"` // whether this machine's and private addresses may be
	Timeout      Duration `yaml:"timeout"`       // for one file, with all attempts
	MaxSize      int64    `yaml:"max_size"`      // bytes of one file
	Settle       Duration `yaml:"settle"`        // how long a file in a folder must have stood unchanged
}

// A Source is one publisher's table or one force's return.
type Source struct {
	Name         string            `yaml:"name"`          // the short name used everywhere
	Title        string            `yaml:"title"`         // what pages call it; empty: its name
	Parser       string            `yaml:"parser"`        // which layout the file has
	From         string            `yaml:"from"`          // a file, a folder with a pattern, a web address, or builtin:FILE for the reference data in the program
	Pattern      string            `yaml:"pattern"`       // of the file's name, where From is a publication page
	Schedule     string            `yaml:"schedule"`      // a cron line in the configured time zone; empty: only when asked
	FreshWithin  Duration          `yaml:"fresh_within"`  // how old the newest file may be, such as 40d, counted from when it was fetched; older is late; 0: no limit set
	CoversWithin Duration          `yaml:"covers_within"` // how long ago the last day that its figures cover may be; earlier is late; 0: no limit set
	RejectLimit  float64           `yaml:"reject_limit"`  // share of rows, 0 to 1, that may be rejected without refusing the file
	Area         string            `yaml:"area"`          // the force that a file without areas is of; empty: the home force
	Kind         string            `yaml:"kind"`          // which of a layout's kinds of file
	Offences     map[string]string `yaml:"offences"`      // what each offence counts as
	Checks       Checks            `yaml:"checks"`

	line int
}

// Limit is how old what the source serves may be.
func (s Source) Limit() stats.FreshLimit {
	return stats.FreshLimit{Fetched: time.Duration(s.FreshWithin), Covers: time.Duration(s.CoversWithin)}
}

// Checks are the looks at a whole release before it is published. A release
// that fails one is held until somebody accepts it. All are made but all_forces,
// which only a table of all forces can pass.
type Checks struct {
	AllForces bool     `yaml:"all_forces"` // all 43 forces are there in every year
	MaxJump   float64  `yaml:"max_jump"`   // the largest factor between a figure and what it was before; 0: DefaultMaxJump
	Off       []string `yaml:"off"`        // names of CheckNames that are not made
}

// CheckNames is the checks that can be turned off.
var CheckNames = []string{"periods", "totals", "losses", "jumps", "vintage"}

// DefaultMaxJump is the largest factor between a figure and what it was before
// that nobody is asked about.
const DefaultMaxJump = 5

// Jump is the factor in force.
func (c Checks) Jump() float64 {
	if c.MaxJump == 0 {
		return DefaultMaxJump
	}
	return c.MaxJump
}

// Alerts say who is told when a source is not well.
type Alerts struct {
	Pages   string  `yaml:"pages"` // the address of the pages, for links; empty: no links
	Email   Email   `yaml:"email"`
	Webhook Webhook `yaml:"webhook"`
}

// Email is a mail server and who gets mail about sources.
type Email struct {
	Host     string   `yaml:"host"` // empty: no e-mail is sent
	Port     int      `yaml:"port"`
	TLS      string   `yaml:"tls"` // starttls, implicit or none
	Username string   `yaml:"username"`
	From     string   `yaml:"from"`
	To       []string `yaml:"to"`

	Password string `yaml:"-"` // from the environment
}

// Webhook is an address that messages are posted to.
type Webhook struct {
	Format string `yaml:"format"` // slack or teams; empty: nothing is posted

	URL string `yaml:"-"` // from the environment: whoever knows it can post
}

// Reports says where saved reports may be delivered.
type Reports struct {
	Folder       string   `yaml:"folder"`        // made absolute: a relative one starts at the config file; empty: none is written
	MailTo       []string `yaml:"mail_to"`       // the only addresses that they may be mailed to
	MailInternal bool     `yaml:"mail_internal"` // whether true figures may be mailed
}

// Backup says where backups are put, when, and what stays.
type Backup struct {
	Folder   string   `yaml:"folder"`   // made absolute: a relative one starts at the config file; it must be there
	Schedule string   `yaml:"schedule"` // a cron line in etl.timezone; empty: only when asked
	Kept     Duration `yaml:"kept"`     // older ones are removed; 0: none is
	Verify   bool     `yaml:"verify"`   // whether each is restored apart and its figures compared
}

// Log says what is written to standard error.
type Log struct {
	Level  string `yaml:"level"`
	Format string `yaml:"format"`
}

// Default is the configuration of an empty file.
func Default() Config {
	return Config{
		Force:      "E23000026",
		DataDir:    "data",
		ClickHouse: ClickHouse{Connections: 4, Slow: Duration(2 * time.Second)},
		Dashboard:  Dashboard{Listen: "127.0.0.1:8080", Actions: true, Session: Session{Idle: Duration(30 * time.Minute), Longest: Duration(12 * time.Hour)}},
		Auth:       Auth{OIDC: OIDC{Name: "your organisation", Scopes: []string{"profile"}, UserClaim: "preferred_username", GroupsClaim: "groups"}},
		Public:     Public{SafeAddress: "https://www.bbc.co.uk/weather"},
		Disclosure: Disclosure{Threshold: 5, Rounding: 5},
		ETL: ETL{Timezone: "Europe/London", CatchUp: true, Grace: Duration(time.Minute),
			Fetch: Fetch{Timeout: Duration(30 * time.Minute), MaxSize: 1 << 30, Settle: Duration(30 * time.Second)}},
		Backup: Backup{Kept: Duration(35 * 24 * time.Hour), Verify: true},
		Log:    Log{Level: "info", Format: "text"},
	}
}

// Location is the time zone of the schedules. The name was checked by Load.
func (e ETL) Location() *time.Location {
	loc, err := time.LoadLocation(e.Timezone)
	if err != nil {
		return time.UTC
	}
	return loc
}

// Source finds a source by its name.
func (e ETL) Source(name string) (Source, bool) {
	for _, s := range e.Sources {
		if s.Name == name {
			return s, true
		}
	}
	return Source{}, false
}
