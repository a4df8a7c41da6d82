package picture

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"stalkstats/dashboard/draw"
)

const built = "../static/build/"

func read(t testing.TB, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// painter is one with what the program has in it, compiled once for all tests.
var shared = sync.OnceValue(func() (p *Painter) {
	files := map[string][]byte{}
	for _, name := range []string{"resvg.wasm", "arimo-latin-400-normal.woff2", "arimo-latin-ext-400-normal.woff2", "arimo-latin-700-normal.woff2", "arimo-latin-ext-700-normal.woff2"} {
		files[name], _ = os.ReadFile(built + name)
	}
	return New(files["resvg.wasm"], files["arimo-latin-400-normal.woff2"], files["arimo-latin-ext-400-normal.woff2"], files["arimo-latin-700-normal.woff2"], files["arimo-latin-ext-700-normal.woff2"])
})

func paint(t testing.TB, svg string) image.Image {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	content, err := shared().PNG(ctx, []byte(svg))
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	return picture
}

// drawn is a chart that the server drew, of an option of dashboard/chart's tests.
func drawn(t testing.TB, name string, box draw.Box) string {
	t.Helper()
	renderer := draw.New(draw.NewLibrary(read(t, built+"echarts.min.js")), draw.Usual())
	d, err := renderer.Draw(t.Context(), draw.Chart{ID: "c", Option: read(t, "../chart/testdata/"+name+".json"), Box: box})
	if err != nil {
		t.Fatal(err)
	}
	return string(d.File(draw.Words{Heading: "Charges rose", Description: "Charges by month"}))
}

// ink is how many pixels of a part of a picture are not white.
func ink(p image.Image, in image.Rectangle) (n int) {
	for y := in.Min.Y; y < in.Max.Y; y++ {
		for x := in.Min.X; x < in.Max.X; x++ {
			if r, g, b, _ := p.At(x, y).RGBA(); r+g+b < 3*0xf000 {
				n++
			}
		}
	}
	return n
}

// TestPNG: every chart of the tests of dashboard/chart becomes a picture of twice its
// size, with its text.
func TestPNG(t *testing.T) {
	files, err := filepath.Glob("../chart/testdata/*.json")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d options, %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		picture := paint(t, drawn(t, name, draw.Box{Width: 496, Height: 320}))
		if b := picture.Bounds(); b.Dx() != 2*528 || b.Dy() < 2*320 {
			t.Errorf("%s: %v", name, b)
		}
		if n := ink(picture, image.Rect(0, 0, 2*528, 2*40)); n < 500 {
			t.Errorf("%s: its heading has %d dark pixels", name, n)
		}
	}
}

// TestLetters: text is drawn with the fonts, also the letters of Welsh and what is no
// letter of theirs takes nothing else with it; the same drawing is the same picture.
func TestLetters(t *testing.T) {
	svg := func(text string) string {
		return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 40" width="200" height="40"><text x="4" y="30" font-size="20" font-family="Helvetica, Arial, sans-serif">` + text + `</text></svg>`
	}
	all := func(p image.Image) int { return ink(p, p.Bounds()) }
	plain := all(paint(t, svg("Heddlu Gwent")))
	for _, text := range []string{"Heddlu Gwent ŵ", "Heddlu Gwent –", "Heddlu Gwent’s"} {
		if n := all(paint(t, svg(text))); n <= plain {
			t.Errorf("%s has %d dark pixels, and without its last letter %d", text, n, plain)
		}
	}
	if n := all(paint(t, svg("Heddlu Gwent 😀 \u202e x"))); n < plain {
		t.Errorf("with what is no letter there are %d dark pixels, and without %d", n, plain)
	}
	one, err := shared().PNG(t.Context(), []byte(svg("x")))
	if err != nil {
		t.Fatal(err)
	}
	if again, err := shared().PNG(t.Context(), []byte(svg("x"))); err != nil || !bytes.Equal(one, again) {
		t.Errorf("the second picture is another, %v", err)
	}
}

// TestRefused: what is no drawing, what shows nothing, and what asks for too much is
// an error, and the next picture is made.
func TestRefused(t *testing.T) {
	const open = `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d">`
	for name, svg := range map[string]string{
		"none":       "",
		"no XML":     "</script>",
		"unclosed":   fmt.Sprintf(open, 10, 10),
		"blank":      fmt.Sprintf(open, 10, 10) + "</svg>",
		"beyond all": fmt.Sprintf(open, 1<<20, 1<<20) + `<path d="M0 0L9 9" stroke="#000"/></svg>`,
		"long":       strings.Repeat(" ", largestSVG+1),
		"another":    fmt.Sprintf(open, 10, 10) + `<image href="file:///etc/passwd" width="10" height="10"/></svg>`,
	} {
		if content, err := shared().PNG(t.Context(), []byte(svg)); err == nil {
			t.Errorf("%s has a picture of %d bytes", name, len(content))
		} else if strings.Contains(err.Error(), "\n") && len(err.Error()) > 4000 {
			t.Errorf("%s: %v", name, err)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := shared().PNG(ended, []byte(drawn(t, "funnel", draw.Box{Width: 496, Height: 320}))); err == nil {
		t.Error("a picture was made for nobody")
	}
	paint(t, drawn(t, "funnel", draw.Box{Width: 496, Height: 320}))
}

// TestAnotherBuild: of a program that asks for something else no picture is made.
func TestAnotherBuild(t *testing.T) {
	wasm := bytes.ReplaceAll(read(t, built+"resvg.wasm"), []byte("a47bac70306a19a7"), []byte("0000000000000000"))
	if _, err := New(wasm).PNG(t.Context(), []byte("<svg/>")); err == nil || !strings.Contains(err.Error(), "__wbg_set_0000000000000000") {
		t.Errorf("error %v", err)
	}
}

// TestPicturesAtOnce: several make pictures side by side.
func TestPicturesAtOnce(t *testing.T) {
	svg := []byte(drawn(t, "line_small_judged", draw.Box{Width: 240, Height: 48}))
	want, err := shared().PNG(t.Context(), svg)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if got, err := shared().PNG(t.Context(), svg); err != nil || !bytes.Equal(got, want) {
				t.Errorf("another picture, %v", err)
			}
		})
	}
	all.Wait()
}
