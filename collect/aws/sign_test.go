package aws

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"exhibit/collect/envoy"
	"exhibit/seal"
)

const signingKeyARN = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"

// kmsSigner answers GetPublicKey and Sign as AWS KMS does on the wire.
func kmsSigner(t *testing.T, spec, usage string, private crypto.Signer) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			KeyId, MessageType, SigningAlgorithm string
			Message                              []byte
		}
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			t.Error(err)
		}
		if in.KeyId != signingKeyARN || !strings.Contains(r.Header.Get("Authorization"), "/eu-west-1/kms/") {
			t.Errorf("asked for %q, signed %s", in.KeyId, r.Header.Get("Authorization"))
		}
		var out any
		switch op := r.Header.Get("X-Amz-Target"); op {
		case "TrentService.GetPublicKey":
			out = map[string]any{"KeyId": in.KeyId, "PublicKey": der, "KeySpec": spec, "KeyUsage": usage}
		case "TrentService.Sign":
			if in.MessageType != "RAW" {
				t.Errorf("message type %q", in.MessageType)
			}
			signed, opts := in.Message, crypto.SignerOpts(crypto.Hash(0))
			if in.SigningAlgorithm == "ECDSA_SHA_256" {
				sum := sha256.Sum256(in.Message)
				signed, opts = sum[:], crypto.SHA256
			} else if in.SigningAlgorithm != "ED25519_SHA_512" {
				t.Errorf("algorithm %q", in.SigningAlgorithm)
			}
			sig, err := private.Sign(nil, signed, opts)
			if err != nil {
				t.Error(err)
			}
			out = map[string]any{"KeyId": in.KeyId, "Signature": sig, "SigningAlgorithm": in.SigningAlgorithm}
		default:
			t.Errorf("asked %s", op)
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		_ = json.NewEncoder(w).Encode(out) // the client says when it is cut
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestSign(t *testing.T) {
	p256, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), []byte(strings.Repeat("k", 32)))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		spec, usage string
		key         crypto.Signer
		says        string
	}{
		{"ECC_NIST_P256", "SIGN_VERIFY", p256, ""},
		{"ECC_NIST_EDWARDS25519", "SIGN_VERIFY", ed25519.NewKeyFromSeed([]byte(strings.Repeat("k", 32))), ""},
		{"ECC_NIST_P256", "KEY_AGREEMENT", p256, "not for signing"},
		{"ECC_NIST_P384", "SIGN_VERIFY", p256, "ECC_NIST_P384: seals are signed with"},
	} {
		cfg := Config{Endpoint: kmsSigner(t, c.spec, c.usage, c.key), Static: &envoy.Static{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "x"}, Now: time.Now}
		ask := func(data []byte) (*envoy.Signed, error) {
			r, err := sign(context.Background(), cfg, envoy.SignOrder{Key: signingKeyARN, Data: data})
			return r.Signed, err
		}
		got, err := ask(nil)
		if c.says != "" {
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s %s: %v", c.spec, c.usage, err)
			}
			continue
		}
		if err != nil || len(got.Signature) > 0 {
			t.Fatalf("%s: %v", c.spec, err)
		}
		public, err := seal.KMSPublicKey(got.Public)
		if err != nil {
			t.Fatal(err)
		}
		key := seal.HeldKey(public, func(data []byte) ([]byte, error) {
			got, err := ask(data)
			if err != nil {
				return nil, err
			}
			return seal.KMSSignature(public, got.Signature)
		})
		if _, err := key.Signed(seal.NamespaceSeal, []byte("text")); err != nil {
			t.Errorf("%s: %v", c.spec, err)
		}
	}
	for _, arn := range []string{"", "alias/seal", "arn:aws:kms:eu-west-1:111122223333:alias/seal", "1234abcd-12ab-34cd-56ef-1234567890ab", "arn:aws:s3:::b"} {
		if _, err := sign(context.Background(), Config{}, envoy.SignOrder{Key: arn}); err == nil || !strings.Contains(err.Error(), "not the ARN of a key") {
			t.Errorf("%q: %v", arn, err)
		}
	}
}
