package query

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// mostSecrets is how often a secret may be lost, as with a broken part, and be drawn again: the
// engine remembers each, and would drop another one under its token.
const mostSecrets = 10

var errNoSecret = errors.New("the database keeps no secret: look into its log for a broken part of the table disclosure_secret")

// DisclosureSecret is what chance is drawn with when it is decided what is hidden from the
// published audience. It is made when it is first asked for, and stays: the same figures must be
// hidden in the same way again, or two ways of hiding them would tell them. Of several programs
// that make it at once, all have the one that the engine took first.
func (r *Reader) DisclosureSecret(ctx context.Context) (string, error) {
	for try := range mostSecrets {
		secret, err := r.keptSecret(ctx)
		if err != nil || secret != "" {
			return secret, err
		}
		if err := r.saveSecret(ctx, try); err != nil {
			return "", fmt.Errorf("keep a secret for what is hidden: %w", err)
		}
	}
	return "", errNoSecret
}

func (r *Reader) keptSecret(ctx context.Context) (secret string, err error) {
	err = r.each(ctx, "secret.sql", func(rows driver.Rows) error { return rows.Scan(&secret) })
	return secret, err
}

func (r *Reader) saveSecret(ctx context.Context, try int) error {
	row, err := r.conn.PrepareBatch(once(ctx, fmt.Sprintf("secret %d", try)), "INSERT INTO disclosure_secret (secret, made_at)")
	if err != nil {
		return err
	}
	defer row.Close()
	if err := row.Append(rand.Text()+rand.Text(), time.Now().UTC()); err != nil {
		return err
	}
	return row.Send()
}

// once is a context in which one insert under a token is kept and every later one is dropped.
// The engine compares the tokens and adds the row under one lock; what a server is set to
// otherwise for its user is overruled.
func once(ctx context.Context, token string) context.Context {
	return clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{
		"insert_deduplicate": 1, "async_insert": 0,
		"insert_deduplication_token": token,
	}))
}
