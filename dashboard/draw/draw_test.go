package draw

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"
)

// library is ECharts as the program has it, with traps that only charts of odd
// widths fall into.
var library = sync.OnceValue(func() *Library {
	text, err := os.ReadFile("../static/build/echarts.min.js")
	if err != nil {
		panic("run make assets: " + err.Error())
	}
	return NewLibrary(append(text, `
;(function () {
  var init = echarts.init;
  echarts.init = function (dom, theme, opts) {
    if (opts.width === 101) for (;;) {}
    if (opts.width === 102) for (var all = []; ; ) all.push(new Array(1000).fill(all));
    if (opts.width === 103) (function deeper() { deeper(); })();
    if (opts.width === 104) throw new Error("no");
    var chart = init.apply(echarts, arguments);
    if (opts.width === 105) chart.renderToSVGString = function () { return "<svg><script/></svg>"; };
    if (opts.width === 106) chart.renderToSVGString = function () { return "<svg>" + "<g/>".repeat(1000000) + "</svg>"; };
    if (opts.width === 107) chart.renderToSVGString = function () { return {}; };
    return chart;
  };
})();`...))
})

var (
	small = Box{240, 48}
	full  = Box{960, 420}
)

// patient is limits under which an engine may be as slow as the race detector
// makes it.
func patient() Limits {
	limits := Usual()
	limits.Engines, limits.Time, limits.Patience = 2, time.Minute, time.Minute
	return limits
}

// options is those that the tests of dashboard/chart keep.
func options(t testing.TB) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("../chart/testdata/*.json")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d options, %v", len(files), err)
	}
	all := map[string][]byte{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all[strings.TrimSuffix(filepath.Base(file), ".json")] = text
	}
	return all
}

func boxesOf(name string) []Box {
	if strings.Contains(name, "small") {
		return []Box{small}
	}
	return []Box{full, {496, 320}, {288, 320}}
}

// TestDraw draws every chart that there is a kind of, in every box.
func TestDraw(t *testing.T) {
	r := New(library(), patient())
	for name, option := range options(t) {
		different := map[string]bool{}
		for _, box := range boxesOf(name) {
			d, err := r.Draw(t.Context(), Chart{ID: "chart-" + name, Option: option, Box: box})
			if err != nil || d.Box != box {
				t.Errorf("%s: a drawing of %v, %v", name, d.Box, err)
				continue
			}
			checkClean(t, d.Inside)
			if strings.Contains(name, "full") || name == "funnel" {
				checkText(t, name, d.Inside)
			}
			if bytes.Count(d.Inside, []byte("<path")) < 3 && name != "bar_empty" && name != "line_empty" {
				t.Errorf("%s: %s", name, d.Inside)
			}
			different[string(d.Inside)] = true
		}
		if len(different) != len(boxesOf(name)) {
			t.Errorf("%s is the same in different boxes", name)
		}
	}
}

// checkText: a chart has text, all of it of a size that can be read, and in
// attributes.
func checkText(t *testing.T, name string, inside []byte) {
	t.Helper()
	texts := bytes.Count(inside, []byte("<text"))
	if sized := bytes.Count(inside, []byte(`font-size="12px"`)); texts < 4 || sized != texts {
		t.Errorf("%s: %d texts, %d of them of 12 pixels", name, texts, sized)
	}
	if bytes.Contains(inside, []byte("style=")) {
		t.Errorf("%s: a style", name)
	}
}

// TestSameOptionSameDrawing: what an engine drew before leaves no trace, and
// which of them draws makes no difference.
func TestSameOptionSameDrawing(t *testing.T) {
	limits := patient()
	limits.Kept = 0
	one, several := New(library(), limits), New(library(), limits)
	all := options(t)
	alone := map[string]string{}
	for name, option := range all {
		alone[name] = drawn(t, one, name, option)
	}
	var wait sync.WaitGroup
	for name, option := range all {
		for range 2 {
			wait.Go(func() {
				if got := drawn(t, several, name, option); got != alone[name] {
					t.Errorf("%s differs when others are drawn beside it:\n%s\n%s", name, alone[name], got)
				}
			})
		}
	}
	wait.Wait()
}

func drawn(t *testing.T, r *Renderer, name string, option []byte) string {
	d, err := r.Draw(t.Context(), Chart{ID: name, Option: option, Box: boxesOf(name)[0]})
	if err != nil {
		t.Errorf("%s: %v", name, err)
	}
	return string(d.Inside)
}

// TestBeyondTheLimits: a chart that goes beyond them is an error of its kind, and
// the next one is drawn as if nothing had been.
func TestBeyondTheLimits(t *testing.T) {
	option := options(t)["line_full_judged"]
	for _, tt := range []struct {
		name  string
		width int
		limit func(*Limits)
		want  error
	}{
		{"endless", 101, func(l *Limits) { l.Time = 200 * time.Millisecond }, ErrTooLong},
		{"memory", 102, func(l *Limits) { l.Memory = 64 << 20 }, ErrTooMuch},
		{"depth", 103, nil, nil},
		{"exception", 104, nil, nil},
		{"script", 105, nil, nil},
		{"drawing", 106, nil, ErrTooLarge},
		{"no text", 107, nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			limits := patient()
			limits.Engines = 1
			if tt.limit != nil {
				tt.limit(&limits)
			}
			r := New(library(), limits)
			if err := r.Warm(); err != nil {
				t.Fatal(err)
			}
			_, err := r.Draw(t.Context(), Chart{ID: "a", Option: option, Box: Box{tt.width, 48}})
			if err == nil || tt.want != nil && !errors.Is(err, tt.want) {
				t.Errorf("the error is %v, want %v", err, tt.want)
			}
			r.limits = patient()
			if _, err := r.Draw(t.Context(), Chart{ID: "a", Option: option, Box: full}); err != nil {
				t.Errorf("the next chart: %v", err)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	limits := patient()
	limits.Option = 1000
	r := New(library(), limits)
	for name, tt := range map[string]struct {
		option string
		want   error
	}{
		"large": {`"` + strings.Repeat("a", 1000) + `"`, ErrTooLarge}, "no JSON": {`{"a":`, errNoOption}, "code": {`alert(1)`, errNoOption}, "empty": {``, errNoOption},
	} {
		if _, err := r.Draw(t.Context(), Chart{Option: []byte(tt.option), Box: full}); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
	if _, err := New(NewLibrary([]byte("no JavaScript")), patient()).Draw(t.Context(), Chart{Option: []byte("{}"), Box: full}); err == nil {
		t.Error("a library that is none draws")
	}
}

// TestBusy: who finds no engine free waits so long, or until their own reader is
// gone; a chart that is asked for twice is drawn once.
func TestBusy(t *testing.T) {
	limits := patient()
	limits.Engines, limits.Patience = 1, 20*time.Millisecond
	r := New(library(), limits)
	e := <-r.engines // somebody draws
	c := Chart{Option: []byte("{}"), Box: full}
	if _, err := r.Draw(t.Context(), c); !errors.Is(err, ErrBusy) {
		t.Errorf("the error is %v, want %v", err, ErrBusy)
	}
	r.limits.Patience = time.Minute
	gone, leave := context.WithCancel(t.Context())
	leave()
	if _, err := r.Draw(gone, c); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v, want %v", err, context.Canceled)
	}
	r.engines <- e
	if _, err := r.Draw(t.Context(), c); err != nil { // with the one that was asked for by who left
		t.Error(err)
	}
	if e = <-r.engines; e == nil || e.drawn != 1 {
		t.Errorf("the engine is %+v, want it to have drawn once", e)
	}
}

// TestHostileTextIsText: whatever a label says, the drawing says it as text.
func TestHostileTextIsText(t *testing.T) {
	r := New(library(), patient())
	for _, hostile := range []string{
		`</text></svg><script>alert(1)</script>`, `__f__alert(1)__f__`, `javascript:alert(1)`, `" onload="alert(1)`, `<img src=x onerror=alert(1)>`,
		"a\u202eb\u2066c", `]]><script>`, `&lt;b&gt;&#60;`, "{b}{@a}{a|x}", "a\x00\x0b\ufffe", `url(#x)`, `<!--`, "`${1}`", "\u2028", `'"\`,
	} {
		var option map[string]any
		if err := json.Unmarshal(options(t)["line_full_judged"], &option); err != nil {
			t.Fatal(err)
		}
		option["title"] = map[string]any{"subtext": hostile, "subtextStyle": map[string]any{"fontSize": 12}}
		text, err := json.Marshal(option)
		if err != nil {
			t.Fatal(err)
		}
		drawing, err := r.Draw(t.Context(), Chart{ID: "a", Option: text, Box: full})
		if err != nil {
			t.Errorf("%q: %v", hostile, err)
			continue
		}
		checkClean(t, drawing.Inside)
		want := strings.Map(func(c rune) rune {
			if c == 0 || c == 0x0b || c == 0xfffe {
				return 0xfffd
			}
			return c
		}, hostile)
		for form, document := range map[string][]byte{"inline": drawing.Inline(`a" b`), "file": drawing.File(Words{Heading: hostile, Description: hostile, Below: []string{hostile}})} {
			if form == "file" {
				if err := xml.Unmarshal(document, new(struct{})); err != nil {
					t.Errorf("%q: %v", hostile, err)
				}
			}
			root, err := html.Parse(bytes.NewReader(document))
			if err != nil {
				t.Fatal(err)
			}
			said := false
			for n := range root.Descendants() {
				said = said || n.Type == html.TextNode && n.Data == want
				for _, a := range n.Attr {
					if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "href" {
						t.Errorf("%q: <%s %s=%q>", hostile, n.Data, a.Key, a.Val)
					}
				}
			}
			if !said {
				t.Errorf("%s does not say %q: %s", form, want, document)
			}
		}
	}
}

// TestFile: the words of a chart that is alone stand in lines that fit it.
func TestFile(t *testing.T) {
	file := string(Drawing{small, []byte("<g></g>")}.File(Words{Heading: "Charges of the force in March are seventeen", Description: "d", Below: []string{"Source: a return."}}))
	for _, want := range []string{`viewBox="0 0 272 160"`, "<title id=\"title\">Charges of the force in March are seventeen</title>", ">Charges of the force in</text>", ">March are seventeen</text>", "<desc id=\"description\">d</desc>", ">Source: a return.</text>"} {
		if !strings.Contains(file, want) {
			t.Errorf("no %s in %s", want, file)
		}
	}
}
