package signin

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestProgramFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "programs.yaml")
	token, hash := NewToken()
	if other, _ := NewToken(); other == token || !strings.HasPrefix(token, tokenStart) || len(token) < 50 || strings.Contains(hash, token) {
		t.Errorf("tokens %s and %s", token, other)
	}
	err := ChangePrograms(path, func(all []Program) ([]Program, error) {
		return append(all, Program{Name: "power-bi", Role: "analyst", Token: hash, Ends: "2027-01-31"}), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil || strings.Contains(string(text), token) {
		t.Errorf("the file has the token, or %v", err)
	}
	good := "{name: power-bi, role: analyst, token: " + hash + ", ends: '2027-01-31'}"
	for text, says := range map[string]string{
		"programs: [" + good + ", " + good + "]":                                   "power-bi or its token stands twice",
		"programs: [" + good + ", " + strings.Replace(good, "power", "x", 1) + "]": "x-bi or its token stands twice",
		"programs: [" + strings.Replace(good, "analyst", "chief", 1) + "]":         `"chief" is none of the roles`,
		"programs: [" + strings.Replace(good, "power-bi", "Power BI", 1) + "]":     "small letters",
		"programs: [" + strings.Replace(good, hash, token, 1) + "]":                "the token of power-bi is not what `stalkstats program` writes",
		"programs: [" + strings.Replace(good, "2027-01-31", "2027-02-30", 1) + "]": `"2027-02-30" is not the day on which it ends`,
		"programs: [" + strings.Replace(good, "ends:", "until:", 1) + "]":          "field until not found",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadPrograms(path); err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v, want …%s…", text, err, says)
		}
	}
	if _, err := ReadPrograms(path + "x"); err == nil || !strings.Contains(err.Error(), "`stalkstats program add NAME --role analyst` makes it") {
		t.Errorf("no file: %v", err)
	}
}
