package parse

import (
	"maps"
	"slices"

	"stalkstats/etl/parse/sheet"
	"stalkstats/internal/stats"
)

// A recordKind is one of the three extracts.
type recordKind struct {
	columns []Column
	figures []recordFigure
	days    []daysFigure
	read    func(c *recordCounter, b *recordBatch, r *record)
	// rare kinds have months truly without a row of any sort. In the others no
	// row at all means that the month was left out of the extract.
	rare bool
}

// recordKinds is the extracts by the name that a source's settings give.
var recordKinds = map[string]recordKind{
	"arrests": {
		columns: []Column{
			{"record_id", "what tells one arrest from another; used to count it once, then forgotten", "A-000123"},
			{"arrest_date", "the day of the arrest", "2024-09-27"},
			{"offence", "the wording that the force uses, or the Home Office code", "Stalking"},
			{"domestic", "yes, no or not known", "yes"},
			{"online", "yes, no or not known", "no"},
		},
		figures: append([]recordFigure{{measure: "stalking_arrests"}},
			append(broken("stalking_arrests", "domestic", flagValues), broken("stalking_arrests", "online", flagValues)...)...),
		read: (*recordCounter).arrest,
	},
	"charges": {
		columns: []Column{
			{"record_id", "what tells one charge from another; used to count it once, then forgotten", "C-000123"},
			{"charge_date", "the day of the charge", "2024-09-27"},
			{"recorded_date", "the day on which the offence was recorded; may be empty", "2024-08-15"},
			{"offence", "the wording that the force uses, or the Home Office code", "8/65"},
			{"basis", "charge, postal charge or summons", "charge"},
		},
		figures: append([]recordFigure{{measure: "stalking_charges"}}, broken("stalking_charges", "charge_type", chargeTypes)...),
		read:    (*recordCounter).charge,
	},
	"orders": {
		columns: []Column{
			{"order_id", "what tells one order from another; used to count it once, then forgotten", "SPO-0012"},
			{"person_id", "what tells one person from another; used to count each once, then forgotten", "P-0034"},
			{"stage", "applied, interim_granted, full_granted, refused, withdrawn, expired or breached", "full_granted"},
			{"stage_date", "the day of that stage", "2024-09-27"},
			{"applied_date", "the day of the application; may be empty", "2024-09-02"},
		},
		figures: []recordFigure{{measure: "spo_applied"}, {measure: "spo_interim_granted"}, {measure: "spo_full_granted"}, {measure: "spo_refused"},
			{measure: "spo_withdrawn"}, {measure: "spo_breaches"}, {measure: "spo_expired"}, {measure: "spo_people_applied"}, {measure: "spo_people_granted"}},
		days: grantFigures,
		read: (*recordCounter).order,
		rare: true,
	},
}

// recordTables is the extracts as tables to fill in, in order of name.
func recordTables() []Kind {
	var all []Kind
	for _, name := range slices.Sorted(maps.Keys(recordKinds)) {
		all = append(all, Kind{name, recordKinds[name].columns})
	}
	return all
}

var (
	flagValues  = []string{"yes", "no", "not known"}
	chargeTypes = []string{"charge", "postal charge", "summons"}
	orderStages = []string{"applied", "interim_granted", "full_granted", "refused", "withdrawn", "breached", "expired"}
)

func broken(measure, breakdown string, values []string) []recordFigure {
	var figures []recordFigure
	for _, value := range values {
		figures = append(figures, recordFigure{measure, breakdown, value})
	}
	return figures
}

// forceRecords counts a record-level extract of arrests, charges or orders as
// it streams by. Nothing of a row is given on but numbers: docs/sources/force_records.md.
func forceRecords(in Input, out *Output) error {
	kind, ok := recordKinds[in.Settings.Kind]
	if !ok {
		return &sheet.Error{Kind: stats.Settings, File: in.File, Problem: "the source's settings do not say what the rows are", Advice: "set kind to arrests, charges or orders"}
	}
	if in.Settings.Area == "" {
		return &sheet.Error{Kind: stats.Settings, File: in.File, Problem: "the source's settings do not say which force the rows are of", Advice: "set area to the force's ONS code, such as E23000026"}
	}
	offences, err := newOffences(in)
	if err != nil {
		return err
	}
	if !in.Book.Next() {
		return in.Book.Err()
	}
	place, err := openRecords(in, names(kind.columns))
	if err != nil {
		return err
	}
	today := dayOf(in.Today)
	c := &recordCounter{in: in, out: out, kind: kind, today: today, header: in.Book.RowNumber(), offences: offences, seen: newSeenSet(),
		months: make([]monthTally, max(0, today.month()))}
	again := stream(in.Book, place, c.ahead, func(b *recordBatch, r *record) {
		if r.surplus > 0 {
			c.reject(r, sheet.ColumnName(r.surplus), noMonth, "there is no column here; quote a text that holds a comma")
			return
		}
		kind.read(c, b, r)
	})
	offences.report(func(reason string, rows uint64) { out.excluded[reason] += rows })
	switch {
	case in.Book.Err() != nil:
		return in.Book.Err()
	case again:
		return &sheet.Error{File: in.File, Problem: "a second sheet holds rows", Advice: "keep the table in one sheet and delete the others"}
	}
	return c.give()
}

// ahead hashes the identifiers of some rows and brings what is known of them
// near.
func (c *recordCounter) ahead(b *recordBatch, group []record) {
	for i := range group {
		group[i].hash = c.seen.hash(b.cell(&group[i], 0))
	}
	for i := range group {
		c.read += c.seen.near(group[i].hash)
	}
}

// arrest counts a row of arrests.
func (c *recordCounter) arrest(b *recordBatch, r *record) {
	const (
		id = iota
		date
		offence
		domestic
		online
	)
	month, ok := c.begin(b, r, offence, date)
	if !ok {
		return
	}
	domesticFlag, onlineFlag := readFlag(b.cell(r, domestic)), readFlag(b.cell(r, online))
	switch {
	case domesticFlag < 0:
		c.reject(r, "domestic", month, "write yes, no or not known")
	case onlineFlag < 0:
		c.reject(r, "online", month, "write yes, no or not known")
	case c.once(b, r, id, month, domesticFlag<<2|onlineFlag):
		c.add(month, r, 0, 1+domesticFlag, 4+onlineFlag)
	}
}

// charge counts a row of charges.
func (c *recordCounter) charge(b *recordBatch, r *record) {
	const (
		id = iota
		date
		recorded
		offence
		basis
	)
	month, ok := c.begin(b, r, offence, date)
	if !ok {
		return
	}
	if cell := b.cell(r, recorded); len(cell) > 0 {
		if _, reason := c.day(cell, 0); reason != "" {
			c.reject(r, "recorded_date", month, reason)
			return
		}
	}
	charged := wordIn(chargeTypes, b.cell(r, basis))
	switch {
	case charged < 0:
		c.reject(r, "basis", month, "write charge, postal charge or summons")
	case c.once(b, r, id, month, charged):
		c.add(month, r, 0, 1+charged)
	}
}

// begin looks at a row's offence and then at its date. It answers with the
// month in which the row counts; ok is false where the row is dealt with.
func (c *recordCounter) begin(b *recordBatch, r *record, offence, date int) (month int, ok bool) {
	v := c.offences.verdict(b.cell(r, offence))
	day, reason := c.day(b.cell(r, date), stalkingBegan)
	month = c.monthOf(r, day, reason)
	switch {
	case len(b.cell(r, offence)) == 0:
		c.reject(r, "offence", month, "the cell is empty: fill it in")
	case v.excluded && v.wording != "":
		c.offences.exclude(v.wording, r.row)
		c.out.count()
	case v.excluded:
		c.out.exclude("an offence that the mapping leaves out")
	case !v.counts:
		c.reject(r, "offence", month, "this may be an offence of stalking, and the mapping does not have it ("+v.wording+
			"): add the wording to the source's offences, as "+Stalking+" or "+Excluded)
	case reason != "":
		c.reject(r, c.kind.columns[date].Name, noMonth, reason)
	case month == notOver:
		c.out.exclude("the month is not over")
	default:
		return month, true
	}
	return 0, false
}

// readFlag is the place of the answer in flagValues, -1 where it is none.
func readFlag(cell []byte) int {
	switch string(cell) {
	case "yes", "Yes", "YES", "y", "Y", "true", "TRUE", "1":
		return 0
	case "no", "No", "NO", "n", "N", "false", "FALSE", "0":
		return 1
	case "", "not known", "Not known", "Not Known", "NOT KNOWN", "unknown", "Unknown", "UNKNOWN":
		return 2
	}
	return -1
}

// wordIn is the place of a word in the list, -1 where it is not there. Case
// does not matter, nor whether a space, a hyphen or a low line joins words.
func wordIn(list []string, cell []byte) int {
	for i, word := range list {
		if sameWord(word, cell) {
			return i
		}
	}
	return -1
}

func sameWord(word string, cell []byte) bool {
	if len(word) != len(cell) {
		return false
	}
	for i := range cell {
		if foldByte(cell[i]) != foldByte(word[i]) {
			return false
		}
	}
	return true
}

func foldByte(c byte) byte {
	switch {
	case c == '_' || c == '-':
		return ' '
	case c >= 'A' && c <= 'Z':
		return c + 'a' - 'A'
	}
	return c
}
