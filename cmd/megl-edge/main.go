package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, streams{os.Stdout, os.Stderr, os.Stdin}, os.Args[1:])
	stop()
	os.Exit(status)
}

// streams is where a command writes and reads.
type streams struct {
	out io.Writer // results
	err io.Writer // progress and messages
	in  io.Reader // requests
}
