package aws

import (
	"context"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"

	"exhibit/collect/envoy"
)

// What the run calls itself goes with every call, and names the sessions of roles.
func TestWitness(t *testing.T) {
	w := envoy.WitnessOf(5, strings.Repeat("0123456789abcdef", 4))
	if len(w.App) > 50 || len(w.Session) > 64 || w.App != "exhibit-0005-0123456789abcdef0123456789abcdef" || !strings.HasPrefix(w.Session, w.App) {
		t.Errorf("%+v", w)
	}
	if w := envoy.WitnessOf(12345, strings.Repeat("f", 64)); len(w.App) > 50 || len(w.Session) > 64 {
		t.Errorf("%+v", w)
	}
	if w := envoy.WitnessOf(1, ""); w.App != "exhibit-0001-first" || w.Session != w.App {
		t.Errorf("%+v", w)
	}
	var mu sync.Mutex
	var agents, sessions []string
	s := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		v, _ := url.ParseQuery(string(body))
		mu.Lock()
		agents = append(agents, r.UserAgent())
		if n := v.Get("RoleSessionName"); n != "" {
			sessions = append(sessions, n)
		}
		mu.Unlock()
		http.Error(rw, "", http.StatusForbidden)
	}))
	defer s.Close()
	_, err := Plan(context.Background(), Config{Endpoint: s.URL, Now: fixedNow, Sleep: noSleep, Only: []string{"kms/key"}, Witness: w,
		Static: &envoy.Static{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "x"}, Accounts: []Account{{ID: "222222222222", Role: "Auditor"}}})
	if err != nil {
		t.Fatal(err)
	}
	if len(sessions) == 0 {
		t.Error("no role was assumed")
	}
	for _, a := range agents {
		if !strings.Contains(a, "app/"+w.App) {
			t.Errorf("user agent %q", a)
		}
	}
	for _, n := range sessions {
		if n != w.Session {
			t.Errorf("session %q", n)
		}
	}
}

func TestCustomCAs(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, []byte("ca"), 0o600); err != nil {
		t.Fatal(err)
	}
	plain := awshttp.NewBuildableClient()

	for _, c := range []struct {
		env  map[string]string
		want string
	}{
		{nil, ""},
		{map[string]string{"AWS_CA_BUNDLE": file}, "AWS_CA_BUNDLE"},
		{map[string]string{"SSL_CERT_FILE": file, "SSL_CERT_DIR": "/x"}, "SSL_CERT_FILE"},
		{map[string]string{"AWS_CA_BUNDLE": file + "x"}, "AWS_CA_BUNDLE, a file that cannot be read"},
	} {
		got := strings.Join(customCAs(plain, func(k string) string { return c.env[k] }), "; ")
		if !strings.HasPrefix(got, c.want) || (c.want == "") != (got == "") || c.env["SSL_CERT_DIR"] != "" && !strings.HasSuffix(got, "SSL_CERT_DIR, a folder") {
			t.Errorf("%v: %q", c.env, got)
		}
		if len(c.env) > 0 && !strings.HasSuffix(c.want, "read") && !strings.Contains(got, ", SHA-256 ") {
			t.Errorf("%v: %q", c.env, got)
		}
	}
	// A profile's ca_bundle shows in the client the SDK made.
	srv := httptest.NewTLSServer(http.NotFoundHandler())
	defer srv.Close()
	bundle := filepath.Join(t.TempDir(), "bundle.pem")
	config := filepath.Join(t.TempDir(), "config")
	for path, b := range map[string][]byte{bundle: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw}), config: []byte("[profile audit]\nca_bundle = " + bundle + "\n")} {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("AWS_CONFIG_FILE", config)
	for _, name := range []string{"AWS_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"} {
		t.Setenv(name, "")
	}
	se := newSession(Config{Profile: "audit", Now: fixedNow, Sleep: noSleep, Static: &envoy.Static{AccessKeyID: "a", SecretAccessKey: "b"}, Endpoint: srv.URL})
	if _, err := se.load(context.Background(), "audit"); err != nil {
		t.Fatal(err)
	}
	if strings.Join(se.cas, ";") != "ca_bundle of the AWS profile" {
		t.Logf("a profile's ca_bundle: %q", se.cas)
		t.Fail()
	}
}
