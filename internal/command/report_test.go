package command

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os/user"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// TestReportAndPageGiveTheSameBytes, for each audience and each kind of period,
// and both are recorded with one hash.
func TestReportAndPageGiveTheSameBytes(t *testing.T) {
	f := newFolder(t)
	f.write(t, "config.yaml", "data_dir: d\ndisclosure: {threshold: 5, rounding: 5}\netl:\n  sources:\n    - {name: areas, parser: areas, from: 'builtin:areas.csv'}\n"+
		"    - {name: measures, parser: measures, from: 'builtin:measures.csv'}\n    - {name: force_return, parser: force_return, from: good.csv}\n")
	rows := returnHeader
	for month := range 36 {
		for i, measure := range []string{"spo_applied", "stalking_charges", "stalking_outcomes"} {
			rows += fmt.Sprintf("E23000026,%d-%02d,%s,,,%d,,demonstration\n", 2021+month/12, 1+month%12, measure, 3+20*i+month%7)
		}
	}
	f.write(t, "good.csv", rows)
	server := other(t, "serve", "--config", f.config, "--listen", "127.0.0.1:0")
	log, err := server.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	address, pages := "", regexp.MustCompile(`msg=pages address=(\S+)`)
	lines := bufio.NewScanner(log)
	for lines.Scan() && !strings.Contains(lines.Text(), "msg=ready") {
		if m := pages.FindStringSubmatch(lines.Text()); m != nil {
			address = m[1]
		}
	}
	said := make(chan struct{})
	go func() { _, _ = io.Copy(io.Discard, log); close(said) }()
	get := func(path string) string {
		t.Helper()
		answer, err := http.Get(address + path)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s, %v: %s", path, answer.Status, err, text)
		}
		return string(text)
	}
	seen := map[string]bool{}
	for _, audience := range []string{"internal", "published"} {
		for _, period := range []string{"as_published", "month", "quarter", "financial_year", "calendar_year", "rolling_12_months"} {
			filters := url.Values{"audience": {audience}, "period": {period}, "area": {"E23000026"}}
			want := get("/reports/observations.csv?" + filters.Encode())
			got := f.command(t, "report", "--audience", audience, "--period", period, "--area", "E23000026")
			if got.status != ExitDone || got.out != want {
				t.Errorf("%s, %s: status %d, %s\n%s\nand the page gives\n%s", audience, period, got.status, got.errors, got.out, want)
			}
			if strings.Count(want, "\r\n") < 6 {
				t.Errorf("%s, %s: only %q", audience, period, want)
			}
			if seen[want] && period != "month" { // months are what the source has
				t.Errorf("%s, %s gives what another one gives", audience, period)
			}
			seen[want] = true
		}
	}
	recorded, err := csv.NewReader(strings.NewReader(get("/data/downloads.csv"))).ReadAll()
	if err != nil || len(recorded) != 1+2*2*6 {
		t.Fatalf("%d rows are recorded, %v", len(recorded)-1, err)
	}
	column := func(row []string, name string) string { return row[slices.Index(recorded[0], name)] }
	for i := 1; i < len(recorded); i += 2 { // the newest first: the command, and the page before it
		command, page := recorded[i], recorded[i+1]
		if column(command, "channel") != "command" || column(page, "channel") != "page" {
			t.Errorf("channels of %v and %v", command, page)
		}
		if account, err := user.Current(); err != nil || column(command, "user") != account.Username || column(page, "user") != "" {
			t.Errorf("%v: by %q and %q", err, column(command, "user"), column(page, "user"))
		}
		for _, name := range []string{"report", "filters", "audience", "rows", "bytes", "sha256", "complete"} {
			if column(command, name) != column(page, name) || column(page, name) == "" {
				t.Errorf("%s: %q by the command, %q by the page", name, column(command, name), column(page, name))
			}
		}
		if n, err := strconv.Atoi(column(page, "rows")); err != nil || n < 5 {
			t.Errorf("%d rows, %v", n, err)
		}
	}
	if err := server.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	<-said
	if err := server.Wait(); err != nil {
		t.Error(err)
	}
}
