package seal

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
)

// wire reads the fields of SSH's binary formats (RFC 4251, section 5). After
// the first field that does not fit, everything reads as empty and bad is set.
type wire struct {
	rest []byte
	bad  bool
}

func (w *wire) uint32() uint32 {
	if w.bad || len(w.rest) < 4 {
		w.bad = true
		return 0
	}
	n := binary.BigEndian.Uint32(w.rest)
	w.rest = w.rest[4:]
	return n
}

func (w *wire) string() []byte {
	n := w.uint32()
	if w.bad || uint64(n) > uint64(len(w.rest)) {
		w.bad = true
		return nil
	}
	s := w.rest[:n]
	w.rest = w.rest[n:]
	return s
}

// done says that every field was there and nothing is left.
func (w *wire) done() bool { return !w.bad && len(w.rest) == 0 }

func appendString[T ~string | ~[]byte](b []byte, s T) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(s)))
	return append(b, s...)
}

// armor writes a blob as ssh-keygen does: base64 in lines of 70.
func armor(label string, blob []byte) []byte {
	var b bytes.Buffer
	b.WriteString("-----BEGIN " + label + "-----\n")
	text := base64.StdEncoding.EncodeToString(blob)
	for len(text) > 70 {
		b.WriteString(text[:70] + "\n")
		text = text[70:]
	}
	b.WriteString(text + "\n-----END " + label + "-----\n")
	return b.Bytes()
}

// dearmor accepts only what armor writes, so that no byte of a signature file
// can be changed unseen.
func dearmor(label string, b []byte) ([]byte, error) {
	begin, end := "-----BEGIN "+label+"-----\n", "\n-----END "+label+"-----\n"
	if !bytes.HasPrefix(b, []byte(begin)) || !bytes.HasSuffix(b, []byte(end)) || len(b) < len(begin)+len(end) {
		return nil, fmt.Errorf("not between %q and %q, alone in its file", begin[:len(begin)-1], end[1:len(end)-1])
	}
	body := bytes.ReplaceAll(b[len(begin):len(b)-len(end)], []byte("\n"), nil)
	blob, err := base64.StdEncoding.Strict().DecodeString(string(body))
	if err != nil {
		return nil, fmt.Errorf("reading base64: %w", err)
	}
	if !bytes.Equal(armor(label, blob), b) {
		return nil, fmt.Errorf("not wrapped as ssh-keygen wraps it")
	}
	return blob, nil
}
