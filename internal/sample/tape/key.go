package tape

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// scope is the credential scope of AWS's Signature Version 4: access key, day,
// region, signing name.
var scope = regexp.MustCompile(`Credential=([^/]+)/[0-9]+/([^/]+)/([^/]+)/aws4_request`)

// Key names what a request asks: the account of its access key, region, signing
// name, method, path with sorted query, operation, and the sha256 of its body in
// canonical form. Host, time and signature do not count. Example:
//
//	444455556666 eu-west-1 kms POST / TrentService.DescribeKey 5f0a…
//
// accountOf says which account an access key belongs to.
func Key(r *http.Request, body []byte, accountOf func(accessKey string) string) string {
	account, region, service := "-", "-", "-"
	if m := scope.FindStringSubmatch(r.Header.Get("Authorization")); m != nil {
		account, region, service = accountOf(m[1]), m[2], m[3]
	}
	path := r.URL.EscapedPath()
	if b := bucketInHost(r.Host); b != "" && service == "s3" {
		path = "/" + b + path
	}
	query := r.URL.Query()
	query.Del("x-id")
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	sum, action := "-", r.Header.Get("X-Amz-Target")
	if len(body) > 0 {
		canonical := body
		switch form, err := url.ParseQuery(string(body)); {
		case body[0] == '{':
			canonical = canonicalJSON(body)
		case err == nil && form.Get("Action") != "":
			if form.Has("RoleSessionName") { // a run calls its sessions after itself
				form.Set("RoleSessionName", "exhibit")
			}
			canonical = []byte(form.Encode())
			action = form.Get("Action")
		}
		s := sha256.Sum256(canonical)
		sum = hex.EncodeToString(s[:])
	}
	if action == "" {
		action = "-"
	}
	return strings.Join([]string{account, region, service, r.Method, path, action, sum}, " ")
}

// bucketInHost is the bucket of a virtual-hosted request to S3, "" for path style.
func bucketInHost(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	first, rest, ok := strings.Cut(host, ".")
	if !ok || net.ParseIP(host) != nil || net.ParseIP(rest) == nil || isAccount(first) {
		return ""
	}
	return first
}

func isAccount(s string) bool {
	return len(s) == 12 && strings.Trim(s, "0123456789") == ""
}

// canonicalJSON is b with sorted keys and without spaces, or b when it is not JSON.
func canonicalJSON(b []byte) []byte {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return b
	}
	out, err := json.Marshal(v)
	if err != nil {
		return b
	}
	return out
}
