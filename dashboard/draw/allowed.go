package draw

import (
	"regexp"
	"strings"
)

const (
	svgSpace = "http://www.w3.org/2000/svg"
	xmlSpace = "http://www.w3.org/XML/1998/namespace"
)

func isSVG(space string) bool { return space == svgSpace || space == "" }

func set(words string) map[string]bool {
	all := map[string]bool{}
	for word := range strings.FieldsSeq(words) {
		all[word] = true
	}
	return all
}

// What a drawing is made of: shapes, text, and what these refer to. There is no
// script, no link, no picture, nothing that moves, and nothing in which HTML could
// stand.
var (
	elements = set("g path rect circle ellipse line polyline polygon text tspan defs clipPath pattern linearGradient radialGradient stop")
	texts    = []string{"text", "tspan"}

	// presentation is what a style may say, too.
	presentation = set(`fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-dasharray stroke-dashoffset stroke-linecap
		stroke-linejoin stroke-miterlimit opacity font-size font-family font-weight font-style text-anchor dominant-baseline paint-order
		clip-path clip-rule stop-color stop-opacity`)
	geometry = set(`d x y dx dy x1 y1 x2 y2 cx cy r rx ry width height points transform offset gradientUnits gradientTransform
		patternUnits patternContentUnits patternTransform clipPathUnits xml:space`)

	// references is what may point at another part of the drawing.
	references = set("clip-path fill stroke")
)

var (
	plainName = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
	// plainValue is a number, a path, a colour, a transformation, a font or a word:
	// no address can be made of these characters, and no function but of colours
	// and transformations.
	plainValue = regexp.MustCompile(`^[A-Za-z0-9_#%.,+\-\s"']*$`)
	function   = regexp.MustCompile(`\b(rgb|rgba|hsl|hsla|matrix|translate|scale|rotate|skewX|skewY)\(([^()]*)\)`)
)

// allowed reports whether an attribute may stand in a drawing.
func allowed(a attribute) bool {
	return (presentation[a.name] || geometry[a.name]) && plainValue.MatchString(function.ReplaceAllString(a.value, "$2"))
}
