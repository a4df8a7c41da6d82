package dashboard

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// replayAction reads the file of a run again, and publishes what comes of it.
func (s *site) replayAction(reader actionReader) builder {
	return func(ctx context.Context, r *http.Request) (action, error) {
		run, err := findRun(ctx, reader, r.PathValue("id"))
		if err != nil {
			return action{}, err
		}
		source, _ := s.sourceNamed(run.Source)
		if err := replayable(run, source); err != nil {
			return action{}, err
		}
		a := s.actionOf(run, stats.ReplayRequest)
		if run.Outcome == stats.Checked {
			a.Finding, a.Button = "Publish the figures of "+run.File+"?", "Publish these figures"
			a.Says = []string{
				fmt.Sprintf("When the file was checked, on %s: %s, against what was served then.", moment(run.StartedAt), changesText(run.New, run.Changed, run.Gone)),
				"The file is read again from the copy that was kept, with today’s settings, and every check is made anew. The release it makes replaces the present one, and the revision log says which figures changed.",
			}
			if says := run.LeftOut(); says != "" {
				a.Says = append(a.Says, says)
			}
			a.warnOfChecks(run, "A check failed when the file was looked at, so the release will be held until somebody accepts it.")
			return a, nil
		}
		a.Finding, a.Button = "Read "+run.File+" again?", "Read it again"
		a.Says = []string{
			fmt.Sprintf("The file of the run of %s is read again from the copy that was kept, with today’s mappings and settings.", moment(run.StartedAt)),
			"If other figures come of it and every check passes, the release it makes replaces the present one in whatever both hold, and the revision log says which figures changed. If the same figures come of it, nothing changes.",
		}
		return a, nil
	}
}

// acceptAction publishes a held release though a check failed.
func (s *site) acceptAction(reader actionReader) builder {
	return func(ctx context.Context, r *http.Request) (action, error) {
		run, err := findRun(ctx, reader, r.PathValue("id"))
		if err != nil {
			return action{}, err
		}
		if run.Outcome != stats.Held {
			return action{}, conflict("This run is not held: it ended as %s, and there is nothing to accept.", outcomeOf(run))
		}
		src, ok := s.sourceNamed(run.Source)
		if !ok {
			return action{}, conflict("The source of this run is no longer in the configuration.")
		}
		if src.RecordLevel {
			return action{}, conflict("The file holds records about people and was not kept: to publish it, give it again on the command line: stalkstats etl accept %s --file FILE --why TEXT.", run.ID)
		}
		later, err := laterThan(ctx, reader, run)
		if err != nil {
			return action{}, err
		}
		a := s.actionOf(run, stats.AcceptRequest)
		a.Finding, a.Button, a.NeedsWhy, a.Grave = "Publish "+run.File+" though a check failed?", "Publish all the same", true, true
		a.Says = []string{
			fmt.Sprintf("Publishing it: %s. The release it makes replaces the present one, and the revision log says which figures changed.", changesText(run.New, run.Changed, run.Gone)),
		}
		if says := run.LeftOut(); says != "" {
			a.Says = append(a.Says, says)
		}
		if later.ID != "" {
			a.Says = append(a.Says, fmt.Sprintf("A later run, of %s, has ended since. If it has published figures that this file holds too, the release is held again, so that you see what it would change now.", moment(later.StartedAt)))
		}
		a.Last = "Your name and your reason stand with the run for everybody to read."
		a.warnOfChecks(run, "This is what held it:")
		return a, nil
	}
}

// actionOf is what the actions on a run have in common.
func (s *site) actionOf(run stats.Run, kind stats.RequestKind) action {
	return action{
		Back:    link{Text: fmt.Sprintf("%s, run of %s", s.titles.heading(run.Source), moment(run.StartedAt)), Address: runAddress(run.ID)},
		request: stats.Request{Kind: kind, Source: run.Source, Run: run.ID},
	}
}

// warnOfChecks warns of the checks that a run failed, where it failed any.
func (a *action) warnOfChecks(run stats.Run, warning string) {
	for _, c := range withoutFolders(run).Checks {
		if c.Outcome == stats.CheckFailed {
			a.Warning = warning
			a.Lists = append(a.Lists, sentence(capitalised(spaced(c.Name)), c.Says))
		}
	}
}

// withdrawAction publishes again what a release replaced.
func (s *site) withdrawAction(reader actionReader) builder {
	return func(ctx context.Context, r *http.Request) (action, error) {
		release, err := findRelease(ctx, reader, r.PathValue("id"))
		if err != nil {
			return action{}, err
		}
		effect, err := reader.Withdrawal(ctx, release)
		if err != nil {
			return action{}, err
		}
		if len(effect.Slices) == 0 {
			return action{}, conflict("This release serves nothing now: there is nothing to withdraw.")
		}
		a := action{
			Finding: "Withdraw " + release.File + "?", Button: "Withdraw this release", NeedsWhy: true, Grave: true,
			Back:    link{Text: fmt.Sprintf("%s, release of %s", s.titles.heading(release.Source), moment(release.PublishedAt)), Address: runAddress(release.ID)},
			request: stats.Request{Kind: stats.WithdrawRequest, Source: release.Source, Release: release.ID},
		}
		named, err := namerOf(ctx, reader)
		if err != nil {
			return action{}, err
		}
		a.Says, a.Lists = withdrawalSays(release, effect, named)
		a.Last = "Nothing is deleted: the file is kept and can be read again. Your name and your reason stand with the withdrawal for everybody to read."
		if source, _ := s.sourceNamed(release.Source); source.RecordLevel {
			a.Last = "To publish it again the file must be put into its folder again. Your name and your reason stand with the withdrawal for everybody to read."
		}
		return a, nil
	}
}

// withdrawalSays is what a withdrawal changes: how many figures, and for each
// release that comes back the slices that it serves again.
func withdrawalSays(release stats.Release, effect query.Withdrawal, named sliceNamer) (says, lists []string) {
	says = []string{
		fmt.Sprintf("The release that was first served on %s serves %s. Withdrawn it serves nothing, and the release before it serves again.", moment(release.PublishedAt), plural(len(effect.Slices), "part", "parts")),
	}
	if effect.New+effect.Changed+effect.Gone == 0 {
		says = append(says, "No figure changes.")
	} else {
		says = append(says, figuresText(effect))
	}
	var order []string
	back := map[string][]string{}
	files := map[string]stats.Release{}
	for _, s := range effect.Slices {
		if !slices.Contains(order, s.Back.ID) {
			order = append(order, s.Back.ID)
		}
		back[s.Back.ID] = append(back[s.Back.ID], s.Slice)
		files[s.Back.ID] = s.Back
	}
	for _, id := range order {
		what := slicesText(back[id], named)
		if id == "" {
			lists = append(lists, capitalised(what)+": nothing is served any more.")
			continue
		}
		lists = append(lists, fmt.Sprintf("%s: %s serves again, first served on %s.", capitalised(what), files[id].File, moment(files[id].PublishedAt)))
	}
	return says, lists
}

// figuresText is "1 figure changes, 2 come back and 3 are no longer served."
func figuresText(w query.Withdrawal) string {
	var parts []string
	add := func(n uint64, one, many string) {
		if n == 0 {
			return
		}
		verb := many
		if n == 1 {
			verb = one
		}
		noun := counted(n)
		if len(parts) == 0 {
			noun = plural(int(n), "figure", "figures")
		}
		parts = append(parts, noun+" "+verb)
	}
	add(w.Changed, "changes", "change")
	add(w.New, "comes back", "come back")
	add(w.Gone, "is no longer served", "are no longer served")
	return listed(parts) + "."
}

// slicesText names slices where their names tell something.
func slicesText(names []string, named sliceNamer) string {
	switch {
	case slices.Equal(names, []string{stats.SliceAll}):
		return "all of it"
	case worthNaming(names):
		return named.all(names)
	}
	return plural(len(names), "part", "parts")
}
