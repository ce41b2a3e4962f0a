// Package trailtest writes what CloudTrail writes into a bucket, log files and
// signed digests, and serves it: test code, for tests and benchmarks alone.
package trailtest

import (
	"bytes"
	"compress/gzip"
	"crypto"
	"crypto/md5"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

// A Key signs digests.
type Key struct {
	Fingerprint string
	Public      []byte // PKCS#1, DER
	private     *rsa.PrivateKey
}

// NewKey makes one.
func NewKey() *Key {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	der := x509.MarshalPKCS1PublicKey(&k.PublicKey)
	sum := md5.Sum(der)
	return &Key{hex.EncodeToString(sum[:]), der, k}
}

// An Object lies in a bucket.
type Object struct {
	Bucket, Key string
	Body        []byte
	Metadata    map[string]string
}

// A Trail is what is written, hour by hour. Its fields may change between hours,
// as a trail's do.
type Trail struct {
	Bucket, Prefix, Organization string
	Account, Region, Name, Home  string
	Key                          *Key
	Events                       int // of each log file; 1 when 0
	// Change, when set, changes the next digest before it is signed.
	Change  func(d map[string]any)
	Objects []*Object
	last    end // of the chain
	late    end // of the backfill digests, which have a chain of their own
}

// An end is a chain's newest digest as the next one records it.
type end struct {
	object      *Object
	sum, signed string
}

func (t *Trail) root() string {
	s := t.Prefix
	if s != "" {
		s += "/"
	}
	s += "AWSLogs/"
	if t.Organization != "" {
		s += t.Organization + "/"
	}
	return s + t.Account
}

// Hour writes the log files of an hour and the digest that ends it.
func (t *Trail) Hour(end time.Time, logs int) *Object {
	return t.digest(&t.last, end, logs, "", map[string]string{})
}

// Backfill writes a digest for log files that come late.
func (t *Trail) Backfill(end, made time.Time, logs int) *Object {
	return t.digest(&t.late, end, logs, "_backfill", map[string]string{"backfill-generation-timestamp": made.Format(time.RFC3339)})
}

// Stop breaks the chain: the next digest says that none came before it.
func (t *Trail) Stop() { t.last = end{} }

func (t *Trail) digest(last *end, end time.Time, logs int, suffix string, metadata map[string]string) *Object {
	end = end.UTC()
	key := fmt.Sprintf("%s/CloudTrail-Digest/%s/%s/%s_CloudTrail-Digest_%s_%s_%s_%s%s.json.gz", t.root(), t.Region, end.Format("2006/01/02"), t.Account, t.Region, t.Name, t.Home, end.Format("20060102T150405Z"), suffix)
	d := map[string]any{
		"awsAccountId": t.Account, "digestStartTime": end.Add(-time.Hour).Format(time.RFC3339), "digestEndTime": end.Format(time.RFC3339),
		"digestS3Bucket": t.Bucket, "digestS3Object": key, "digestPublicKeyFingerprint": t.Key.Fingerprint, "digestSignatureAlgorithm": "SHA256withRSA",
		"newestEventTime": nil, "oldestEventTime": nil,
		"previousDigestS3Bucket": nil, "previousDigestS3Object": nil, "previousDigestHashValue": nil, "previousDigestHashAlgorithm": nil, "previousDigestSignature": nil,
	}
	if last.object != nil {
		d["previousDigestS3Bucket"], d["previousDigestS3Object"] = last.object.Bucket, last.object.Key
		d["previousDigestHashValue"], d["previousDigestHashAlgorithm"], d["previousDigestSignature"] = last.sum, "SHA-256", last.signed
	}
	files := []any{}
	for i := range logs {
		at := end.Add(-time.Hour).Add(time.Duration(i) * time.Hour / time.Duration(logs))
		files = append(files, t.log(at, i, suffix))
	}
	d["logFiles"] = files
	if t.Change != nil {
		t.Change(d)
		t.Change = nil
	}
	o := &Object{Bucket: t.Bucket, Key: key, Metadata: metadata}
	t.Sign(o, d)
	t.Objects = append(t.Objects, o)
	last.object, last.sum, last.signed = o, hexSum(Unzip(o.Body)), o.Metadata["signature"]
	return o
}

// Sign writes a digest into an object and signs it as CloudTrail does.
func (t *Trail) Sign(o *Object, d map[string]any) {
	raw, err := json.Marshal(d)
	if err != nil {
		panic(err)
	}
	o.Body = Zip(raw)
	previous := "null"
	if s, ok := d["previousDigestSignature"].(string); ok {
		previous = s
	}
	text := fmt.Sprintf("%s\n%s/%s\n%s\n%s", d["digestEndTime"], d["digestS3Bucket"], d["digestS3Object"], hexSum(raw), previous)
	h := sha256.Sum256([]byte(text))
	s, err := rsa.SignPKCS1v15(nil, t.Key.private, crypto.SHA256, h[:])
	if err != nil {
		panic(err)
	}
	o.Metadata["signature"], o.Metadata["signature-algorithm"] = hex.EncodeToString(s), "SHA256withRSA"
}

// log writes one log file and returns its entry in the digest.
func (t *Trail) log(at time.Time, n int, suffix string) map[string]any {
	key := fmt.Sprintf("%s/CloudTrail/%s/%s/%s_CloudTrail_%s_%s_%06x%s.json.gz", t.root(), t.Region, at.Format("2006/01/02"), t.Account, t.Region, at.Format("20060102T1504Z"), n, suffix)
	var b bytes.Buffer
	b.WriteString(`{"Records":[`)
	for i := range max(t.Events, 1) {
		if i > 0 {
			b.WriteByte(',')
		}
		id := sha256.Sum256(fmt.Appendf(nil, "%s %d", key, i))
		fmt.Fprintf(&b, `{"eventVersion":"1.11","userIdentity":{"type":"AssumedRole","principalId":"AROAEXAMPLE:%x","arn":"arn:aws:sts::%s:assumed-role/web/%x","accountId":"%s"},"eventTime":"%s","eventSource":"s3.amazonaws.com","eventName":"ListBuckets","awsRegion":"%s","sourceIPAddress":"192.0.2.%d","userAgent":"aws-sdk-go-v2","requestParameters":null,"responseElements":null,"requestID":"%x","eventID":"%x","readOnly":true,"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"%s","eventCategory":"Management"}`,
			id[:4], t.Account, id[:4], t.Account, at.Format(time.RFC3339), t.Region, i%250, id[4:12], id[12:28], t.Account)
	}
	b.WriteString(`]}`)
	t.Objects = append(t.Objects, &Object{Bucket: t.Bucket, Key: key, Body: Zip(b.Bytes()), Metadata: map[string]string{}})
	return map[string]any{"s3Bucket": t.Bucket, "s3Object": key, "hashValue": hexSum(b.Bytes()), "hashAlgorithm": "SHA-256", "newestEventTime": at.Format(time.RFC3339), "oldestEventTime": at.Format(time.RFC3339)}
}

// Edit rewrites a digest. resign says whether with a new signature.
func (t *Trail) Edit(o *Object, resign bool, change func(d map[string]any)) {
	var d map[string]any
	if err := json.Unmarshal(Unzip(o.Body), &d); err != nil {
		panic(err)
	}
	change(d)
	if resign {
		t.Sign(o, d)
		return
	}
	raw, err := json.Marshal(d)
	if err != nil {
		panic(err)
	}
	o.Body = Zip(raw)
}

// Remove takes an object out of the bucket.
func (t *Trail) Remove(o *Object) {
	for i, x := range t.Objects {
		if x == o {
			t.Objects = append(t.Objects[:i], t.Objects[i+1:]...)
			return
		}
	}
}

// Zip compresses.
func Zip(raw []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(raw); err != nil {
		panic(err)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// Unzip is the reverse.
func Unzip(zipped []byte) []byte {
	r, err := gzip.NewReader(bytes.NewReader(zipped))
	if err != nil {
		panic(err)
	}
	var b bytes.Buffer
	if _, err := b.ReadFrom(r); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func hexSum(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}
