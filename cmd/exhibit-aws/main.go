// Command exhibit-aws asks AWS for exhibit, which starts it and speaks to it over
// a pipe (exhibit/collect/envoy). It alone links the AWS clients, and it links
// nothing that reads what people write or that renders.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"exhibit/collect/aws"
	"exhibit/collect/envoy"
)

func main() {
	if len(os.Args) > 1 {
		fmt.Println("exhibit-aws", envoy.Version, "asks AWS for exhibit, which starts it by itself; exhibit help says what there is to call")
		return
	}
	envoy.Wake()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second interrupt ends it at once
	now := func() time.Time { return time.Now().UTC() }
	if err := aws.Serve(ctx, os.Stdin, os.Stdout, now, os.Exit); err != nil {
		fmt.Fprintln(os.Stderr, "exhibit-aws: error:", err)
		os.Exit(1)
	}
}
