package trailtest

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// A Front stands before moto and answers what moto does not: ListPublicKeys. It
// may be slow, as a network is, and may refuse.
type Front struct {
	Moto  string // its endpoint
	Keys  []*Key
	Delay time.Duration
	// Keep answers a GET that was answered once from memory, so that what is measured
	// is not how fast moto reads.
	Keep bool
	// Refuse says how a request is refused; "" when it is not.
	Refuse func(r *http.Request) (status int, code string)

	mu    sync.Mutex
	kept  map[string]*kept
	calls int
}

type kept struct {
	status int
	header http.Header
	body   []byte
}

// Calls is how many requests came.
func (f *Front) Calls() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls
}

// ServeHTTP answers one request.
func (f *Front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.calls++
	f.mu.Unlock()
	time.Sleep(f.Delay)
	if f.Refuse != nil {
		if status, code := f.Refuse(r); status != 0 {
			w.Header().Set("Content-Type", "application/xml")
			w.WriteHeader(status)
			fmt.Fprintf(w, `<?xml version="1.0" encoding="UTF-8"?><Error><Code>%s</Code><Message>Refused by the test</Message></Error>`, code)
			return
		}
	}
	if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".ListPublicKeys") {
		f.publicKeys(w)
		return
	}
	id := r.URL.RequestURI()
	f.mu.Lock()
	k := f.kept[id]
	f.mu.Unlock()
	if k == nil || r.Method != http.MethodGet || !f.Keep {
		var err error
		if k, err = f.forward(r); err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		if f.Keep && r.Method == http.MethodGet {
			f.mu.Lock()
			if f.kept == nil {
				f.kept = map[string]*kept{}
			}
			f.kept[id] = k
			f.mu.Unlock()
		}
	}
	for name, v := range k.header {
		if l := strings.ToLower(name); strings.HasPrefix(l, "x-amz-meta-") {
			name = l // botocore keeps the case of these, and S3 writes them small
		}
		w.Header()[name] = v
	}
	w.WriteHeader(k.status)
	_, _ = w.Write(k.body) // whoever hung up says so himself
}

func (f *Front) forward(r *http.Request) (*kept, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	target, err := url.Parse(f.Moto)
	if err != nil {
		return nil, err
	}
	out := r.Clone(r.Context())
	out.URL.Scheme, out.URL.Host, out.Host, out.RequestURI = target.Scheme, target.Host, target.Host, ""
	out.Body, out.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	out.Header.Set("Accept-Encoding", "identity")
	resp, err := http.DefaultTransport.RoundTrip(out)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	k := &kept{status: resp.StatusCode, header: resp.Header}
	k.body, err = io.ReadAll(resp.Body)
	return k, err
}

func (f *Front) publicKeys(w http.ResponseWriter) {
	list := []any{}
	for _, k := range f.Keys {
		list = append(list, map[string]any{"Fingerprint": k.Fingerprint, "Value": base64.StdEncoding.EncodeToString(k.Public), "ValidityStartTime": 1735689600, "ValidityEndTime": 1893456000})
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	_ = json.NewEncoder(w).Encode(map[string]any{"PublicKeyList": list}) // as above
}
