package aws

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// With and without a CA bundle of the environment's own: the SDK loads an HTTP
// client only in the first case.
func TestEntersWithAndWithoutCABundle(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/xml")
		_, _ = w.Write([]byte(`<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:user/a</Arn><UserId>A</UserId><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`))
	}))
	defer s.Close()
	for _, bundle := range []string{"", "testdata/ca.pem"} {
		t.Setenv("AWS_CA_BUNDLE", bundle)
		cfg := Config{Static: &Static{AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: "x"}, Endpoint: s.URL, Regions: []string{"eu-west-1"}, Only: []string{"kms/key"}, MaxAttempts: 1,
			Now: func() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }}
		p, err := Plan(context.Background(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Callers) != 1 || !p.Callers[0].Reachable {
			t.Errorf("bundle %q: callers %+v, want one that is reachable", bundle, p.Callers)
		}
	}
}
