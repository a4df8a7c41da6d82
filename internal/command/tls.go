package command

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"time"

	"stalkstats/internal/config"
)

// tlsOf is how the pages speak TLS; nil: they do not.
func tlsOf(files config.TLS, log *slog.Logger) (*tls.Config, error) {
	if files.Certificate == "" {
		return nil, nil
	}
	kept := &certificate{files: files, log: log, now: time.Now}
	kept.seen = kept.state()
	var err error
	if kept.pair, err = kept.load(); err != nil {
		return nil, err
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: kept.get}, nil
}

// certificate is a certificate that is read again when its files have changed. While
// they do not fit each other, as between the writing of one and the other, the former
// is shown.
type certificate struct {
	files config.TLS
	log   *slog.Logger
	now   func() time.Time

	mu   sync.Mutex
	seen [2]fileState
	pair *tls.Certificate
}

type fileState struct {
	changed time.Time
	size    int64
}

func (c *certificate) state() (states [2]fileState) {
	for i, path := range []string{c.files.Certificate, c.files.Key} {
		if info, err := os.Stat(path); err == nil {
			states[i] = fileState{info.ModTime(), info.Size()}
		}
	}
	return states
}

// load reads the pair.
func (c *certificate) load() (*tls.Certificate, error) {
	pair, err := tls.LoadX509KeyPair(c.files.Certificate, c.files.Key)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return nil, fmt.Errorf("dashboard.tls: %w", err)
	}
	if err != nil {
		return nil, fmt.Errorf("dashboard.tls: %s and %s are not a certificate and its key in PEM: %w", c.files.Certificate, c.files.Key, err)
	}
	if ended := pair.Leaf.NotAfter; c.now().After(ended) {
		return nil, fmt.Errorf("dashboard.tls: the certificate %s ended on %s: renew it", c.files.Certificate, ended.Format("2 January 2006"))
	}
	return &pair, nil
}

// get implements tls.Config.GetCertificate.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.state()
	if now == c.seen {
		return c.pair, nil
	}
	c.seen = now
	pair, err := c.load()
	if err != nil {
		c.log.Error("the certificate has changed and cannot be used: the former is shown on", "error", err)
		return c.pair, nil
	}
	c.pair = pair
	c.log.Info("the certificate has changed", "ends", pair.Leaf.NotAfter)
	return c.pair, nil
}
