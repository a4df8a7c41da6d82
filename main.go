// Command stalkstats shows from figures how police forces do on stalking:
// scheduled jobs load arrests, charges and Stalking Protection Orders into
// ClickHouse, and a dashboard shows them against the 29 recommendations of
// September 2024.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // London's time on a machine without a zone database

	"golang.org/x/term"

	"stalkstats/internal/command"
)

// version is set when a release is built.
var version = "development"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := command.Run(ctx, command.Environment{
		Args: os.Args[1:], Stdout: os.Stdout, Stderr: os.Stderr, Env: os.LookupEnv, Version: version,
		Terminal: term.IsTerminal(int(os.Stderr.Fd())),
	})
	stop()
	os.Exit(status)
}
