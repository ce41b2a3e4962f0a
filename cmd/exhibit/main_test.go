package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"exhibit/collect/aws"
	"exhibit/collect/envoy"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"exhibit": main, "exhibit-aws": func() {
		envoy.Wake()
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		context.AfterFunc(ctx, stop)
		if err := aws.Serve(ctx, os.Stdin, os.Stdout, func() time.Time { return time.Now().UTC() }, os.Exit); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"),
		Setup: func(e *testscript.Env) error {
			for k, v := range map[string]string{
				"HOME":                        e.WorkDir,
				"AWS_EC2_METADATA_DISABLED":   "true",
				"AWS_CONFIG_FILE":             filepath.Join(e.WorkDir, "no-aws-config"),
				"AWS_SHARED_CREDENTIALS_FILE": filepath.Join(e.WorkDir, "no-aws-credentials"),
				"GIT_CONFIG_NOSYSTEM":         "1",
				"GIT_AUTHOR_NAME":             "Tester",
				"GIT_AUTHOR_EMAIL":            "tester@localhost",
				"GIT_COMMITTER_NAME":          "Tester",
				"GIT_COMMITTER_EMAIL":         "tester@localhost",
				"NO_COLOR":                    "1",
			} {
				e.Setenv(k, v)
			}
			return nil
		},
		Cmds:          cloudCommands,
		UpdateScripts: os.Getenv("UPDATE") != "",
	})
}
