package signin

import (
	"slices"
	"strings"
)

// EveryArea stands where areas are named for somebody who may see all in detail.
const EveryArea = "all"

const (
	mostAreas   = 100 // that somebody may have: there are 44 forces
	longestArea = 80  // bytes of a code or a name
)

// inDetail is a person who may see the areas named in detail, by their codes or names: each
// value is one, or several with commas or semicolons between. Where none is named that is
// nothing; where one is EveryArea it is everything. Which of the names there are is for
// the pages to find out.
func (p Person) inDetail(values []string) Person {
	var names []string
	for _, value := range values {
		for name := range strings.FieldsFuncSeq(value, func(c rune) bool { return strings.ContainsRune(",;\r\n", c) }) {
			name = strings.Join(strings.Fields(name), " ")
			if strings.EqualFold(name, EveryArea) {
				p.Some, p.Areas = false, ""
				return p
			}
			if name != "" && len(name) <= longestArea {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	p.Some, p.Areas = true, strings.Join(names[:min(len(names), mostAreas)], "\n")
	return p
}

// AreaNames is the areas that somebody may see in detail, as they were named.
func (p Person) AreaNames() []string {
	return strings.FieldsFunc(p.Areas, func(c rune) bool { return c == '\n' })
}
