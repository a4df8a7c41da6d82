package parse

import "stalkstats/internal/stats"

// similarColumns are the columns of the groups of forces that are most alike.
var similarColumns = []Column{
	{"area_code", "ONS code of the force whose group it is", "E23000026"},
	{"similar_area_code", "ONS code of one force in its group", "E23000027"},
	{"valid_from", "the first day on which the group is so, such as 2024-04-01", "2024-04-01"},
	{"source", "where the group is published", "the published list of groups"},
}

// mostSimilarGroups reads which forces are compared with which, and from when:
// a row for each force and each other force of its group. The operator
// supplies the groups; there are none in the program.
func mostSimilarGroups(in Input, out *Output) error {
	const (
		area = iota
		similar
		from
		source
	)
	read := func(t *table) (any, *stats.Fault) {
		s := stats.SimilarArea{Area: t.text(area), Similar: t.text(similar), Origin: t.origin()}
		for _, column := range []int{area, similar, from} {
			if _, fault := t.needed(column); fault != nil {
				return nil, fault
			}
		}
		var fault *stats.Fault
		if s.From, fault = t.date(from); fault != nil {
			return nil, fault
		}
		if s.Source, fault = t.needed(source); fault != nil {
			return nil, fault
		}
		return s, nil
	}
	return readSingle(in, out, read, names(similarColumns)...)
}
