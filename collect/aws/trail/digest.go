// Package trail validates what CloudTrail signs: the chain of digest files of
// one trail, account and source region, and the log files they name.
//
// Glossary:
//
//   - A digest is the file CloudTrail writes every hour. It names the log files of
//     the hour with their hashes, and the digest before it with its hash and
//     signature. Its own signature stands in the object's metadata.
//   - A link is what is kept of a digest once it is read.
//   - A chain is the links of one trail, account and source region.
//   - A backfill digest comes late and names log files that no digest had named.
//
// Rules: every file ends in one of four outcomes. What was refused, throttled or
// signed with a key nobody gave is not evaluated, never valid and never invalid.
// Only a valid digest is believed: where it points is followed, the log files it
// names are hashed. Nothing is read but what is named as CloudTrail names digests
// and log files, and of a log file nothing is kept but its hash.
//
// The aws command follows previousDigestS3Object alone. Here the hash and the
// signature of the digest before, as recorded, are held against that digest too.
//
// Source of the formats: the CloudTrail user guide, "CloudTrail digest file
// structure" and "Custom implementations of CloudTrail log file integrity
// validation".
package trail

import (
	"bytes"
	"compress/gzip"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// An Outcome is what became of one file. The zero value claims nothing.
type Outcome int

const (
	NotEvaluated Outcome = iota
	Valid
	Invalid
	Missing // the store says that there is no such object
)

func (o Outcome) String() string {
	return [...]string{"not evaluated", "valid", "invalid", "missing"}[o]
}

// A Sum is a SHA-256.
type Sum [sha256.Size]byte

// A Place is where an object lies.
type Place struct{ Bucket, Key string }

// file is a digest as it is written:
//
//	{"awsAccountId": "111122223333", "digestStartTime": "2026-01-01T00:12:07Z", "digestEndTime": "2026-01-01T01:12:07Z",
//	 "digestS3Bucket": "logs", "digestS3Object": "AWSLogs/111122223333/CloudTrail-Digest/…json.gz",
//	 "digestPublicKeyFingerprint": "31e8…", "digestSignatureAlgorithm": "SHA256withRSA",
//	 "newestEventTime": "…", "oldestEventTime": "…",
//	 "previousDigestS3Bucket": "logs", "previousDigestS3Object": "AWSLogs/…json.gz",
//	 "previousDigestHashValue": "97fb…", "previousDigestHashAlgorithm": "SHA-256", "previousDigestSignature": "5088…",
//	 "logFiles": [{"s3Bucket": "logs", "s3Object": "AWSLogs/…json.gz", "hashValue": "9bb6…", "hashAlgorithm": "SHA-256",
//	               "newestEventTime": "…", "oldestEventTime": "…"}]}
//
// The previous… fields are null in the first digest of a chain.
type file struct {
	Start             string  `json:"digestStartTime"`
	End               string  `json:"digestEndTime"`
	Bucket            string  `json:"digestS3Bucket"`
	Object            string  `json:"digestS3Object"`
	Fingerprint       string  `json:"digestPublicKeyFingerprint"`
	Algorithm         string  `json:"digestSignatureAlgorithm"`
	PreviousBucket    *string `json:"previousDigestS3Bucket"`
	PreviousObject    *string `json:"previousDigestS3Object"`
	PreviousHash      *string `json:"previousDigestHashValue"`
	PreviousAlgorithm *string `json:"previousDigestHashAlgorithm"`
	PreviousSignature *string `json:"previousDigestSignature"`
	Logs              []struct {
		Bucket    string `json:"s3Bucket"`
		Object    string `json:"s3Object"`
		Hash      string `json:"hashValue"`
		Algorithm string `json:"hashAlgorithm"`
	} `json:"logFiles"`

	start, end time.Time
}

// largest is how much a digest may hold, uncompressed; AWS's are far smaller.
const largest = 64 << 20

// unzip reads a whole gzip file to its end: what follows after the end, or is cut
// off before it, is an error.
func unzip(r io.Reader, w io.Writer, limit int64) error {
	z, err := gzip.NewReader(r)
	if err != nil {
		return fmt.Errorf("not gzip: %w", err)
	}
	n, err := io.Copy(w, io.LimitReader(z, limit+1))
	if err == nil && n > limit {
		return fmt.Errorf("larger than %d bytes", limit)
	}
	if err != nil {
		return fmt.Errorf("gzip: %w", err)
	}
	return nil
}

// parse reads an uncompressed digest.
func parse(raw []byte) (*file, error) {
	f := &file{}
	d := json.NewDecoder(bytes.NewReader(raw))
	if err := d.Decode(f); err != nil {
		return nil, errors.New("not the JSON of a digest")
	}
	if d.More() {
		return nil, errors.New("something follows the JSON of the digest")
	}
	for name, v := range map[string]string{"digestStartTime": f.Start, "digestEndTime": f.End, "digestS3Bucket": f.Bucket, "digestS3Object": f.Object, "digestPublicKeyFingerprint": f.Fingerprint} {
		if v == "" {
			return nil, errors.New("a field every digest has is not there: " + name)
		}
	}
	var err error
	if f.start, err = time.Parse(time.RFC3339, f.Start); err == nil {
		f.end, err = time.Parse(time.RFC3339, f.End)
	}
	if err != nil || f.end.Before(f.start) {
		return nil, errors.New("digestStartTime and digestEndTime are no interval")
	}
	f.start, f.end = f.start.UTC(), f.end.UTC()
	return f, nil
}

// signed is the text CloudTrail signs.
func (f *file) signed(sum Sum) []byte {
	previous := "null"
	if f.PreviousSignature != nil {
		previous = *f.PreviousSignature
	}
	return []byte(f.End + "\n" + f.Bucket + "/" + f.Object + "\n" + hex.EncodeToString(sum[:]) + "\n" + previous)
}

// verify checks a signature, in hexadecimal digits, over the digest.
func (f *file) verify(sum Sum, signature string, key *rsa.PublicKey) error {
	s, err := hex.DecodeString(signature)
	if err != nil {
		return errors.New("the signature is not hexadecimal")
	}
	h := sha256.Sum256(f.signed(sum))
	if rsa.VerifyPKCS1v15(key, crypto.SHA256, h[:], s) != nil {
		return errors.New("the signature does not verify")
	}
	return nil
}

// previous is where the digest before lies; the zero Place when there is none.
func (f *file) previous() Place {
	if f.PreviousBucket == nil || f.PreviousObject == nil {
		return Place{}
	}
	return Place{*f.PreviousBucket, *f.PreviousObject}
}

// sumOf reads a recorded hash; false when it is none, or not SHA-256.
func sumOf(hash, algorithm string) (s Sum, ok bool) {
	b, err := hex.DecodeString(hash)
	if err != nil || len(b) != len(s) || !strings.EqualFold(strings.ReplaceAll(algorithm, "-", ""), "sha256") {
		return s, false
	}
	return Sum(b), true
}
