package dashboard

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"

	"stalkstats/internal/stats"
)

// runAction reads a source's own file now.
func (s *site) runAction(reader actionReader) builder {
	return func(ctx context.Context, r *http.Request) (action, error) {
		known, a, err := s.ownFile(ctx, reader, r)
		if err != nil {
			return action{}, err
		}
		a.Finding, a.Button = "Run "+s.titles.of(known.Name)+" now?", "Run it now"
		a.Says = append(a.Says, fmt.Sprintf("The file is looked for where the configuration says: %s. If it is the one that is served already, nothing changes.", known.ownPlace()))
		if len(known.Served) == 0 {
			a.Says = append(a.Says, "If it passes every check it is published at once. Nothing of this source is served now.")
		} else {
			newest := known.Served[0]
			a.Says = append(a.Says, fmt.Sprintf("If it is another file and passes every check it is published at once: the release it makes replaces the present one, %s, published on %s, in whatever both hold.",
				newest.File, moment(newest.PublishedAt)))
			if !known.reads(newest.From) {
				a.Warning = fmt.Sprintf("%s does not come from there: it was sent on a page or loaded from elsewhere. The file that is read now may be an older one and put its figures back. Check it first.", newest.File)
			}
		}
		a.Says = append(a.Says, "If a check fails the release is held, and what is served stays.")
		return a, nil
	}
}

// checkAction makes a dry run of a source's own file.
func (s *site) checkAction(reader actionReader) builder {
	return func(ctx context.Context, r *http.Request) (action, error) {
		known, a, err := s.ownFile(ctx, reader, r)
		if err != nil {
			return action{}, err
		}
		a.request.DryRun = true
		a.Finding, a.Button = "Check the file of "+s.titles.of(known.Name)+"?", "Check only"
		a.Says = []string{
			fmt.Sprintf("The file is looked for where the configuration says: %s. Every check is made, and the run shows which figures would be new, changed or gone.", known.ownPlace()),
			"Nothing is published by it: what is served stays as it is.",
		}
		return a, nil
	}
}

// ownFile is the source that an address names, and what the actions on its own
// file have in common.
func (s *site) ownFile(ctx context.Context, reader actionReader, r *http.Request) (knownSource, action, error) {
	source, err := s.configured(r.PathValue("name"))
	if err != nil {
		return knownSource{}, action{}, err
	}
	known, err := s.findSource(ctx, reader, source.Name)
	return known, action{
		Back:    link{Text: s.titles.heading(source.Name), Address: sourceAddress(source.Name)},
		request: stats.Request{Kind: stats.RunRequest, Source: source.Name},
	}, err
}

func (source Source) ownPlace() string { return cmp.Or(source.place(), "the source’s own place") }

// reads reports whether a file that was fetched from there is one that the
// source would read by itself. Which file a publication page leads to is not
// known before it is asked, so that any from the web may be.
func (source Source) reads(from string) bool {
	if source.From == "" || source.From == from {
		return true
	}
	if strings.Contains(source.From, "://") {
		return strings.Contains(from, "://")
	}
	fits, err := filepath.Match(source.From, from)
	return err == nil && fits
}
