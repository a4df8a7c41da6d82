package embedded

import "golang.org/x/sys/unix"

// redirect makes the descriptor to stand for what from stands for.
func redirect(from, to int) error { return unix.Dup3(from, to, 0) }
