package main

import (
	"bytes"
	"log/slog"
	"maps"
	"net/url"
	"regexp"
	"sync"
	"testing"
	"time"

	"stalkstats/dashboard"
	"stalkstats/dashboard/disclosure"
	"stalkstats/dashboard/published"
)

// Two states of a month whose kinds add up to its total. One of them is small, and
// both states together tell it where another is hidden in each, as it is with the secret of
// the tests: from b = 8 and T = 18,
// and then from c = 7 and T = 16, follow a = 3 and b = 6.
const (
	arrestsHead = "area_code,period,measure,breakdown,breakdown_value,value,value_note,comment\n"
	arrestsWere = arrestsHead + "E23000026,2024-01,stalking_arrests,,,18,,\nE23000026,2024-01,stalking_arrests,kind,a,3,,\nE23000026,2024-01,stalking_arrests,kind,b,8,,\nE23000026,2024-01,stalking_arrests,kind,c,7,,\n"
	arrestsAre  = arrestsHead + "E23000026,2024-01,stalking_arrests,,,16,,\nE23000026,2024-01,stalking_arrests,kind,a,3,,\nE23000026,2024-01,stalking_arrests,kind,b,6,,\nE23000026,2024-01,stalking_arrests,kind,c,7,,\n"
)

var (
	onceRules = disclosure.Rules{Threshold: 5, Rounding: 1}
	arrests   = url.Values{"measure": {"stalking_arrests"}}
	kindRow   = regexp.MustCompile(`(?m)^stalking_arrests,[^,]*,E23000026,[^,]*,[^,]*,[^,]*,[^,]*,(?:kind)?,(.?),([^,]*),([^,]*),`)
)

// arrestsIn is each kind with its value or its marker; the total's name is empty.
func arrestsIn(report string) map[string]string {
	found := map[string]string{}
	for _, m := range kindRow.FindAllStringSubmatch(report, -1) {
		found[m[1]] = m[2] + m[3]
	}
	return found
}

// pausing is a clock that at one of its calls tells the time and waits.
type pausing struct {
	mu          sync.Mutex
	left        int
	began, goOn chan bool
}

func newPausing(call int) *pausing {
	return &pausing{left: call, began: make(chan bool), goOn: make(chan bool)}
}

func (p *pausing) now() time.Time {
	at := time.Now()
	p.mu.Lock()
	p.left--
	pause := p.left == 0
	p.mu.Unlock()
	if pause {
		close(p.began)
		<-p.goOn
	}
	return at
}

// publishes is the report of the published audience by a program of its own, with a
// clock of its own.
func (p pipeline) publishes(t *testing.T, now func() time.Time) (string, error) {
	reader := published.NewReader(p.reader, published.NewKeeper(p.reader, onceRules, now, slog.New(slog.DiscardHandler)))
	var report bytes.Buffer
	_, err := dashboard.WriteObservations(t.Context(), &report, dashboard.Readers{Published: reader}, arrests)
	return report.String(), err
}

// TestTwoProgramsPublishAtOnce: a program that began first and is slow does not
// displace what another has shown meanwhile, nor shows what together with that tells
// what is hidden. It waits before it works out what is hidden, or before it saves that.
func TestTwoProgramsPublishAtOnce(t *testing.T) {
	for place, call := range map[string]int{"before it decides": 1, "before it saves": 2} {
		t.Run(place, func(t *testing.T) {
			p := newPipeline(t)
			p.run(t, "areas", "")
			p.run(t, "measures", "")
			p.load(t, arrestsWere)
			clock := newPausing(call)
			var slow string
			done := make(chan error)
			go func() {
				var err error
				slow, err = p.publishes(t, clock.now)
				done <- err
			}()
			<-clock.began
			p.load(t, arrestsAre)
			first := p.publishedReport(t, onceRules, arrests)
			close(clock.goOn)
			if err := <-done; err != nil {
				t.Fatal(err)
			}
			after := p.publishedReport(t, onceRules, arrests)
			if got, want := arrestsIn(first), map[string]string{"": "16r", "a": "c", "b": "c", "c": "7"}; !maps.Equal(got, want) {
				t.Errorf("the quick program shows %v, want %v", got, want)
			}
			if got, want := arrestsIn(slow), map[string]string{"": "18", "a": "c", "b": "c", "c": "7"}; !maps.Equal(got, want) {
				t.Errorf("the slow program shows %v, want %v", got, want)
			}
			if after != first {
				t.Errorf("what was shown is displaced: it was\n%s and is\n%s", first, after)
			}
			p.checkPublications(t, onceRules, 2)
		})
	}
}

// TestAReportIsOfOneState: what is loaded while a program works out what is hidden is
// of the next publication. The decisions are of the figures that they are kept for.
func TestAReportIsOfOneState(t *testing.T) {
	p := newPipeline(t)
	p.run(t, "areas", "")
	p.run(t, "measures", "")
	p.load(t, arrestsWere)
	loading := true
	report, err := p.publishes(t, func() time.Time {
		if loading {
			loading = false
			p.load(t, arrestsAre)
		}
		return time.Now()
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := arrestsIn(report), map[string]string{"": "18", "a": "c", "b": "8", "c": "c"}; !maps.Equal(got, want) {
		t.Errorf("the report has %v, want %v", got, want)
	}
	p.checkPublications(t, onceRules, 1)
	if got, want := arrestsIn(p.publishedReport(t, onceRules, arrests)), map[string]string{"": "16r", "a": "c", "b": "6r", "c": "c"}; !maps.Equal(got, want) {
		t.Errorf("the next report has %v, want %v", got, want)
	}
}

// TestManyProgramsPublishAtOnce: of many programs that begin together one publishes,
// and all show what that one decided.
func TestManyProgramsPublishAtOnce(t *testing.T) {
	p := newPipeline(t)
	p.run(t, "areas", "")
	p.run(t, "measures", "")
	for round, text := range []string{arrestsWere, arrestsAre} {
		p.load(t, text)
		const programs = 6
		var together, ended sync.WaitGroup
		together.Add(programs)
		shown, errs := make([]string, programs), make([]error, programs)
		for i := range programs {
			ended.Go(func() {
				first := true
				shown[i], errs[i] = p.publishes(t, func() time.Time {
					if first { // all have read the chain
						first = false
						together.Done()
						together.Wait()
					}
					return time.Now()
				})
			})
		}
		ended.Wait()
		for i := range programs {
			if errs[i] != nil || shown[i] != shown[0] {
				t.Errorf("round %d, program %d: error %v, and it shows\n%s, another\n%s", round, i, errs[i], shown[i], shown[0])
			}
		}
		p.checkPublications(t, onceRules, round+1)
		var rows uint64
		if err := p.conn.QueryRow(t.Context(), "SELECT count() FROM disclosure_publications").Scan(&rows); err != nil || rows != uint64(round+1) {
			t.Errorf("%d publications are kept, error %v, want %d", rows, err, round+1)
		}
	}
}

// TestALostPublicationIsMadeAgain: one whose row is lost, as with a part that is broken, is
// remembered by the engine, which would drop each that follows on the same one.
func TestALostPublicationIsMadeAgain(t *testing.T) {
	p := newPipeline(t)
	p.run(t, "areas", "")
	p.run(t, "measures", "")
	p.load(t, arrestsWere)
	want, err := p.publishes(t, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := p.conn.Exec(t.Context(), "ALTER TABLE disclosure_publications DELETE WHERE 1 SETTINGS mutations_sync = 2"); err != nil {
			t.Fatal(err)
		}
		if got, err := p.publishes(t, time.Now); err != nil || got != want {
			t.Errorf("error %v, and it shows\n%s, want\n%s", err, got, want)
		}
	}
}
