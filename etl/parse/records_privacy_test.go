package parse_test

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"stalkstats/etl/parse"
	"stalkstats/etl/parse/sheet"
	"stalkstats/etl/parse/sheet/sheettest"
	"stalkstats/internal/stats"
)

// planted is personal data that no output may hold, whole or in part: made-up
// names, a postcode, an address, a date of birth, a telephone number.
var planted = []string{
	"Zebulon Quixmarker", "Zebulon", "quixmarker@example.org", "ZZ97 3QX", "zz973qx", "47 Quixmarker Crescent", "31/05/1961", "1961-05-31", "14/02/1987 Zebulon",
	"07700 900961", "Stalking of Zebulon Quixmarker at ZZ97 3QX, born 31/05/1961", "Harassment\nZebulon", `Zebulon "Zeb" Quixmarker`, "=Zebulon", "8/65 Zebulon 31/05",
	"Ｚｅｂｕｌｏｎ", "zebulon\u0301", "theft/Quixmarker", "part Zebulon", strings.Repeat("Zebulon ", 30),
}

// traces is what of it is looked for, in small letters.
var traces = []string{"zeb", "quix", "zz97", "3qx", "47", "1961", "1987", "07700", "900961", "31/05", "31 may", "may 1961", "14/02", "ｚｅ", "example.org"}

// told is everything that comes out of a file: figures, account and fault.
func told(r result) string {
	text := fmt.Sprintf("%+v\n%+v\n%+v\n%+v\n", r.rows, r.out.Rejections, r.out.Exclusions(), *r.out)
	if r.err != nil {
		text += fmt.Sprintf("%v\n%#v\n", r.err, r.err)
	}
	return strings.ToLower(address.ReplaceAllString(text, ""))
}

// address is where something is in memory: its digits come of no file.
var address = regexp.MustCompile(`0x[0-9a-f]+`)

func noTrace(t *testing.T, what string, r result) {
	t.Helper()
	text := told(r)
	for _, trace := range traces {
		if r.out.Read > 40 && strings.Trim(trace, "0123456789") == "" {
			continue // a row may have this number
		}
		if i := strings.Index(text, trace); i >= 0 {
			t.Errorf("%s: %q is told: …%s…", what, trace, text[max(0, i-150):min(len(text), i+150)])
		}
	}
}

// goodRows is two rows of each kind in which nothing is wrong.
var goodRows = map[string][][]string{
	"arrests": {{"A1", "2024-03-01", "Stalking", "yes", "no"}, {"A2", "2024-03-02", "Stalking", "no", "no"}},
	"charges": {{"A1", "2024-03-01", "2024-02-01", "Stalking", "charge"}, {"A2", "2024-03-02", "", "Stalking", "summons"}},
	"orders":  {{"A1", "B1", "applied", "2024-03-01", ""}, {"A2", "B2", "full_granted", "2024-03-02", "2024-03-01"}},
}

// encode writes rows as CSV.
func encode(rows [][]string) string {
	var text strings.Builder
	for _, cells := range rows {
		for i, cell := range cells {
			if i > 0 {
				text.WriteByte(',')
			}
			text.WriteString(`"` + strings.ReplaceAll(cell, `"`, `""`) + `"`)
		}
		text.WriteByte('\n')
	}
	return text.String()
}

func clone(rows [][]string) [][]string {
	var all [][]string
	for _, row := range rows {
		all = append(all, slices.Clone(row))
	}
	return all
}

// eachPlanting plants each text in each place of each kind of extract: in
// every cell, the header's too, in a column and a cell more, and in place of
// the header.
func eachPlanting(texts []string, use func(what, kind string, rows [][]string)) {
	for kind, good := range goodRows {
		table := append([][]string{strings.Split(recordHeaders[kind], ",")}, good...)
		for _, text := range texts {
			for i := range table {
				for j := range table[i] {
					rows := clone(table)
					rows[i][j] = text
					use(fmt.Sprintf("%s, %q in row %d, column %d", kind, text, i+1, j+1), kind, rows)
				}
				rows := clone(table)
				rows[i] = append(rows[i], text)
				use(fmt.Sprintf("%s, %q after row %d", kind, text, i+1), kind, rows)
			}
			headless := clone(table)[1:]
			headless[0][2] = text
			use(fmt.Sprintf("%s, %q without a header", kind, text), kind, headless)
			rows := clone(table)
			for j := range rows[2] {
				rows[2][j] = text
			}
			use(fmt.Sprintf("%s, %q in a whole row", kind, text), kind, rows)
			// The same key twice, with another date and another person.
			twice := clone(table)
			twice[1][0] = text
			twice[2] = slices.Clone(twice[1])
			for j, cell := range twice[2] {
				if cell == "2024-03-01" {
					twice[2][j] = "2024-04-01"
				}
			}
			use(fmt.Sprintf("%s, %q as an identifier of two rows", kind, text), kind, twice)
		}
	}
}

func TestNothingPersonalIsTold(t *testing.T) {
	files := 0
	eachPlanting(planted, func(what, kind string, rows [][]string) {
		text := encode(rows)
		for form, file := range map[string]string{
			"CSV":            text,
			"tabs":           strings.ReplaceAll(text, ",", "\t"),
			"no quotes":      strings.ReplaceAll(text, `"`, ""),
			"a broken quote": strings.Replace(text, `","`, `,`, 1),
			"an open quote":  text + `"Zebulon`,
			"cut short":      text[:len(text)*2/3],
			"Latin 1":        strings.ReplaceAll(text, "Q", "\xd6Q"),
			"zero bytes":     strings.ReplaceAll(text, "ux", "u\x00x"),
			"UTF-16":         utf16File(text),
			"half UTF-16":    utf16File(text)[1:],
		} {
			noTrace(t, what+", "+form, readRecords(t, kind, []byte(file)))
			files++
		}
	})
	if files < 5000 {
		t.Errorf("only %d files were tried", files)
	}
}

func utf16File(text string) string {
	out := []byte("\xff\xfe")
	for _, u := range utf16.Encode([]rune(text)) {
		out = append(out, byte(u), byte(u>>8))
	}
	return string(out)
}

func TestNothingPersonalIsToldOfWorkbooks(t *testing.T) {
	eachPlanting([]string{planted[0], planted[6], planted[10]}, func(what, kind string, rows [][]string) {
		for form, write := range kinds {
			for name, sheets := range map[string][]sheettest.Sheet{
				"one sheet":  {sheetOf("Zebulon Quixmarker", rows)},
				"two sheets": {sheetOf("Sheet1", rows), sheetOf("Quixmarker", rows)},
			} {
				var file bytes.Buffer
				if err := write(&file, sheets...); err != nil {
					t.Fatal(err)
				}
				noTrace(t, strings.Join([]string{what, form, name}, ", "), readRecords(t, kind, file.Bytes()))
			}
		}
	})
}

func sheetOf(name string, rows [][]string) sheettest.Sheet {
	return sheettest.Sheet{Name: name, Rows: func(yield func([]any) bool) {
		for _, row := range rows {
			var cells []any
			for _, cell := range row {
				cells = append(cells, cell)
			}
			if !yield(cells) {
				return
			}
		}
	}}
}

// TestNothingPersonalIsToldOfLargeCells: a cell over the limit, and more rows
// and columns than there may be.
func TestNothingPersonalIsToldOfLargeCells(t *testing.T) {
	long := strings.Repeat("Zebulon Quixmarker ", 4000)
	for kind, good := range goodRows {
		header := recordHeaders[kind] + "\n"
		for what, text := range map[string]string{
			"long cell":        header + long + ",2024-03-01,Stalking,yes,no\n",
			"long quoted cell": header + "A1,\"" + long + "\",Stalking,yes,no\n",
			"long header":      long + "\n" + encode(good),
			"open quote":       header + "A1,\"" + long,
			"many columns":     header + strings.Repeat("Zebulon,", 2000) + "\n",
			"many rejections":  header + strings.Repeat("Zebulon,Quixmarker,ZZ97 3QX,31/05/1961,Zebulon\n", parse.KeptRejections+100),
		} {
			r := readRecords(t, kind, []byte(text))
			if r.err == nil && r.out.Rejected == 0 && r.out.Excluded() == 0 {
				t.Errorf("%s, %s: nothing is wrong", kind, what)
			}
			noTrace(t, kind+", "+what, r)
		}
	}
}

// TestCleanedFaultsOfWorkbooks: what sheet says of the insides of a workbook
// may quote them; cleaned, it does not.
func TestCleanedFaultsOfWorkbooks(t *testing.T) {
	p, _ := parse.Find("force_records")
	for _, problem := range []string{`a cell says that its place is "Zebulon", which cannot be`, `the workbook does not say where the sheet "Zebulon \"Q" is`,
		"the part xl/Zebulon.xml is damaged", "the part a is written in Zebulon instead of UTF-8", `cut short in "Zebulon`} {
		err := p.Clean(&sheet.Error{File: "f.xlsx", Sheet: "Quixmarker", Row: 4, Problem: problem, Advice: "save it again"})
		noTrace(t, problem, result{out: &parse.Output{}, err: err})
		if !strings.HasPrefix(err.Error(), "f.xlsx, row 4: ") || !strings.HasSuffix(err.Error(), "; save it again") {
			t.Errorf("%s becomes %v", problem, err)
		}
	}
	other, _ := parse.Find("force_return")
	if fault := (&sheet.Error{File: "f", Sheet: "S", Problem: `"x"`}); other.Clean(fault) != error(fault) {
		t.Error("a fault of another layout is changed")
	}
}

// FuzzForceRecords plants a mark anywhere in any file: it is never told, and
// every row is accounted for.
func FuzzForceRecords(f *testing.F) {
	const mark = "zqxjvk"
	kindNames := []string{"arrests", "charges", "orders"}
	for i, kind := range kindNames {
		text := recordHeaders[kind] + "\n" + encode(append(goodRows[kind], goodRows[kind][0]))
		for _, at := range []int{0, 3, len(recordHeaders[kind]), len(recordHeaders[kind]) + 5, len(text) - 4, len(text)} {
			f.Add(byte(i), uint16(at), []byte(text))
			f.Add(byte(i), uint16(at), []byte(strings.ReplaceAll(text, ",", "\t")))
		}
		f.Add(byte(i), uint16(40), []byte(strings.ReplaceAll(text, `"`, "")))
		for form := range kinds {
			rows := append([][]string{strings.Split(recordHeaders[kind], ",")}, goodRows[kind]...)
			rows[2][0] = mark
			f.Add(byte(i), uint16(0xffff), workbook(f, form, sheetOf(mark, rows)))
		}
	}
	f.Fuzz(func(t *testing.T, kind byte, at uint16, file []byte) {
		if place := int(at); place <= len(file) {
			file = slices.Concat(file[:place], []byte(mark), file[place:])
		}
		in := parse.Input{File: "file.csv", Source: "test", Today: stats.Day(2024, 9, 27),
			Settings: parse.Settings{Area: "E23000026", Kind: kindNames[int(kind)%len(kindNames)]}}
		r := readInput(t, "force_records", in, file, fuzzLimits)
		accounted(t, r)
		if strings.Contains(told(r), mark) {
			t.Errorf("the mark is told: %s", told(r))
		}
	})
}
