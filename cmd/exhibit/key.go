package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"exhibit/collect/envoy"
	"exhibit/seal"
)

// signerLine is the line of an allowed_signers file that trusts a key to seal.
func signerLine(principal string, key seal.PublicKey) []byte {
	return []byte(seal.Signer{Principal: principal, Namespaces: []string{seal.NamespaceSeal}, Key: key}.String() + "\n")
}

var (
	fingerprint = regexp.MustCompile(`^SHA256:[A-Za-z0-9+/]{43}$`)
	kmsKeyARN   = regexp.MustCompile(`^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$`)
)

func (v *validator) signing(s Signing) {
	named := 0
	for _, one := range []string{s.Agent, s.KMS} {
		if one != "" {
			named++
		}
	}
	if named > 0 && s.Key != defaults().Signing.Key {
		named++
	}
	if named > 1 {
		v.bad("signing", "names more than one key; leave one of key, agent and kms")
	}
	if s.Agent != "" && !fingerprint.MatchString(s.Agent) {
		v.bad("signing.agent", "%q is not a key's fingerprint; ssh-add -l prints it: SHA256:…", s.Agent)
	}
	if s.Reviewers < 0 || s.Reviewers > seal.MaxReviews {
		v.bad("signing.reviewers", "%d is not a number from 0 to %d", s.Reviewers, seal.MaxReviews)
	}
	if s.KMS != "" && !kmsKeyARN.MatchString(s.KMS) {
		v.bad("signing.kms", "%q is not a key's own ARN, such as arn:aws:kms:eu-west-1:111122223333:key/1234abcd-…; an alias could be pointed elsewhere", s.KMS)
	}
}

// signs finds the key, for the jobs that seal.
func (j *job) signs(ctx context.Context) (err error) {
	j.key, err = j.keyOf(ctx, j.cfg.Signing)
	return err
}

func (j *job) keyOf(ctx context.Context, s Signing) (seal.Key, error) {
	switch {
	case s.Agent != "":
		return agentKey(j.Getenv("SSH_AUTH_SOCK"), s.Agent)
	case s.KMS != "":
		return j.kmsKey(ctx, s.KMS)
	}
	return keyFile(ctx, j.world, j.cfg.path(j.Home, s.Key))
}

// ownKey is the key in a file, which is made where there is none.
func ownKey(file string) (key seal.Key, path string, made bool, err error) {
	b, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		_, private, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return key, file, false, fmt.Errorf("making a signing key: %w", err)
		}
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			return key, file, false, fmt.Errorf("making a signing key: %w", err)
		}
		if err := os.WriteFile(file, seal.MarshalPrivateKey(private, "exhibit"), 0o600); err != nil {
			return key, file, false, fmt.Errorf("making a signing key: %w", err)
		}
		return seal.FileKey(private), file, true, nil
	}
	if err != nil {
		return key, file, false, noKey(file, err)
	}
	private, _, err := seal.ParsePrivateKey(b)
	if err != nil {
		return key, file, false, fmt.Errorf("reading the signing key %s: %w", file, err)
	}
	return seal.FileKey(private), file, false, nil
}

func noKey(file string, err error) error {
	return withHint(fmt.Errorf("reading the signing key: %w", err),
		"a run without a seal proves nothing; make a key with: ssh-keygen -t ed25519 -N '' -f %s, and list its public half in %s", file, allowedSigners)
}

// keyFile is the key in a file. One that is not plain Ed25519, such as that of a
// security key, signs through ssh-keygen, which asks for a touch.
func keyFile(ctx context.Context, w world, file string) (seal.Key, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return seal.Key{}, noKey(file, err)
	}
	private, _, err := seal.ParsePrivateKey(b)
	if err == nil {
		return seal.FileKey(private), nil
	}
	public, passphrase, other := seal.PublicHalf(b)
	if other != nil || passphrase || public.Kind() == seal.KindEd25519 {
		return seal.Key{}, withHint(fmt.Errorf("reading the signing key %s: %w", file, err), "a key with a passphrase signs through ssh-agent: ssh-add %s, and signing.agent in exhibit.yaml", file)
	}
	return seal.Key{Public: public, Sign: func(namespace string, message []byte) ([]byte, error) {
		return keygenSigns(ctx, w, file, namespace, message)
	}}, nil
}

// keygenSigns has ssh-keygen sign.
func keygenSigns(ctx context.Context, w world, file, namespace string, message []byte) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "ssh-keygen", "-q", "-Y", "sign", "-n", namespace, "-f", file)
	cmd.Stdin = bytes.NewReader(message)
	var out, says bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &says
	if w.Terminal { // it asks for a touch there
		cmd.Stderr = w.Stderr
	}
	if err := cmd.Run(); err != nil {
		if errors.Is(err, exec.ErrNotFound) {
			return nil, withHint(errors.New("this key signs through ssh-keygen, which is not installed"), "install OpenSSH 8.2 or later")
		}
		return nil, fmt.Errorf("signing with ssh-keygen and %s: %w: %s", file, err, strings.TrimSpace(says.String()))
	}
	return out.Bytes(), nil
}

// kmsKey is a key of AWS KMS, which exhibit-aws has sign: an envoy of its own each
// time, for the one that asks AWS ends when that is done.
func (j *job) kmsKey(ctx context.Context, arn string) (key seal.Key, err error) {
	sign := func(data []byte) (envoy.Signed, error) {
		path, err := envoyPath()
		if err != nil {
			return envoy.Signed{}, err
		}
		e, err := envoy.Send(path, j.Stderr)
		if err != nil {
			return envoy.Signed{}, err
		}
		s, err := e.Sign(ctx, j.awsConfig(), arn, data)
		return s, otherRelease(errors.Join(err, e.Close()))
	}
	s, err := sign(nil)
	if err != nil {
		return key, withHint(fmt.Errorf("finding the signing key: %w", err), "exhibit iam-policy --signing prints a key policy that lets the collector's role sign, and nobody else")
	}
	public, err := seal.KMSPublicKey(s.Public)
	if err != nil {
		return key, fmt.Errorf("finding the signing key %s: %w", arn, err)
	}
	return seal.HeldKey(public, func(data []byte) ([]byte, error) {
		s, err := sign(data)
		if err != nil {
			return nil, err
		}
		return seal.KMSSignature(public, s.Signature)
	}), nil
}
