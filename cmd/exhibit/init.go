package main

import (
	"context"
	"crypto/rand"
	"embed"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
	"time"

	"exhibit/evidence/store"
	"exhibit/policies"
	"exhibit/seal"
)

//go:embed scaffold
var scaffold embed.FS

const allowedSigners = "trust/allowed_signers"

var initCommand = command{
	name: "init", args: "FOLDER [--sample]",
	short: "make an evidence repository",
	long: `Makes FOLDER an evidence repository: a configuration to edit, starter policies, a
filled-in template for every kind of record, and the public key whose seals
count. Makes that key in ~/.config/exhibit if there is none.

--sample makes the repository of an invented company instead, with three
quarters of history; exhibit evidence then runs the fourth.`,
	setup: func(fs *flag.FlagSet) func(context.Context, *call) error {
		sample := fs.Bool("sample", false, "make the sample organisation's repository")
		return func(ctx context.Context, c *call) error {
			if len(c.args) != 1 {
				return usageError("init takes one FOLDER")
			}
			dir := absolute(c.Dir, c.args[0])
			if *sample {
				if err := initSample(ctx, c, dir); err != nil {
					return err
				}
				c.say("the sample organisation lies in %s; run: exhibit evidence -C %s", dir, typed(c.args[0]))
				return nil
			}
			return initRepository(c, dir)
		}
	},
}

func initRepository(c *call, dir string) error {
	key, keyPath, made, err := ownKey(filepath.Join(c.Home, ".config", "exhibit", "id_ed25519"))
	if err != nil {
		return err
	}
	principal := "exhibit@" + host(filepath.Base(dir))
	files, err := scaffoldFiles(c.Now(), principal, key.Public)
	if err != nil {
		return err
	}
	author := store.Author{Name: "exhibit", Email: "exhibit@localhost"}
	if _, err := store.Init(dir, files, author, c.Now()); err != nil {
		return fmt.Errorf("making the repository: %w", err)
	}
	if made {
		c.say("made a signing key: %s (keep a copy; without it the chain cannot go on under the same name)", keyPath)
	}
	return c.result(map[string]any{"repository": dir, "key": keyPath, "files": len(files)}, func(w io.Writer) {
		fmt.Fprintf(w, `An evidence repository lies in %s

Next:
  1. edit exhibit.yaml: organisation, period, accounts, regions
  2. git add -A && git commit  exhibit seals what is committed
  3. exhibit doctor            says what is missing
  4. exhibit evidence          or make evidence: collects, judges, renders, seals
`, dir)
	})
}

// host is a folder's name as it may stand in a key's principal.
func host(folder string) string {
	name := strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '.' || r == '-' || r == '_' {
			return r
		}
		return '-'
	}, strings.ToLower(folder)), ".-")
	if name == "" {
		return "evidence"
	}
	return name
}

// scaffoldFiles are the files of a new repository.
func scaffoldFiles(now time.Time, principal string, key seal.PublicKey) (map[string][]byte, error) {
	files := map[string][]byte{}
	salt := make([]byte, 16)
	if _, err := rand.Read(salt); err != nil {
		return nil, fmt.Errorf("making a salt: %w", err)
	}
	fill := strings.NewReplacer("@START@", fmt.Sprintf("%d-01-01", now.Year()), "@END@", fmt.Sprintf("%d-12-31", now.Year()), "@PRINCIPAL@", principal, "@SALT@", hex.EncodeToString(salt))
	for from, to := range map[string]string{"exhibit.yaml": configName, "Makefile": "Makefile", "README.md": "README.md", "gitattributes": ".gitattributes", "gitignore": ".gitignore"} {
		b, err := scaffold.ReadFile("scaffold/" + from)
		if err != nil {
			return nil, err
		}
		files[to] = []byte(fill.Replace(string(b)))
	}
	for from, to := range map[string]string{"documents": "policies", "records/templates": "templates"} {
		err := fs.WalkDir(policies.FS, from, func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || from == "documents" && path.Base(p) == "README.md" {
				return err
			}
			b, err := policies.FS.ReadFile(p)
			files[to+strings.TrimPrefix(p, from)] = b
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	files[allowedSigners] = signerLine(principal, key)
	return files, nil
}
