package published

import (
	"context"
	"errors"
	"io"
	"iter"
	"time"

	"stalkstats/dashboard/disclosure"
	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// ErrReadOnly says that nothing can be entered by the published audience.
var ErrReadOnly = errors.New("nothing can be entered on pages of the published audience")

// What follows is what pages ask that the published audience has not: runs,
// rejected rows and revisions hold true figures, and notes are written for
// those who see them.

// Revisions is none.
func (r *Reader) Revisions(context.Context, query.RevisionFilter) iter.Seq2[stats.PublishedRevision, error] {
	return func(func(stats.PublishedRevision, error) bool) {}
}

// CountRevisions is none.
func (r *Reader) CountRevisions(context.Context, query.RevisionFilter) (query.RevisionCounts, error) {
	return query.RevisionCounts{}, nil
}

// LargestRevisions is none.
func (r *Reader) LargestRevisions(context.Context, query.RevisionFilter, int) (query.LargestRevisions, error) {
	return query.LargestRevisions{}, nil
}

// HeldBack is none: it tells where counts are small.
func (r *Reader) HeldBack(context.Context, disclosure.Rules) ([]query.HeldBack, error) {
	return nil, nil
}

// Fresh is none.
func (r *Reader) Fresh(context.Context, query.RevisionFilter) ([]query.Fresh, error) {
	return nil, nil
}

// Runs is none.
func (r *Reader) Runs(context.Context, string, int) ([]stats.Run, error) { return nil, nil }

// Run is never found.
func (r *Reader) Run(context.Context, string) (stats.Run, error) {
	return stats.Run{}, query.ErrNotFound
}

// Rejections is never found.
func (r *Reader) Rejections(context.Context, string) ([]stats.Rejection, error) {
	return nil, query.ErrNotFound
}

// Changes is never found.
func (r *Reader) Changes(context.Context, string, int) iter.Seq2[stats.Revision, error] {
	return func(yield func(stats.Revision, error) bool) { yield(stats.Revision{}, query.ErrNotFound) }
}

// Releases is none.
func (r *Reader) Releases(context.Context, string) ([]query.PastRelease, error) { return nil, nil }

// Withdrawal is never found.
func (r *Reader) Withdrawal(context.Context, stats.Release) (query.Withdrawal, error) {
	return query.Withdrawal{}, query.ErrNotFound
}

// Request is never found.
func (r *Reader) Request(context.Context, string) (query.Asked, error) {
	return query.Asked{}, query.ErrNotFound
}

// OpenRequests is none.
func (r *Reader) OpenRequests(context.Context, string) ([]query.Asked, error) { return nil, nil }

// Ask is refused.
func (r *Reader) Ask(context.Context, stats.Request) error { return ErrReadOnly }

// SaveUpload is refused.
func (r *Reader) SaveUpload(context.Context, string, time.Time, io.Reader) (int64, error) {
	return 0, ErrReadOnly
}

// ForgetUpload is refused.
func (r *Reader) ForgetUpload(context.Context, string) error { return ErrReadOnly }

// Enter is refused.
func (r *Reader) Enter(context.Context, stats.Progress) error { return ErrReadOnly }

// TakeBack is refused.
func (r *Reader) TakeBack(context.Context, stats.Progress, stats.Progress) error { return ErrReadOnly }

// Annotate is refused.
func (r *Reader) Annotate(context.Context, stats.Annotation) error { return ErrReadOnly }

// TakeBackAnnotation is refused.
func (r *Reader) TakeBackAnnotation(context.Context, stats.Annotation, stats.Annotation) error {
	return ErrReadOnly
}

// Backups is none.
func (r *Reader) Backups(context.Context, int) ([]stats.Backup, error) { return nil, nil }

// LastBackup is none.
func (r *Reader) LastBackup(context.Context) (stats.Backup, error) { return stats.Backup{}, nil }
