package dashboard

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// mostAgain bounds how often one file may have been read again before it is no
// longer asked which run it came by.
const mostAgain = 20

// firstOf is the run that the file of a run came by: the run itself, or the
// first of those that read the file again one after another.
func firstOf(ctx context.Context, reader oneRunReader, run stats.Run) (stats.Run, error) {
	for range mostAgain {
		if run.Of == "" || run.Kind == stats.Withdrawal {
			break
		}
		former, err := reader.Run(ctx, run.Of)
		if errors.Is(err, query.ErrNotFound) {
			break
		}
		if err != nil {
			return run, err
		}
		run = former
	}
	return run, nil
}

// fetchedFrom is where the file of a run came from, in words. A folder is named
// and not the way to it: where that lies is nobody's business.
func (in runInput) fetchedFrom() string {
	from, who := in.run.From, in.first.AskedBy
	folder := filepath.Base(filepath.Dir(from))
	switch {
	case from == "" || in.run.Kind == stats.Withdrawal:
		return ""
	case strings.Contains(from, "://"):
		return from
	case strings.HasPrefix(from, "builtin:"):
		return "the reference data inside the program"
	case in.run.OtherFile && filepath.Base(filepath.Dir(filepath.Dir(from))) == "uploads":
		return by("sent on the page of the source", who)
	case in.run.OtherFile:
		return by("named at the command line", who)
	case folder == "." || folder == "/":
		return "the source’s own place"
	}
	return fmt.Sprintf("the folder “%s”", folder)
}

func by(how, who string) string {
	if who == "" {
		return how
	}
	return how + " by " + who
}

// readAgain is what a link to the run or the release says that this run is of.
func (in runInput) readAgain() string {
	if in.withdrew.ID == "" {
		return in.run.Of
	}
	return fmt.Sprintf("%s, first served on %s", in.withdrew.File, moment(in.withdrew.PublishedAt))
}
