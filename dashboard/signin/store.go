package signin

import (
	"crypto/sha256"
	"encoding/hex"
	"sync"
	"time"
)

// store keeps sessions in memory by the hash of their id. One that was ended stays
// ended: a request that had begun before would otherwise save it again.
type store struct {
	longest time.Duration // how long a session may last

	mu    sync.Mutex
	kept  map[string]storedSession
	ended map[string]time.Time // until when each must be known
	swept time.Time
}

type storedSession struct {
	data []byte
	ends time.Time
}

func newStore(longest time.Duration) *store {
	return &store{longest: longest, kept: map[string]storedSession{}, ended: map[string]time.Time{}, swept: time.Now()}
}

// Find implements scs.Store.
func (s *store) Find(token string) (b []byte, found bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	item, ok := s.kept[token]
	if !ok || time.Now().After(item.ends) {
		return nil, false, nil
	}
	return item.data, true, nil
}

// Commit implements scs.Store.
func (s *store) Commit(token string, b []byte, expiry time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ended := s.ended[token]; !ended {
		s.kept[token] = storedSession{b, expiry}
	}
	s.sweep()
	return nil
}

// Delete implements scs.Store.
func (s *store) Delete(token string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.kept, token)
	s.ended[token] = time.Now().Add(s.longest)
	return nil
}

// sweepEvery is how often what is over is forgotten.
const sweepEvery = time.Minute

func (s *store) sweep() {
	now := time.Now()
	if now.Sub(s.swept) < sweepEvery {
		return
	}
	s.swept = now
	for token, item := range s.kept {
		if now.After(item.ends) {
			delete(s.kept, token)
		}
	}
	for token, until := range s.ended {
		if now.After(until) {
			delete(s.ended, token)
		}
	}
}

// items is the sessions that there are, by name.
func (s *store) items() map[string]storedSession {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := map[string]storedSession{}
	for token, item := range s.kept {
		if !time.Now().After(item.ends) {
			all[nameOf(token)] = item
		}
	}
	return all
}

// end ends the session of a name.
func (s *store) end(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for token := range s.kept {
		if nameOf(token) == name {
			delete(s.kept, token)
			s.ended[token] = time.Now().Add(s.longest)
			return true
		}
	}
	return false
}

// nameOf is what a session is called on a page: nobody can use it as an id.
func nameOf(token string) string {
	sum := sha256.Sum256([]byte("name of " + token))
	return hex.EncodeToString(sum[:8])
}
