//go:build !linux

package embedded

import "golang.org/x/sys/unix"

// redirect makes the descriptor to stand for what from stands for.
func redirect(from, to int) error { return unix.Dup2(from, to) }
