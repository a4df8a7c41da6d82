package draw

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func TestClean(t *testing.T) {
	const open = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">`
	for _, tt := range []struct{ name, svg, want string }{
		{"a style becomes attributes", `<text style="font-size:12px;font-family:Helvetica, Arial, sans-serif;white-space:pre" fill="#000">a</text>`,
			`<text fill="#000" font-size="12px" font-family="Helvetica, Arial, sans-serif">a</text>`},
		{"a style comes before an attribute", `<path fill="red" style="fill: blue"/>`, `<path fill="blue"></path>`},
		{"names are given anew", `<g clip-path="url(#zr9-c0)"><path fill="url(#zr9-g1)"/></g><defs><clipPath id="zr9-c0"/><pattern id="zr9-g1"/></defs>`,
			`<g clip-path="url(#p-0)"><path fill="url(#p-1)"></path></g><defs><clipPath id="p-0"></clipPath><pattern id="p-1"></pattern></defs>`},
		{"text is text", `<text>&lt;script&gt;]]&gt;&amp;&quot;</text>`, `<text>&lt;script&gt;]]&gt;&amp;&#34;</text>`},
		{"text only where text belongs", `<g>a<path/>b</g>c`, `<g><path></path></g>`},
		{"events and links go", `<path onload="x()" onclick="x()" xlink:href="#a" href="#a" class="c" d="M0 0L1e-3,5Z"/>`, `<path d="M0 0L1e-3,5Z"></path>`},
		{"no address", `<path fill="url(http://x)" stroke="url('#a')" clip-path="javascript:x" d="a;b" transform="x(1)"/>`, `<path></path>`},
		{"colours and transformations", `<path fill="rgba(0, 1, 2, .5)" transform="translate(1 2) matrix(4,0,0,4,1.5,-2)"/>`, `<path fill="rgba(0, 1, 2, .5)" transform="translate(1 2) matrix(4,0,0,4,1.5,-2)"></path>`},
		{"a sheet of styles goes", `<style><![CDATA[.a:hover{fill:url(x)}]]></style><path/>`, `<path></path>`},
		{"no character that XML has not", "<text>a\x00b\x0bc</text>", "<text>a\ufffdb\ufffdc</text>"},
		{"space is kept", `<text xml:space="preserve">a  b</text>`, `<text xml:space="preserve">a  b</text>`},
	} {
		got, err := clean([]byte(open+tt.svg+"</svg>\n"), "p-")
		if err != nil || string(got) != tt.want {
			t.Errorf("%s: %s, %v\nwant %s", tt.name, got, err, tt.want)
		}
	}
	for name, svg := range map[string]string{
		"a script": open + `<script>x()</script></svg>`, "foreign": open + `<foreignObject/></svg>`, "a link": open + `<a href="x"/></svg>`, "what moves": open + `<animate/></svg>`,
		"a picture": open + `<image/></svg>`, "HTML": open + `<p xmlns="http://www.w3.org/1999/xhtml"/></svg>`, "a title": open + `<title>a</title></svg>`, "an inner svg": open + `<svg/></svg>`,
		"nothing": "", "text": "a", "another root": `<g/>`, "HTML's svg": `<svg xmlns="x"></svg>`, "two": open + `</svg>` + open + `</svg>`, "half": open + `<g>`, "crossed": open + `<g><path></g></path></svg>`,
		"a document type": `<!DOCTYPE svg [<!ENTITY a "b">]>` + open + `</svg>`, "an instruction": open + `<?x y?></svg>`, "an entity": open + `<text>&a;</text></svg>`,
		"what is nested": open + strings.Repeat("<g>", 100) + strings.Repeat("</g>", 100) + `</svg>`, "what follows": open + `</svg>a`, "an attribute in pieces": open + `<path d="a/></svg>`,
	} {
		if got, err := clean([]byte(svg), "p-"); err == nil {
			t.Errorf("%s: %s, want an error", name, got)
		}
	}
}

// FuzzClean: whatever comes in, what comes out is well-formed XML of allowed
// elements and attributes, and a browser that reads it as part of a page finds
// the same elements and no other.
func FuzzClean(f *testing.F) {
	f.Add([]byte(`<svg xmlns="http://www.w3.org/2000/svg"><g clip-path="url(#a)"><text style="font-size:1px">&lt;/svg&gt;</text></g><defs><clipPath id="a"><path d="M0 0"/></clipPath></defs></svg>`))
	f.Add([]byte(`<svg><text>a</text><style>b</style><linearGradient id="x"><stop offset="0"/></linearGradient></svg>`))
	f.Add([]byte(`<svg><text xml:space="preserve" onload="a">]]&gt;<tspan>b</tspan></text></svg>`))
	f.Fuzz(func(t *testing.T, svg []byte) {
		inside, err := clean(svg, "p-")
		if err != nil {
			return
		}
		checkClean(t, inside)
	})
}

// checkClean reads the inside of a drawing as XML and as HTML.
func checkClean(t *testing.T, inside []byte) {
	t.Helper()
	var names []string
	for in := xml.NewDecoder(bytes.NewReader(append(append([]byte("<svg>"), inside...), "</svg>"...))); ; {
		token, err := in.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v: %q", err, inside)
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		names = append(names, start.Name.Local)
		if len(names) > 1 && !elements[start.Name.Local] {
			t.Fatalf("<%s> in %q", start.Name.Local, inside)
		}
		for _, a := range start.Attr {
			name := a.Name.Local
			if a.Name.Space != "" {
				name = "xml:" + name
			}
			if name != "id" && !presentation[name] && !geometry[name] {
				t.Fatalf("the attribute %s in %q", name, inside)
			}
		}
	}
	root, err := html.Parse(strings.NewReader("<!DOCTYPE html><html><head></head><body><svg>" + string(inside) + "</svg></body></html>"))
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && n.Data != "html" && n.Data != "head" && n.Data != "body" {
			found = append(found, n.Data)
			if n.Namespace != "svg" {
				t.Fatalf("<%s> of HTML in %q", n.Data, inside)
			}
		}
	}
	if strings.Join(found, " ") != strings.Join(names, " ") {
		t.Fatalf("a browser reads %q, and not %q: %q", found, names, inside)
	}
}
