package pagetest

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// validator is what html-validate holds pages to: the HTML standard, whole documents, and
// that what is referred to is there. Rules of taste are not among them. Files are our own, at
// addresses that hold their hash; a region that scrolls is reached by keyboard, and so says
// its role; and only the page of what somebody waits for asks again by itself.
const validator = `{"root": true, "extends": ["html-validate:standard", "html-validate:document", "html-validate:a11y"], "rules": {"long-title": "off", "no-trailing-whitespace": "off", "require-sri": "off", "prefer-native-element": "off"}}`

// Validate holds pages, by name, to the HTML standard, all of them in one run of
// html-validate, which is in node_modules below root.
func Validate(t *testing.T, root string, pages map[string][]byte) {
	t.Helper()
	dir := t.TempDir()
	write := func(name string, text []byte) string {
		path := filepath.Join(dir, strings.ReplaceAll(name, "/", "~"))
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	config := write("config.json", []byte(validator))
	answer := filepath.Join(dir, "answer.json") // a pipe would lose what it cannot hold when it ends
	args := []string{filepath.Join(root, "node_modules/html-validate/bin/html-validate.mjs"), "--config", config, "--formatter", "json=" + answer}
	for name, page := range pages {
		args = append(args, write(name+".html", page))
	}
	said, err := exec.CommandContext(t.Context(), "node", args...).CombinedOutput()
	text, unread := os.ReadFile(answer)
	if unread != nil {
		t.Fatalf("html-validate: %v: %s", err, said)
	}
	var found []struct {
		FilePath string
		Messages []struct {
			RuleID, Message, Selector string
			Line                      int
		}
	}
	if err := json.Unmarshal(text, &found); err != nil {
		t.Fatalf("html-validate answers %q: %v", text, err)
	}
	if err != nil && len(found) == 0 {
		t.Fatalf("html-validate: %v: %s", err, said)
	}
	for _, file := range found {
		for _, m := range file.Messages {
			t.Errorf("%s:%d: %s (%s) at %s", filepath.Base(file.FilePath), m.Line, m.Message, m.RuleID, m.Selector)
		}
	}
}
