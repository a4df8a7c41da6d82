package draw

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Inline is the drawing as an element of a page. What it shows in words stands on
// the element round it.
func (d Drawing) Inline(class string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg class="%s" viewBox="0 0 %d %d" width="%d" height="%d" preserveAspectRatio="xMinYMid meet" aria-hidden="true" focusable="false">`,
		escaped(class), d.Width, d.Height, d.Width, d.Height)
	b.Write(d.Inside)
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// Words stand on a drawing that is alone, where no page says what it is of.
type Words struct {
	Heading     string
	Description string   // for those who do not see it
	Below       []string // where the figures come from, and what to mind
}

// How the words of a drawing that is alone are set, in CSS pixels.
const (
	margin       = 16
	headingSize  = 18
	headingLine  = 24
	belowSize    = 12
	belowLine    = 16
	headingWidth = 0.56 // of a letter, of its size: bold Helvetica runs about as wide
	belowWidth   = 0.52
)

// File is the drawing as a document of its own, with its words on it. It asks for
// nothing from elsewhere, and stands on white whatever it is put on.
func (d Drawing) File(w Words) []byte {
	heading := wrap(w.Heading, d.Width, headingWidth*headingSize)
	var below []string
	for _, line := range w.Below {
		below = append(below, wrap(line, d.Width, belowWidth*belowSize)...)
	}
	top := margin + headingLine*len(heading) + 8
	width, height := d.Width+2*margin, top+d.Height+8+belowLine*len(below)+margin
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-labelledby="title description" font-family="Helvetica, Arial, sans-serif">`,
		width, height, width, height)
	fmt.Fprintf(&b, "\n<title id=\"title\">%s</title>\n<desc id=\"description\">%s</desc>\n", escaped(w.Heading), escaped(w.Description))
	fmt.Fprintf(&b, "<rect width=\"%d\" height=\"%d\" fill=\"#FFFFFF\"/>\n", width, height)
	for i, line := range heading {
		fmt.Fprintf(&b, "<text x=\"%d\" y=\"%d\" font-size=\"%d\" font-weight=\"bold\" fill=\"#0B0C0C\">%s</text>\n", margin, margin+headingLine*i+headingSize, headingSize, escaped(line))
	}
	fmt.Fprintf(&b, "<g transform=\"translate(%d %d)\">%s</g>\n", margin, top, d.Inside)
	for i, line := range below {
		fmt.Fprintf(&b, "<text x=\"%d\" y=\"%d\" font-size=\"%d\" fill=\"#3D3D3D\">%s</text>\n", margin, top+d.Height+8+belowLine*i+belowSize, belowSize, escaped(line))
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// wrap is text in lines that fit a width at the width of a letter.
func wrap(text string, width int, letter float64) []string {
	most := int(float64(width) / letter)
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > most {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// escaped is text as it stands in an element or an attribute.
func escaped(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, readable([]byte(text))) // a builder takes all
	return b.String()
}
