package aws

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// hollow says why an answer with a good status is none. The SDK reads an empty
// body, a page for people that happens to be XML, and an error's own body under
// status 200 (which S3 documents, and proxies make of any) as a listing of nothing.
func (h *hearing) hollow() string {
	head := bytes.ToLower(bytes.TrimSpace(h.body[:min(len(h.body), 256)]))
	switch { // the body decides: stand-ins call any answer text/html
	case len(head) == 0:
		return "the answer is empty"
	case bytes.HasPrefix(head, []byte("<!doctype html")), bytes.HasPrefix(head, []byte("<html")):
		return "the answer is a page for people"
	case h.errorType != "":
		return "the answer is an error under a good status: " + bare(h.errorType)
	case head[0] == '<' && xmlError(h.body):
		return "the answer is an error under a good status"
	case head[0] == '{':
		if code := jsonError(h.body); code != "" {
			return "the answer is an error under a good status: " + code
		}
	case bytes.Contains(h.body[:min(len(h.body), 16)], []byte("\x66__type")): // CBOR, a map that begins with its type
		return "the answer is an error under a good status"
	}
	return ""
}

// xmlError reports whether a document is an error: <Error> (S3), <ErrorResponse>
// (query) or <Response><Errors> (EC2). No answer of AWS's is called so.
func xmlError(body []byte) bool {
	d := xml.NewDecoder(bytes.NewReader(body[:min(len(body), 4096)]))
	d.Strict = false
	root := ""
	for {
		t, err := d.Token()
		if err != nil { // cut at 4,096 bytes, or not XML: the SDK's to say
			return false
		}
		e, ok := t.(xml.StartElement)
		switch {
		case !ok:
		case root == "":
			if root = e.Name.Local; root != "Response" {
				return root == "Error" || root == "ErrorResponse"
			}
		default:
			return e.Name.Local == "Errors"
		}
	}
}

// jsonError is the code of an error's body, "" for an answer. Some services name
// the type of a good answer too: an error's is called one, or says nothing but
// its message.
func jsonError(body []byte) string {
	if !bytes.Contains(body[:min(len(body), 4096)], []byte(`"__type"`)) { // most answers: not parsed twice
		return ""
	}
	d := json.NewDecoder(bytes.NewReader(body))
	if _, err := d.Token(); err != nil {
		return ""
	}
	code, others := "", 0
	for d.More() {
		k, err := d.Token()
		if err != nil {
			return ""
		}
		var v json.RawMessage
		if err := d.Decode(&v); err != nil && !errors.Is(err, io.EOF) {
			return ""
		}
		switch k {
		case "__type":
			_ = json.Unmarshal(v, &code) // not a text: no code
		case "message", "Message":
		default:
			others++
		}
	}
	code = bare(code)
	for _, end := range []string{"Exception", "Error", "Failure", "Fault"} {
		if strings.HasSuffix(code, end) {
			return code
		}
	}
	if others > 0 {
		return ""
	}
	return code
}

// bare is an error's code without its namespace and its link.
func bare(code string) string {
	code, _, _ = strings.Cut(code, ":")
	return code[strings.LastIndexByte(code, '#')+1:]
}
