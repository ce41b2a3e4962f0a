package main

import (
	"fmt"
	"net"
	"strings"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"exhibit/seal"
)

// agentKey is the key with a fingerprint that the agent at a socket holds: it
// signs, and the private half never leaves it.
func agentKey(socket, print string) (key seal.Key, err error) {
	if socket == "" {
		return key, withHint(fmt.Errorf("finding the signing key: there is no ssh-agent (SSH_AUTH_SOCK is not set)"), "eval $(ssh-agent), then ssh-add FILE")
	}
	ask := func(do func(agent.ExtendedAgent) error) error {
		c, err := net.Dial("unix", socket)
		if err != nil {
			return fmt.Errorf("asking ssh-agent: %w", err)
		}
		defer c.Close()
		return do(agent.NewClient(c))
	}
	var held []string
	var other string // the kind of a key with that fingerprint that cannot seal
	err = ask(func(a agent.ExtendedAgent) error {
		list, err := a.List()
		if err != nil {
			return fmt.Errorf("asking ssh-agent for its keys: %w", err)
		}
		for _, k := range list {
			held = append(held, ssh.FingerprintSHA256(k)+" "+seal.Visible(k.Comment))
			if ssh.FingerprintSHA256(k) != print {
				continue
			}
			if other, key.Public, err = seal.ParsePublicKey(k.Blob); err != nil {
				return fmt.Errorf("reading a key of ssh-agent: %w", err)
			}
		}
		return nil
	})
	switch {
	case err != nil:
		return key, err
	case key.Public.IsZero() && other != "":
		return key, fmt.Errorf("the key %s of ssh-agent is an %q key: seals are signed with Ed25519 or ECDSA P-256", print, other)
	case key.Public.IsZero() && len(held) == 0:
		return key, withHint(fmt.Errorf("finding the signing key: ssh-agent holds no key"), "ssh-add FILE")
	case key.Public.IsZero():
		return key, withHint(fmt.Errorf("finding the signing key: ssh-agent does not hold %s", print), "it holds %s", strings.Join(held, ", "))
	}
	public := key.Public
	return seal.HeldKey(public, func(data []byte) (out []byte, err error) {
		err = ask(func(a agent.ExtendedAgent) error {
			s, err := a.Sign(&agent.Key{Format: public.Kind(), Blob: public.Blob()}, data)
			if err != nil {
				return fmt.Errorf("having ssh-agent sign with %s: %w", print, err)
			}
			out = ssh.Marshal(struct {
				Format string
				Blob   []byte
				Rest   []byte `ssh:"rest"`
			}{s.Format, s.Blob, s.Rest})
			return nil
		})
		return out, err
	}), nil
}
