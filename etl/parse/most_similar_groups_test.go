package parse_test

import (
	"strings"
	"testing"
	"time"

	"stalkstats/internal/stats"
)

func TestMostSimilarGroups(t *testing.T) {
	show := func(r result) (all []string) {
		for _, row := range r.rows {
			s := row.(stats.SimilarArea)
			all = append(all, strings.Join([]string{s.Area, s.Similar, s.From.Format(time.DateOnly), s.Source}, " | "))
		}
		return all
	}
	check(t, "most_similar_groups", "area_code,similar_area_code,valid_from,source", show, []layoutTest{
		{name: "a force of a group", csv: " E1 ,E2, 2024-04-01 , a list \n", loads: []string{"E1 | E2 | 2024-04-01 | a list"}},
		{name: "a group that changed", csv: "E1,E2,2020-04-01,S\nE1,E2,2024-04-01,S\n", loads: []string{"E1 | E2 | 2020-04-01 | S", "E1 | E2 | 2024-04-01 | S"}},
		{name: "from no day", csv: "E1,E2,,S\n", rejects: []string{`2, valid_from, "": the cell is empty: fill it in`}},
		{name: "from a year", csv: "E1,E2,2024,S\n", rejects: []string{`2, valid_from, "2024": not a date: write it as 2024-09-27`}},
		{name: "of nobody", csv: ",E2,2024-04-01,S\n", rejects: []string{`2, area_code, "": the cell is empty: fill it in`}},
		{name: "with nobody", csv: "E1,,2024-04-01,S\n", rejects: []string{`2, similar_area_code, "": the cell is empty: fill it in`}},
		{name: "from nowhere", csv: "E1,E2,2024-04-01,\n", rejects: []string{`2, source, "": the cell is empty: fill it in`}},
		{name: "without a source", csv: "=area_code,similar_area_code,valid_from\nE1,E2,2024-04-01\n",
			fault: `file.csv, row 1: the column "source" is missing; the columns must be area_code, similar_area_code, valid_from, source`},
	})
}
