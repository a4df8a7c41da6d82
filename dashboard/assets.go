package dashboard

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"time"
)

// staticFiles holds our script and what the build made of the npm packages.
// The whole folder is embedded, so that the program compiles before the build
// has run, and New can say what is missing.
//
//go:embed static
var staticFiles embed.FS

// The files that pages may load.
const (
	styleFile   = "style.css"
	echartsFile = "echarts.min.js"
	scriptFile  = "charts.js"
	exitFile    = "exit.js"
	iconFile    = "icon.svg"

	echartsPath = "static/build/" + echartsFile
)

// assets serves the files under addresses that hold their hash: a changed
// file has a new address, so a browser may keep the old one for ever.
type assets struct {
	files map[string]asset
}

type asset struct {
	address     string
	contentType string
	content     []byte
}

func loadAssets(files fs.FS) (*assets, error) {
	a := &assets{files: map[string]asset{}}
	for _, f := range []struct{ name, path, contentType string }{
		{styleFile, "static/build/style.css", "text/css; charset=utf-8"},
		{echartsFile, echartsPath, "text/javascript; charset=utf-8"},
		{scriptFile, "static/charts.js", "text/javascript; charset=utf-8"},
		{exitFile, "static/exit.js", "text/javascript; charset=utf-8"},
		{iconFile, "static/icon.svg", "image/svg+xml"},
	} {
		content, err := fs.ReadFile(files, f.path)
		if err != nil {
			return nil, fmt.Errorf("dashboard/%s was not there when the program was built: run make assets, then build again", f.path)
		}
		hash := sha256.Sum256(content)
		address := "/static/" + hex.EncodeToString(hash[:8]) + "/" + f.name
		a.files[f.name] = asset{address, f.contentType, content}
	}
	return a, nil
}

// address is where a page finds a file.
func (a *assets) address(name string) string { return a.files[name].address }

func (a *assets) serve(w http.ResponseWriter, r *http.Request) error {
	file, ok := a.files[r.PathValue("file")]
	if !ok || file.address != r.URL.Path {
		return notFound("There is no such file.")
	}
	w.Header().Set("Content-Type", file.contentType)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(file.content))
	return nil
}
