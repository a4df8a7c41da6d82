// Command stalkstats shows from figures how police forces do on stalking:
// scheduled jobs load arrests, charges and Stalking Protection Orders into
// ClickHouse, and a dashboard shows them against the 29 recommendations of
// September 2024.
package main

import (
	"context"
	"os"
	"os/exec"
	"os/signal"
	"runtime/debug"
	"syscall"
	_ "time/tzdata" // London's time on a machine without a zone database

	"golang.org/x/term"

	"stalkstats/internal/command"
)

// version is set when a release is built.
var version = "development"

// collectAt is by how many per cent the heap of Go may grow before it is
// collected. It is small beside what the engine takes, and collecting it at the
// usual 100 took a quarter of the time of a page.
const collectAt = 300

// tune sets it, where nobody set GOGC.
func tune() {
	if _, set := os.LookupEnv("GOGC"); !set {
		debug.SetGCPercent(collectAt)
	}
}

// passwordReader reads from a terminal what must not be seen; nil where there is none.
func passwordReader() func() (string, error) {
	if !term.IsTerminal(int(os.Stdin.Fd())) {
		return nil
	}
	return func() (string, error) {
		typed, err := term.ReadPassword(int(os.Stdin.Fd()))
		return string(typed), err
	}
}

// child is this program as another process.
func child(ctx context.Context, args ...string) *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		self = os.Args[0]
	}
	return exec.CommandContext(ctx, self, args...)
}

func main() {
	tune()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := command.Run(ctx, command.Environment{
		Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Env: os.LookupEnv, Version: version,
		Child: child, Terminal: term.IsTerminal(int(os.Stderr.Fd())), ReadPassword: passwordReader(),
	})
	stop()
	os.Exit(status)
}
