package embedded

import (
	"slices"
	"strings"
	"testing"
)

// TestTheWorkingFolderIsNotTrusted: a program that is started in somebody
// else's folder must not run the library that stands there.
func TestTheWorkingFolderIsNotTrusted(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	inside := func(path string) bool { return strings.HasPrefix(path, dir) }
	if found := candidates(false); slices.ContainsFunc(found, inside) || len(found) == 0 {
		t.Errorf("a program looks at %v", found)
	}
	if !slices.ContainsFunc(candidates(true), inside) {
		t.Error("a test does not look from its working folder")
	}
}
