// Package config loads config.yaml: every key has a default, an unknown key
// is an error, and all faults are told at once, each with its line.
package config

import "time"

// Config is everything that can be set. Docs for each key stand in
// config.yaml, and a test holds the two together.
type Config struct {
	Force      string     `yaml:"force"`    // the home force's ONS code
	DataDir    string     `yaml:"data_dir"` // made absolute: a relative one starts at the config file
	ClickHouse ClickHouse `yaml:"clickhouse"`
	Dashboard  Dashboard  `yaml:"dashboard"`
	ETL        ETL        `yaml:"etl"`
	Log        Log        `yaml:"log"`

	// Dir is the folder of the config file: relative paths start there.
	Dir string `yaml:"-"`
}

// ClickHouse says which engine holds the figures.
type ClickHouse struct {
	DSN         string `yaml:"dsn"`         // empty: the embedded engine
	Library     string `yaml:"library"`     // libchdb; empty: found by itself
	Connections int    `yaml:"connections"` // statements the embedded engine runs side by side
}

// Dashboard says where the pages are served.
type Dashboard struct {
	Listen string `yaml:"listen"` // a loopback address and port
}

// ETL says what is loaded, and when.
type ETL struct {
	Timezone string   `yaml:"timezone"`
	Sources  []Source `yaml:"sources"`
}

// A Source is one publisher's table or one force's return.
type Source struct {
	Name        string  `yaml:"name"`         // the short name used everywhere
	Title       string  `yaml:"title"`        // what pages call it; empty: its name
	Parser      string  `yaml:"parser"`       // which layout the file has
	From        string  `yaml:"from"`         // a file, or builtin:FILE for the reference data in the program
	Schedule    string  `yaml:"schedule"`     // a cron line in the configured time zone; empty: only when asked
	RejectLimit float64 `yaml:"reject_limit"` // share of rows, 0 to 1, that may be rejected without refusing the file

	line int
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
		ClickHouse: ClickHouse{Connections: 4},
		Dashboard:  Dashboard{Listen: "127.0.0.1:8080"},
		ETL:        ETL{Timezone: "Europe/London"},
		Log:        Log{Level: "info", Format: "text"},
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

// Titles is what pages call each source that has a title, by its name.
func (e ETL) Titles() map[string]string {
	titles := map[string]string{}
	for _, s := range e.Sources {
		if s.Title != "" {
			titles[s.Name] = s.Title
		}
	}
	return titles
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
