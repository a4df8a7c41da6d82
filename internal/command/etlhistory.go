package command

import (
	"fmt"

	"github.com/alecthomas/kong"

	"stalkstats/internal/stats"
)

type etlHistoryCommand struct {
	Source string `help:"Only this source." placeholder:"SOURCE"`
	Limit  int    `help:"How many runs." default:"20" placeholder:"N"`
}

// AfterApply refuses a source that is given and empty: the runs of all would be listed.
func (c *etlHistoryCommand) AfterApply(given *kong.Context) error { return refuseEmpty(given) }

// Run lists the newest runs.
func (c *etlHistoryCommand) Run(s *session) error {
	if c.Limit < 1 || c.Limit > 100_000 {
		return usageError{fmt.Errorf("--limit: %d is not between 1 and 100000", c.Limit)}
	}
	return s.work(func(j job) error {
		runs, err := j.reader.Runs(s.ctx, c.Source, c.Limit)
		if err != nil {
			return err
		}
		if s.flags.JSON {
			list := []runObject{}
			for _, run := range runs {
				list = append(list, runJSON(run))
			}
			return s.printJSON(list)
		}
		return s.table("RUN\tSOURCE\tKIND\tOUTCOME\tREAD\tIN ORDER\tEXCLUDED\tREJECTED\tPROBLEM", len(runs), func(i int) string {
			r := runs[i]
			return fmt.Sprintf("%s\t%s\t%s\t%s\t%d\t%d\t%d\t%d\t%s", r.ID, r.Source, kindOf(r), r.Outcome, r.Read, r.Loaded, r.Excluded, r.Rejected, orDash(r.Problem))
		})
	})
}

type etlRejectsCommand struct {
	Run_ string `arg:"" name:"run" help:"The run's id, as etl history shows it."`
}

// Run lists the rejected rows of one run.
func (c *etlRejectsCommand) Run(s *session) error {
	return s.work(func(j job) error {
		run, err := j.reader.Run(s.ctx, c.Run_)
		if err != nil {
			return fmt.Errorf("%w: `stalkstats etl history` shows the runs", err)
		}
		rows, err := j.reader.Rejections(s.ctx, run.ID)
		if err != nil {
			return err
		}
		if s.flags.JSON {
			return s.printJSON(rejections(rows))
		}
		if uint64(len(rows)) < run.Rejected {
			fmt.Fprintf(s.Stderr, "stalkstats: the first %d of %d rejected rows are kept\n", len(rows), run.Rejected)
		}
		return s.table("FILE\tSHEET\tROW\tCOLUMN\tVALUE\tREASON", len(rows), func(i int) string {
			r := rows[i]
			return fmt.Sprintf("%s\t%s\t%d\t%s\t%q\t%s", r.File, orDash(r.Sheet), r.Row, orDash(r.Column), r.Value, r.Reason)
		})
	})
}

type rejectionObject struct {
	File   string `json:"file"`
	Sheet  string `json:"sheet"`
	Row    int    `json:"row"`
	Column string `json:"column"`
	Value  string `json:"value"`
	Reason string `json:"reason"`
}

func rejections(rows []stats.Rejection) []rejectionObject {
	list := []rejectionObject{}
	for _, r := range rows {
		list = append(list, rejectionObject{r.File, r.Sheet, r.Row, r.Column, r.Value, r.Reason})
	}
	return list
}
