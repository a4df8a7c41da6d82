package query

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"stalkstats/internal/stats"
)

// ErrAltered says that what is kept under a permanent link is no longer what
// was kept when it was made.
var ErrAltered = errors.New("what is kept under the permanent link is not what was kept when it was made")

// Permalinks is the permanent links, the newest first, at most limit.
func (r *Reader) Permalinks(ctx context.Context, limit int) ([]stats.Permalink, error) {
	return r.permalinks(ctx, "", limit)
}

// Permalink is one permanent link, else ErrNotFound.
func (r *Reader) Permalink(ctx context.Context, id string) (stats.Permalink, error) {
	if id == "" {
		return stats.Permalink{}, fmt.Errorf("a permanent link without an id: %w", ErrNotFound)
	}
	found, err := r.permalinks(ctx, id, 1)
	if err != nil {
		return stats.Permalink{}, err
	}
	if len(found) == 0 {
		return stats.Permalink{}, fmt.Errorf("permanent link %q: %w", id, ErrNotFound)
	}
	return found[0], nil
}

func (r *Reader) permalinks(ctx context.Context, id string, limit int) ([]stats.Permalink, error) {
	var found []stats.Permalink
	err := r.each(ctx, "permalinks.sql", func(rows driver.Rows) error {
		var p stats.Permalink
		var ids, sources, files, hashes []string
		var retrieved, published []time.Time
		if err := rows.Scan(&p.ID, &p.MadeAt, &p.Who, &p.Why, &p.Filters, &p.InWords, &p.Audience, &p.AsAt, &p.Publication, &p.Rows, &p.Bytes, &p.SHA256,
			&p.MetadataSHA256, &ids, &sources, &files, &hashes, &retrieved, &published, &p.Version, &p.Withdrawn.At, &p.Withdrawn.Who, &p.Withdrawn.Why); err != nil {
			return err
		}
		p.MadeAt, p.AsAt, p.Withdrawn.At = p.MadeAt.UTC(), p.AsAt.UTC(), zeroIfNever(p.Withdrawn.At)
		for i, release := range ids {
			p.Releases = append(p.Releases, stats.Release{ID: release, Source: sources[i], File: files[i], SHA256: hashes[i],
				RetrievedAt: retrieved[i].UTC(), PublishedAt: published[i].UTC()})
		}
		found = append(found, p)
		return nil
	}, clickhouse.Named("permalink", id), clickhouse.Named("limit", uint32(limit)))
	return found, err
}

// PermalinkFile is a file that is kept under a permanent link, part by part. What
// is missing or was altered ends it with ErrAltered, at the latest after the last
// part: a reader who needs to know before the first asks CheckPermalink.
func (r *Reader) PermalinkFile(ctx context.Context, p stats.Permalink, file stats.PermalinkFile) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		hashed, next := sha256.New(), uint32(0)
		err := r.each(ctx, "permalink_file.sql", func(rows driver.Rows) error {
			var part uint32
			var text string
			if err := rows.Scan(&part, &text); err != nil {
				return err
			}
			if part != next {
				return fmt.Errorf("%s of %s, part %d: %w", file, p.ID, next, ErrAltered)
			}
			next++
			hashed.Write([]byte(text)) // never fails
			if !yield([]byte(text), nil) {
				cancel()
				return errEnough
			}
			return nil
		}, clickhouse.Named("permalink", p.ID), clickhouse.Named("file", string(file)))
		if err == nil && hex.EncodeToString(hashed.Sum(nil)) != p.HashOf(file) {
			err = fmt.Errorf("%s of %s: %w", file, p.ID, ErrAltered)
		}
		if err != nil && !errors.Is(err, errEnough) {
			yield(nil, err)
		}
	}
}

// CheckPermalink reads a file that is kept under a permanent link to its end and
// says whether it is what was kept: nil, or ErrAltered.
func (r *Reader) CheckPermalink(ctx context.Context, p stats.Permalink, file stats.PermalinkFile) error {
	for _, err := range r.PermalinkFile(ctx, p, file) {
		if err != nil {
			return err
		}
	}
	return nil
}

// KeepPermalink keeps the files of a permanent link, looks whether they are there,
// and only then adds the link: what a broken write leaves behind is of no link.
func (r *Reader) KeepPermalink(ctx context.Context, p stats.Permalink, csv, metadata [][]byte) error {
	for file, parts := range map[stats.PermalinkFile][][]byte{stats.PermalinkCSV: csv, stats.PermalinkMetadata: metadata} {
		for first := 0; first < len(parts); first += partsAtOnce {
			if err := r.keepParts(ctx, p.ID, file, first, parts[first:min(first+partsAtOnce, len(parts))]); err != nil {
				return err
			}
		}
		if err := r.CheckPermalink(ctx, p, file); err != nil {
			return err
		}
	}
	batch, err := r.conn.PrepareBatch(ctx, "INSERT INTO permalinks (permalink_id, made_at, who, why, filters, in_words, audience, as_at, publication_id, "+
		"row_count, byte_count, sha256, metadata_sha256, sources, version)")
	if err != nil {
		return fmt.Errorf("keep the permanent link: %w", err)
	}
	defer batch.Close()
	sources := make([][]any, 0, len(p.Releases))
	for _, release := range p.Releases {
		sources = append(sources, []any{release.ID, release.Source, release.File, release.SHA256, release.RetrievedAt.UTC(), release.PublishedAt.UTC()})
	}
	if err := batch.Append(p.ID, p.MadeAt.UTC(), p.Who, p.Why, p.Filters, p.InWords, p.Audience, p.AsAt.UTC(), p.Publication,
		p.Rows, p.Bytes, p.SHA256, p.MetadataSHA256, sources, p.Version); err != nil {
		return fmt.Errorf("keep the permanent link: %w", err)
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("keep the permanent link: %w", err)
	}
	return nil
}

func (r *Reader) keepParts(ctx context.Context, id string, file stats.PermalinkFile, first int, parts [][]byte) error {
	batch, err := r.conn.PrepareBatch(ctx, "INSERT INTO permalink_files (permalink_id, file, part, bytes)")
	if err != nil {
		return fmt.Errorf("keep the bytes of the permanent link: %w", err)
	}
	defer batch.Close()
	for i, part := range parts {
		if err := batch.Append(id, string(file), uint32(first+i), string(part)); err != nil {
			return fmt.Errorf("keep the bytes of the permanent link: %w", err)
		}
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("keep the bytes of the permanent link: %w", err)
	}
	return nil
}

// WithdrawPermalink adds that somebody withdrew a permanent link. Its bytes stay
// in the table, and are not handed out any more.
func (r *Reader) WithdrawPermalink(ctx context.Context, id string, by stats.TakenBack) error {
	batch, err := r.conn.PrepareBatch(ctx, "INSERT INTO permalink_withdrawals (permalink_id, withdrawn_at, who, why)")
	if err != nil {
		return fmt.Errorf("withdraw the permanent link: %w", err)
	}
	defer batch.Close()
	if err := batch.Append(id, by.At.UTC(), by.Who, by.Why); err != nil {
		return fmt.Errorf("withdraw the permanent link: %w", err)
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("withdraw the permanent link: %w", err)
	}
	return nil
}

// Edition is what is served at a time, and its moment: when the newest of it was
// published, or the time itself where that is earlier than what is served now.
func (r *Reader) Edition(ctx context.Context, at time.Time) (Publication, error) {
	moment, err := r.Moment(ctx)
	if err == nil && !at.IsZero() && at.Before(moment.AsAt) {
		moment = Moment{AsAt: at}
	}
	return Publication{Moment: moment}, err
}
