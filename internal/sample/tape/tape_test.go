package tape

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"
)

func account(key string) string { return map[string]string{"AKIA": "111122223333"}[key] }

const auth = "AWS4-HMAC-SHA256 Credential=AKIA/20260401/eu-west-1/kms/aws4_request, SignedHeaders=host, Signature=00"

func request(method, url, body string, header ...string) *http.Request {
	r := httptest.NewRequest(method, url, strings.NewReader(body))
	r.Header.Set("Authorization", auth)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

func key(method, url, body string, header ...string) string {
	return Key(request(method, url, body, header...), []byte(body), account)
}

func TestKeyIsWhatIsAsked(t *testing.T) {
	const target = "X-Amz-Target"
	same := [][2]string{
		{key("POST", "http://127.0.0.1:1/", `{"b":1,"a":[2]}`, target, "T.Op"), key("POST", "http://10.0.0.1:2/", `{ "a": [2], "b": 1 }`, target, "T.Op", "X-Amz-Date", "later")},
		{key("GET", "http://h/x?b=2&a=1&x-id=Op", ""), key("GET", "http://h/x?a=1&b=2", "")},
		{key("POST", "http://h/", "Action=A&Version=1&B=2"), key("POST", "http://h/", "B=2&Version=1&Action=A")},
	}
	for i, s := range same {
		if s[0] != s[1] {
			t.Errorf("%d: %q and %q differ", i, s[0], s[1])
		}
	}
	different := []string{
		key("POST", "http://h/", `{"a":1}`, target, "T.Op"),
		key("POST", "http://h/", `{"a":2}`, target, "T.Op"),
		key("POST", "http://h/", `{"a":1}`, target, "T.Other"),
		key("GET", "http://h/a", ""), key("GET", "http://h/b", ""), key("GET", "http://h/a?c", ""), key("HEAD", "http://h/a", ""),
		key("GET", "http://h/a", "", "Authorization", strings.Replace(auth, "eu-west-1", "us-east-1", 1)),
		key("GET", "http://h/a", "", "Authorization", strings.Replace(auth, "AKIA", "ASIA", 1)),
		key("GET", "http://h/a", "", "Authorization", ""),
		key("GET", "http://bucket.127.0.0.1:1/a", "", "Authorization", strings.Replace(auth, "kms", "s3", 1)),
		key("GET", "http://127.0.0.1:1/a", "", "Authorization", strings.Replace(auth, "kms", "s3", 1)),
	}
	seen := map[string]int{}
	for i, k := range different {
		if j, ok := seen[k]; ok {
			t.Errorf("%d and %d have one key: %s", j, i, k)
		}
		seen[k] = i
	}
	if got, want := different[0], "111122223333 eu-west-1 kms POST / T.Op 015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"; got != want {
		t.Errorf("key %q, want %q", got, want)
	}
	if account := key("GET", "http://111122223333.127.0.0.1:1/v", "", "Authorization", strings.Replace(auth, "kms", "s3", 1)); strings.Contains(account, "/111122223333/") {
		t.Errorf("an account in the host name was taken for a bucket: %s", account)
	}
}

func sample() *Tape {
	t := &Tape{At: time.Date(2026, 4, 1, 6, 0, 0, 0, time.UTC), Answers: map[string][]Answer{}}
	t.Add("b", Answer{Status: 200, Header: map[string]string{"content-type": "text/xml"}, Body: []byte("<x>&</x>")})
	t.Add("b", Answer{Status: 200, Body: []byte("<x>&</x>")}) // says the same again
	t.Add("b", Answer{Status: 400, Body: []byte("no")})
	t.Add("a", Answer{Status: 200, Body: []byte{0xff, 0}})
	t.Add("c", Answer{Status: 204, Body: []byte{}})
	return t
}

func TestTapeSurvivesWritingAndReading(t *testing.T) {
	var one, two bytes.Buffer
	if err := sample().Write(&one); err != nil {
		t.Fatal(err)
	}
	if err := sample().Write(&two); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(one.Bytes(), two.Bytes()) {
		t.Error("the same tape has two byte forms")
	}
	got, err := Read(&one)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, sample()) {
		t.Errorf("read %+v", got)
	}
}

func packed(text string) io.Reader {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(text)) // to memory
	_ = z.Close()
	return &b
}

func TestReadRefuses(t *testing.T) {
	const at = `{"at":"2026-04-01T06:00:00Z"}` + "\n"
	for text, want := range map[string]string{
		"":                                    "line 1: an empty tape",
		"{}\n":                                "line 1: no time",
		at + `{"key":"k","status":200}`:       "line 2: EOF",
		at + `{"key":"","status":200}` + "\n": "line 2: no key",
		at + `{"key":"k","status":0}` + "\n":  "line 2: no key or no status",
		at + `{"key":"k","other":1}` + "\n":   "line 2: json: unknown field",
		at + at:                               "line 2: json: unknown field",
	} {
		if _, err := Read(packed(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want one with %q", text, err, want)
		}
	}
	if _, err := Read(strings.NewReader("not gzip")); err == nil {
		t.Error("plain text was read as a tape")
	}
}

func FuzzRead(f *testing.F) {
	f.Add(`{"at":"2026-04-01T06:00:00Z"}` + "\n" + `{"key":"k","status":200,"body":"b"}` + "\n")
	f.Add(`{"at":"2026-04-01T06:00:00Z"}` + "\n" + `{"key":"k","status":200,"base64":"/w=="}` + "\n")
	f.Fuzz(func(t *testing.T, text string) {
		tape, err := Read(packed(text))
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := tape.Write(&b); err != nil {
			t.Fatal(err)
		}
		again, err := Read(&b)
		if err != nil || len(again.Answers) != len(tape.Answers) {
			t.Errorf("%q does not survive: %v", text, err)
		}
	})
}

func TestPlayerNeverGuesses(t *testing.T) {
	tape := &Tape{At: time.Date(2026, 4, 1, 6, 0, 0, 0, time.UTC), Answers: map[string][]Answer{}}
	known := key("GET", "http://h/known", "")
	tape.Add(known, Answer{Status: 200, Body: []byte("first")})
	tape.Add(known, Answer{Status: 404, Header: map[string]string{"x-amz-bucket-region": "eu-west-1"}, Body: []byte("then")})
	tape.Add("never asked", Answer{Status: 200})
	p := NewPlayer(tape, account)
	ask := func(url string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		p.ServeHTTP(w, request("GET", url, ""))
		return w
	}
	for i, want := range []struct {
		code int
		body string
	}{{200, "first"}, {404, "then"}, {404, "then"}} {
		w := ask("http://h/known")
		if w.Code != want.code || w.Body.String() != want.body {
			t.Errorf("answer %d: %d %s", i, w.Code, w.Body)
		}
		if w.Header().Get("Date") != "Wed, 01 Apr 2026 06:00:00 GMT" {
			t.Errorf("date %q", w.Header().Get("Date"))
		}
	}
	w := ask("http://h/unknown")
	if w.Code != http.StatusNotImplemented || !strings.Contains(w.Body.String(), "GET /unknown") {
		t.Errorf("unknown: %d %s", w.Code, w.Body)
	}
	if m := p.Misses(); len(m) != 1 || !strings.Contains(m[0], "GET /unknown") {
		t.Errorf("misses %v", m)
	}
	if u := p.Unplayed(); len(u) != 1 || u[0] != "never asked" {
		t.Errorf("unplayed %v", u)
	}
}
