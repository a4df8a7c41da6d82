package alert

import (
	"cmp"
	"strings"
	"time"

	"stalkstats/internal/mail"
)

// told is what a condition is called, after the source's title, while it is and
// once it was, and what it means for who reads the pages.
var told = map[Condition]struct{ is, was, means string }{
	Well:           {"is well again", "was well", "The last run went well and nothing is late."},
	Failed:         {"failed", "failed", "Nothing was changed: the pages show the figures of the last good run."},
	Refused:        {"was refused", "was refused", "The file breaks a rule of this source. Nothing was changed: the pages show the figures of the last good run. The file must be corrected and loaded again."},
	Held:           {"is held back", "was held back", "A check held the new release back. The pages show the figures before it. Somebody must look at it, and accept it or correct the file."},
	Late:           {"is late", "was late", "The pages show the figures of that file, which are older than they should be. A newer file is needed."},
	NoBackup:       {"failed", "failed", "The figures and the pages are as they were. If the disk is lost before the next good backup, so is what was loaded, entered and saved since the last one. Look at the folder of backups and its disk; `stalkstats backup` takes one at once."},
	PartlyRejected: {"was published without some rows", "was published without some rows", "The figures lack those rows and may be too low. Each row, with what is wrong with it, is kept with the run."},
}

const (
	maxTitle   = 100  // characters: a subject must be read at a glance
	maxProblem = 1000 // characters
)

func (s Standing) called() string {
	return mail.OneLine(cmp.Or(s.Title, s.Name), maxTitle)
}

func subject(s Standing, again bool) string {
	return "stalkstats: " + s.called() + " " + is(s.Condition, again)
}

// is what a source is, and that it is so for another reason than was told.
func is(c Condition, again bool) string {
	if again {
		return told[c].is + " for another reason"
	}
	return told[c].is
}

// text is the whole message. It holds no figure and nothing of the file but
// what the run's own sentence says.
func text(s Standing, before Condition, now time.Time, zone *time.Location) string {
	var b strings.Builder
	paragraph := func(words string) {
		if words != "" {
			b.WriteString(words + "\n\n")
		}
	}
	says := is(s.Condition, s.Condition == before)
	if s.Condition == Well {
		says += ": it " + told[before].was + " before"
	}
	paragraph(s.called() + " " + says + ".")
	paragraph(mail.OneLine(s.Problem, maxProblem))
	means := told[s.Condition].means
	if s.Name == Backups && s.Condition == Well {
		means = "The last backup went well."
	}
	paragraph(means)
	at := s.Since
	if at.IsZero() {
		at = now
	}
	b.WriteString("Since: " + at.In(zone).Format("2 January 2006, 15:04 MST") + "\n")
	about := "the backup"
	if s.Name != Backups {
		about = "this source"
		b.WriteString("Source: " + s.Name + "\n")
	}
	if s.RunID != "" {
		b.WriteString("Run: " + s.RunID + "\n")
	}
	if s.Address != "" {
		b.WriteString("Page: " + mail.OneLine(s.Address, maxProblem) + "\n")
	}
	if s.Condition != Well {
		b.WriteString("\nThis is told once. The next message about " + about + " comes when something else is wrong with it or when it is well again.\n")
	}
	return b.String()
}
