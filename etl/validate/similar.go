package validate

import (
	"fmt"
	"time"

	"stalkstats/internal/stats"
)

// mostSimilar is how many forces a group may hold beside the force whose it
// is. Published groups have about seven: one of more than twenty is a slip.
const mostSimilar = 20

// pair is two forces from a day on; without the second, a group.
type pair struct {
	area, similar string
	from          time.Time
}

// similarArea refuses what would compare a force with something that is no
// other force, or twice with the same.
func (c *Checker) similarArea(s stats.SimilarArea) *stats.Fault {
	for _, side := range []struct{ column, code string }{{"area_code", s.Area}, {"similar_area_code", s.Similar}} {
		area, ok := c.areas.ByCode(side.code)
		if !ok {
			return &stats.Fault{Column: side.column, Value: side.code, Reason: unknownArea}
		}
		if area.Kind != stats.TerritorialForce {
			return &stats.Fault{Column: side.column, Value: side.code, Reason: area.Name + " is not a territorial force: only those are in groups"}
		}
	}
	if s.Area == s.Similar {
		return &stats.Fault{Column: "similar_area_code", Value: s.Similar, Reason: "a force is not in its own group: leave the row out"}
	}
	both, group := pair{s.Area, s.Similar, s.From}, pair{area: s.Area, from: s.From}
	if first, twice := c.pairs[both]; twice {
		return &stats.Fault{Column: "similar_area_code", Value: s.Similar, Reason: fmt.Sprintf("row %d has these two forces from this day already: leave one out", first)}
	}
	if c.groups[group] >= mostSimilar {
		return &stats.Fault{Column: "area_code", Value: s.Area, Reason: fmt.Sprintf("%d rows hold forces for this group and day already: check that the codes are not the wrong way round", mostSimilar)}
	}
	c.pairs[both] = s.Origin.Row
	c.groups[group]++
	return nil
}
