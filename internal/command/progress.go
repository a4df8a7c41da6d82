package command

import (
	"fmt"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"

	"stalkstats/etl"
)

// lineEvery is how often a log is told how far a run has come.
const lineEvery = 10 * time.Second

// progress shows how far a run has come: on a terminal a bar with the rows a
// second and the time left, elsewhere a plain line now and then.
func (s *session) progress() (done func(), show func(etl.Progress)) {
	if !s.Terminal {
		return func() {}, s.lines(time.Now)
	}
	const whole = 1000
	bar := progressbar.NewOptions64(whole, progressbar.OptionSetWriter(s.Stderr), progressbar.OptionSetDescription("reading"),
		progressbar.OptionSetPredictTime(false), progressbar.OptionSetElapsedTime(false), progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionClearOnFinish())
	start := time.Now()
	show = func(p etl.Progress) {
		took := time.Since(start)
		bar.Describe(fmt.Sprintf("%d rows, %.0f a second%s", p.Rows, rate(p.Rows, took), left(took, p.Done)))
		// A bar that cannot be drawn must not end the run.
		_ = bar.Set64(int64(p.Done * whole))
	}
	return func() { _ = bar.Finish() }, show
}

// lines tells a log.
func (s *session) lines(clock func() time.Time) func(etl.Progress) {
	start := clock()
	last := start
	var one sync.Mutex
	return func(p etl.Progress) {
		one.Lock()
		defer one.Unlock()
		now := clock()
		if now.Sub(last) < lineEvery {
			return
		}
		last = now
		fmt.Fprintf(s.Stderr, "stalkstats: %d rows read, %.0f a second%s\n", p.Rows, rate(p.Rows, now.Sub(start)), left(now.Sub(start), p.Done))
	}
}

// left says how long the rest will take at the pace so far.
func left(took time.Duration, done float64) string {
	if done <= 0 {
		return ""
	}
	return fmt.Sprintf(", about %s left", time.Duration(float64(took)*(1-done)/done).Round(time.Second))
}

func rate(rows uint64, took time.Duration) float64 { return float64(rows) / max(took.Seconds(), 0.001) }
