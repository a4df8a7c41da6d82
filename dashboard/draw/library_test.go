package draw

import (
	"bytes"
	"os"
	"testing"
)

// What a chart asks for of which ECharts has not been given the part is left out without
// a word: the same charts are drawn with the whole of it.
func TestNoPartOfTheLibraryIsMissing(t *testing.T) {
	text, err := os.ReadFile("../../node_modules/echarts/dist/echarts.min.js")
	if err != nil {
		t.Fatal("run make assets: ", err)
	}
	parts, whole := New(library(), patient()), New(NewLibrary(text), patient())
	for name, option := range options(t) {
		for _, box := range []Box{small, full} {
			want, err := whole.Draw(t.Context(), Chart{ID: name, Option: option, Box: box})
			if err != nil {
				t.Fatal(name, err)
			}
			if got, err := parts.Draw(t.Context(), Chart{ID: name, Option: option, Box: box}); err != nil || !bytes.Equal(got.Inside, want.Inside) {
				t.Errorf("%s is drawn otherwise with the whole library (%v)", name, err)
			}
		}
	}
}
