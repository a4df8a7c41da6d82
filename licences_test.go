package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"stalkstats/etl/parse"
	"stalkstats/internal/config"
)

// permitted is the licences under which something may be in the program: each lets a
// force use and pass it on, and asks for no more than to be named.
var permitted = []string{"MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MPL-2.0", "Zlib", "OFL-1.1", "CC0-1.0", "Unlicense", "0BSD"}

// TestLicencesOfGo: every module in the program has a licence that permits that.
func TestLicencesOfGo(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}\t{{.Dir}}\t{{.Main}}{{end}}", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	modules := strings.Split(strings.TrimSpace(string(out)), "\n")
	slices.Sort(modules)
	for _, line := range slices.Compact(modules) {
		module := strings.Split(line, "\t")
		if len(module) != 3 || module[2] == "true" {
			continue
		}
		if found := licencesIn(t, module[1]); len(found) == 0 || slices.ContainsFunc(found, func(id string) bool { return !slices.Contains(permitted, id) }) {
			t.Errorf("%s has the licences %v", module[0], found)
		}
	}
	if len(modules) < 20 {
		t.Errorf("only %d modules were found", len(modules))
	}
}

// phrases is by what a licence is known. Programs that know all licences bring more modules
// than the program has; whatever none of these is in must be looked at by somebody.
var phrases = map[string]string{
	"permission is hereby granted, free of charge, to any person obtaining a copy":                   "MIT",
	"apache license version 2.0, january 2004":                                                       "Apache-2.0",
	"redistribution and use in source and binary forms, with or without modification, are permitted": "BSD-3-Clause",
	"permission to use, copy, modify, and/or distribute this software for any purpose":               "ISC",
	"permission to use, copy, modify, and distribute this software for any purpose":                  "ISC",
	"mozilla public license version 2.0":                                                             "MPL-2.0",
	"gnu general public license":                                                                     "GPL",
	"gnu affero general public license":                                                              "AGPL",
	"server side public license":                                                                     "SSPL",
	"business source license":                                                                        "BUSL",
	"commons clause":                                                                                 "Commons Clause",
}

// licencesIn is the licences of a module, by the words of its files.
func licencesIn(t *testing.T, dir string) (ids []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		name := strings.ToUpper(entry.Name())
		if entry.IsDir() || !strings.HasPrefix(name, "LICENSE") && !strings.HasPrefix(name, "LICENCE") && !strings.HasPrefix(name, "COPYING") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		words := strings.ToLower(strings.Join(strings.Fields(string(text)), " "))
		for phrase, id := range phrases {
			if strings.Contains(words, phrase) {
				ids = append(ids, id)
			}
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// TestLicencesOfNPM: so has every package that npm brings into the program or beside it.
func TestLicencesOfNPM(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	var lock struct {
		Packages map[string]struct {
			Licence string `json:"license"`
			Dev     bool   `json:"dev"`
		} `json:"packages"`
	}
	if err := json.Unmarshal(text, &lock); err != nil {
		t.Fatal(err)
	}
	looked := 0
	for name, one := range lock.Packages {
		if name == "" || one.Dev {
			continue
		}
		if looked++; !slices.Contains(permitted, one.Licence) {
			t.Errorf("%s has the licence %q", name, one.Licence)
		}
	}
	if looked < 4 {
		t.Errorf("only %d packages were looked at", looked)
	}
}

// TestPackagedConfiguration: that of the packages is in order, and leads to where they put
// the files.
func TestPackagedConfiguration(t *testing.T) {
	t.Parallel()
	text, err := exec.CommandContext(t.Context(), "make", "-s", "packaged-configuration").Output()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(path, func(string) (string, bool) { return "", false }, config.Known{Parsers: parse.Names()})
	if err != nil {
		t.Fatal(err)
	}
	if cfg.DataDir != "/var/lib/stalkstats" {
		t.Errorf("the figures would be in %s", cfg.DataDir)
	}
	for _, source := range cfg.ETL.Sources {
		name, ok := strings.CutPrefix(source.From, "/usr/lib/stalkstats/")
		if strings.HasPrefix(source.From, config.BuiltinPrefix) {
			continue
		}
		if _, err := os.Stat(name); !ok || err != nil {
			t.Errorf("%s is from %s: %v", source.Name, source.From, err)
		}
	}
}
