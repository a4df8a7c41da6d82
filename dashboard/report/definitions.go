package report

import (
	"encoding/csv"
	"fmt"
	"io"

	"stalkstats/internal/stats"
)

// DefinitionColumns is the columns of the definitions of measures, in order.
var DefinitionColumns = []Column{
	{"measure", "Measure", "short name of what is counted or worked out, as in the report", "string"},
	{"basis", "Basis", "which denominator, where a rate has several", "string"},
	{"measure_name", "Measure name", "its name in words", "string"},
	{"definition", "Definition", "what it counts", "string"},
	{"unit", "Unit", "what the value counts, or percent", "string"},
	{"numerator", "Numerator", "of a rate: the measure above the line", "string"},
	{"denominator", "Denominator", "of a rate: the measure below the line", "string"},
	{"per", "Per", "of a rate: it is per times numerator divided by denominator", "decimal"},
	{"interval_method", "Interval method", "of a rate: how its 95% interval is worked out", "string"},
	{"adds_up", "Adds up", "over what figures may be added up", "string"},
	{"direction", "Direction", "which way is better, if either", "string"},
	{"caveat", "Caveat", "what to mind", "string"},
}

// Definitions writes the header and a row for each measure.
func Definitions(w io.Writer, measures []stats.Measure) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	records := [][]string{names(DefinitionColumns)}
	for _, m := range measures {
		records = append(records, definition(m))
	}
	if err := out.WriteAll(records); err != nil {
		return fmt.Errorf("write the definitions: %w", err)
	}
	return nil
}

func definition(m stats.Measure) []string {
	per := stats.Value{}
	if m.Derived() {
		per = stats.Number(m.Per)
	}
	return []string{Text(m.ID), Text(m.Basis), Text(m.Name), Text(m.Definition), Text(m.Unit), Text(m.Numerator), Text(m.Denominator),
		Number(per), Text(string(m.Interval)), Text(string(m.AddsUp)), Text(string(m.Direction)), Text(m.Caveat)}
}
