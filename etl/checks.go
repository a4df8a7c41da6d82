package etl

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"stalkstats/etl/load"
	"stalkstats/etl/validate"
	"stalkstats/internal/config"
	"stalkstats/internal/stats"
)

// The names of the checks, as the configuration and the pages have them.
const (
	checkAllForces = "all_forces"
	checkPeriods   = "periods"
	checkTotals    = "totals"
	checkLosses    = "losses"
	checkJumps     = "jumps"
	checkVintage   = "vintage"
)

// A looker asks for what one check looks at and judges it: empty where all is
// well. The error may be that there is nothing to look at.
type looker func(ctx context.Context, t *task) (string, error)

// checks are made of every release that holds figures, in this order.
func (e *ETL) checks(src config.Source) []namedCheck {
	all := []namedCheck{
		{checkAllForces, e.lookAtForces}, {checkPeriods, e.lookAtPeriods}, {checkTotals, e.lookAtTotals},
		{checkLosses, e.lookAtLosses}, {checkJumps, e.lookAtJumps}, {checkVintage, e.lookAtVintage},
	}
	return slices.DeleteFunc(all, func(c namedCheck) bool {
		return c.name == checkAllForces && !src.Checks.AllForces || slices.Contains(src.Checks.Off, c.name)
	})
}

type namedCheck struct {
	name string
	look looker
}

// check makes the checks of a written release and keeps what they found with
// the run. A check that failed and was accepted before does not hold it again.
func (e *ETL) check(ctx context.Context, t *task) error {
	for _, c := range e.checks(t.src) {
		says, err := c.look(ctx, t)
		var nothing validate.NotLooked
		if err != nil && !errors.As(err, &nothing) {
			return err
		}
		done := stats.Check{Name: c.name, Outcome: stats.CheckPassed, Says: says}
		switch {
		case nothing != "":
			done.Outcome, done.Says = stats.CheckSkipped, nothing.Error()
		case says == "":
		case slices.Contains(t.accepts, c.name):
			done.Outcome = stats.CheckAccepted
		default:
			done.Outcome = stats.CheckFailed
		}
		e.found(t.run, done)
	}
	return nil
}

// failedChecks is what the checks that hold a release found, in one line.
func failedChecks(run stats.Run) string {
	var found []string
	for _, c := range run.Checks {
		if c.Outcome == stats.CheckFailed {
			found = append(found, c.Says)
		}
	}
	return strings.Join(found, "; ")
}

// heldBy is the names of the checks that failed.
func heldBy(run stats.Run) stats.Cause {
	var names []string
	for _, c := range run.Checks {
		if c.Outcome == stats.CheckFailed {
			names = append(names, c.Name)
		}
	}
	return stats.Cause(strings.Join(names, "+"))
}

func (e *ETL) lookAtForces(ctx context.Context, t *task) (string, error) {
	there, err := load.ForcesByPeriod(ctx, e.conn, t.run.ID)
	if err != nil {
		return "", err
	}
	return validate.AllForces(there, t.areas, t.measures), nil
}

func (e *ETL) lookAtPeriods(ctx context.Context, t *task) (string, error) {
	now, then, err := load.Periods(ctx, e.conn, t.src.Name, t.run.ID)
	if err != nil {
		return "", err
	}
	return validate.Continuous(now, then, t.areas, t.measures), nil
}

func (e *ETL) lookAtTotals(ctx context.Context, t *task) (string, error) {
	var ofPeriods, ofNothing []string
	for _, m := range t.measures.All() {
		if !m.AddsUpOverPeriods() {
			ofPeriods = append(ofPeriods, m.ID)
		}
		if m.AddsUp == stats.OverNothing {
			ofNothing = append(ofNothing, m.ID)
		}
	}
	wrong, err := load.WrongTotals(ctx, e.conn, t.run.ID, ofPeriods, ofNothing, validate.MostFound)
	if err != nil {
		return "", err
	}
	return validate.Totals(wrong, t.areas, t.measures), nil
}

func (e *ETL) lookAtLosses(ctx context.Context, t *task) (string, error) {
	lost, err := load.Lost(ctx, e.conn, t.src.Name, t.run.ID)
	if err != nil {
		return "", err
	}
	return validate.Losses(lost, t.measures), nil
}

func (e *ETL) lookAtJumps(ctx context.Context, t *task) (string, error) {
	jumps, err := load.Jumps(ctx, e.conn, t.src.Name, t.run.ID, t.src.Checks.Jump(), validate.MostFound)
	if err != nil || len(jumps) == 0 {
		return "", err
	}
	breaks, err := e.reference.Breaks(ctx, time.Time{})
	if err != nil {
		return "", err
	}
	return validate.Jumps(jumps, t.areas, t.measures, breaks), nil
}

func (e *ETL) lookAtVintage(ctx context.Context, t *task) (string, error) {
	served, err := load.ServedFiles(ctx, e.conn, t.src.Name, t.run.ID)
	if err != nil {
		return "", err
	}
	return validate.Vintage(t.run.File, served)
}
