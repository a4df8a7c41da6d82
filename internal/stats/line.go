package stats

import "strings"

// breaks are the line ends, those of Unicode too, and the tab.
const breaks = "\n\r\t\u2028\u2029"

var spaces = strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ", "\t", " ", "\u2028", " ", "\u2029", " ")

// OneLine is words in one line: each line end and tab is a space, so that pages,
// CSV, workbooks and the API show the same.
func OneLine(words string) string { return spaces.Replace(words) }

// IsOneLine reports whether a text has neither a line end nor a tab, as a name or
// a value must.
func IsOneLine(text string) bool { return !strings.ContainsAny(text, breaks) }
