package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"testing"
)

// TestServerEnded tells a server that has gone from everything else that may
// go wrong beside it.
func TestServerEnded(t *testing.T) {
	_, refused := net.Dial("unix", filepath.Join(t.TempDir(), "nobody.sock"))
	for name, tt := range map[string]struct {
		err  error
		want bool
	}{
		"nobody answers":       {fmt.Errorf("record the run: %w", refused), true},
		"the answer broke off": {fmt.Errorf("read: %w", io.ErrUnexpectedEOF), true},
		"stopped":              {context.Canceled, false},
		"another fault":        {errors.New("no source"), false},
		"nothing":              {nil, false},
	} {
		if got := serverEnded(tt.err); got != tt.want {
			t.Errorf("%s: serverEnded() = %v, want %v", name, got, tt.want)
		}
	}
}
