package parse

import (
	"fmt"
	"maps"
	"regexp"
	"strconv"
	"strings"

	"stalkstats/etl/parse/sheet"
	"stalkstats/internal/stats"
)

// Stalking is what an offence counts as that the measures of stalking count.
const Stalking = "stalking"

// DefaultOffences is how the wordings and Home Office codes that are known
// count: as Stalking or as Excluded. A source's settings go before it.
//
// "Stalking / Harassment" is left out: a force that has one class for both
// must say itself what its rows are.
func DefaultOffences() map[string]string {
	return map[string]string{
		"Stalking":                                  Stalking,
		"Stalking Offences":                         Stalking,
		"Stalking involving fear of violence":       Stalking,
		"Stalking involving serious alarm/distress": Stalking,
		"Stalking without fear/alarm/distress":      Stalking,
		"Pursue course of conduct in breach of S1 1 which amounts to stalking": Stalking,
		"8/65":                     Stalking, // section 4A
		"8/66":                     Stalking, // section 4A
		"195/12":                   Stalking, // section 2A
		"8Q":                       Stalking,
		"Harassment":               Excluded,
		"Malicious communications": Excluded,
		"8L":                       Excluded,
		"8R":                       Excluded,
		"8M":                       Excluded,
	}
}

// A verdict is what becomes of the rows of one wording. Where it neither
// counts nor is a reason to exclude, the rows are rejected.
type verdict struct {
	counts   bool
	excluded bool
	wording  string // reduced to known words, where the mapping does not have it
}

// offences maps the wordings of one file and keeps account of those that the
// mapping does not have.
type offences struct {
	mapping  map[string]bool // by folded wording: whether it counts
	verdicts map[string]verdict
	unmapped map[string]*unmapped
	others   unmapped
}

// unmapped is how often one reduced wording was excluded, and where first.
type unmapped struct {
	rows  uint64
	first int
}

const (
	mostUnmapped = 50     // different lines in the report
	mostVerdicts = 10_000 // different wordings remembered while the file is read
)

func newOffences(in Input) (*offences, error) {
	o := &offences{mapping: map[string]bool{}, verdicts: map[string]verdict{}, unmapped: map[string]*unmapped{}}
	for _, mapping := range []map[string]string{DefaultOffences(), in.Settings.Offences} {
		folded := map[string]bool{}
		for wording, counts := range mapping {
			wording = foldOffence(wording)
			if counts != Stalking && counts != Excluded {
				return nil, &sheet.Error{Kind: stats.Settings, File: in.File, Problem: "the source's settings count an offence as something that is not known",
					Advice: "write " + Stalking + " or " + Excluded + " beside each offence"}
			}
			if before, twice := folded[wording]; twice && before != (counts == Stalking) {
				return nil, &sheet.Error{Kind: stats.Settings, File: in.File, Problem: "the source's settings count one offence in two ways",
					Advice: "keep one of the two; case, spaces and leading zeros do not make another offence"}
			}
			folded[wording] = counts == Stalking
		}
		maps.Copy(o.mapping, folded)
	}
	return o, nil
}

// verdict says what becomes of a row.
func (o *offences) verdict(cell []byte) verdict {
	if v, ok := o.verdicts[string(cell)]; ok {
		return v
	}
	wording := string(cell)
	v := o.judge(foldOffence(wording))
	if len(o.verdicts) < mostVerdicts {
		o.verdicts[wording] = v
	}
	return v
}

func (o *offences) judge(folded string) verdict {
	counts, mapped := o.mapping[folded]
	switch {
	case mapped:
		return verdict{counts: counts, excluded: !counts}
	case looksLikeStalking(folded):
		return verdict{wording: reduce(folded)}
	}
	return verdict{excluded: true, wording: reduce(folded)}
}

// exclude keeps account of a row whose wording the mapping does not have.
func (o *offences) exclude(wording string, row int) {
	line, ok := o.unmapped[wording]
	switch {
	case ok:
	case len(o.unmapped) < mostUnmapped:
		line = &unmapped{first: row}
		o.unmapped[wording] = line
	default:
		line = &o.others
		if line.rows == 0 {
			line.first = row
		}
	}
	line.rows++
}

// report gives each wording that the mapping does not have as a reason to
// exclude, with the rows that it excluded.
func (o *offences) report(add func(reason string, rows uint64)) {
	for wording, line := range o.unmapped {
		add(fmt.Sprintf("offence not mapped: %s (first in row %d)", wording, line.first), line.rows)
	}
	if o.others.rows > 0 {
		add(fmt.Sprintf("offence not mapped: other wordings (first in row %d)", o.others.first), o.others.rows)
	}
}

// foldOffence makes wordings comparable: case, padding, doubled spaces, spaces
// around a stroke and zeros in front of a code's numbers do not matter.
func foldOffence(wording string) string {
	tokens := strings.Fields(strings.ToLower(strings.ReplaceAll(wording, "/", " / ")))
	folded := strings.ReplaceAll(strings.Join(tokens, " "), " / ", "/")
	tokens = strings.Split(folded, " ")
	for i, token := range tokens {
		if m := codeForm.FindStringSubmatch(token); m != nil {
			tokens[i] = trimZeros(m[1]) + "/" + trimZeros(m[2])
		}
	}
	return strings.Join(tokens, " ")
}

var codeForm = regexp.MustCompile(`^(\d{1,3})/(\d{1,3})$`)

func trimZeros(number string) string {
	if trimmed := strings.TrimLeft(number, "0"); trimmed != "" {
		return trimmed
	}
	return "0"
}

var (
	// stalkingCode is 8/65, 8/66 and 195/12, also as 00865, 8-65, 8.65 or 195/12/1.
	stalkingCode = regexp.MustCompile(`(^|[^\d/])(0{0,2}8[/.\- ]0?6[56]|0086[56]|195[/.\- ]?12)(\D|$)|(^|[^a-z\d])8q([^a-z\d]|$)`)
	// stalkingSection is sections 2A and 4A of the Protection from Harassment
	// Act; the Public Order Act has a section 4A of another matter.
	stalkingSection = regexp.MustCompile(`(^|[^a-z\d])(s|ss|sec|section)?\.? ?[24] ?\(?a\)?([^a-z\d]|$)`)
)

// looksLikeStalking reports whether a wording may be of stalking: to leave it
// out unasked would lose stalking offences from the count.
func looksLikeStalking(folded string) bool {
	return strings.Contains(folded, "stalk") || stalkingCode.MatchString(folded) ||
		stalkingSection.MatchString(folded) && !strings.Contains(folded, "public order")
}

// reduce keeps the known words and codes of a wording and puts […] for the
// rest: in the wrong column of a row there may be a name or an address.
func reduce(folded string) string {
	var kept []string
	for token := range strings.FieldsSeq(folded) {
		token = strings.Trim(token, ".,;:()[]'\"&+-–")
		if token == "" {
			continue
		}
		if known := reduceToken(token); known != "[…]" || len(kept) == 0 || kept[len(kept)-1] != known {
			kept = append(kept, known)
		}
	}
	const most = 16
	if len(kept) > most {
		kept = append(kept[:most], "[…]")
	}
	if len(kept) == 0 {
		return "[…]"
	}
	return strings.Join(kept, " ")
}

func reduceToken(token string) string {
	if m := codeForm.FindStringSubmatch(token); m != nil && !mayBeBirthday(m[1], m[2]) {
		return token
	}
	parts := strings.Split(token, "/")
	for _, part := range parts {
		if !offenceWords[part] || len(parts) > 1 && part[0] <= '9' {
			return "[…]"
		}
	}
	return token
}

// mayBeBirthday reports whether two numbers could be a day and a month.
func mayBeBirthday(first, second string) bool {
	a, _ := strconv.Atoi(first)
	b, _ := strconv.Atoi(second)
	return a <= 31 && b <= 12 || a <= 12 && b <= 31
}

// offenceWords is every word that a report may hold. No word of it is a name.
var offenceWords = func() map[string]bool {
	words := map[string]bool{}
	for word := range strings.FieldsSeq(`
		stalking stalk stalker harassment harass harassing offence offences involving fear of violence violent serious alarm distress
		without pursue pursuing course conduct in breach which amounts amounting to section s s1 s2 s4 2a 4a with intent malicious
		communications communication act acts protection from public order orders criminal law causing cause caused putting people
		person persons another other and or by on at the a an for not that being injury bodily harm actual grievous gbh abh wounding
		assault assaults common battery affray burglary robbery theft stolen vehicle shoplifting shop taking handling goods fraud
		deception false representation forgery arson damage property dwelling non possession possess supply supplying drug drugs
		cannabis cocaine controlled class weapon bladed article knife firearm offensive drunk disorderly driving drive dangerous
		careless disqualified insurance licence motor rape sexual indecent exposure images child children adult adults neglect abuse
		controlling coercive behaviour intimate family relationship domestic kidnap false imprisonment blackmail threats threat
		threatening kill murder manslaughter attempt attempted conspiracy aiding racially religiously aggravated hate crime
		restraining bail non-molestation molestation notice prevention injunction failing fail failure comply surrender notification
		requirements trespass interference disclosure disclose private photographs perverting justice witness witnesses intimidation
		intimidate obstruct obstructing resist resisting arrest constable emergency worker escape custody immigration terrorism
		misuse computer unauthorised access nuisance electronic network sending letter letters offensive grossly menacing message
		messages going equipped begging prostitution trafficking slavery poisoning strangulation suffocation non-fatal
	`) {
		words[word] = true
	}
	return words
}()
