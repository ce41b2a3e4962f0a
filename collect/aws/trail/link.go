package trail

import (
	"bytes"
	"context"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"io"
	"strings"
	"time"
)

// A Refusal is an object or a listing the store did not give.
type Refusal struct {
	Code    string // "AccessDenied"
	Message string
	Gone    bool // the store says that there is no such object
}

func (r *Refusal) Error() string { return r.Code + ": " + r.Message }

// A Store is what is asked. Errors of List and Get are a *Refusal, or the error of
// read itself, which then had the whole object before it.
type Store struct {
	// List names the keys below a prefix in order, those after one, until yield has enough.
	List func(ctx context.Context, bucket, prefix, after string, yield func(key string) bool) error
	// Get hands an object's metadata, its names in small letters, and its bytes to read.
	Get func(ctx context.Context, at Place, read func(metadata map[string]string, body io.Reader) error) error
	// Key is the public key with a fingerprint; at is when it signed. nil without an
	// error when CloudTrail gave none such.
	Key func(ctx context.Context, fingerprint string, at time.Time) (*rsa.PublicKey, error)
}

// A link is one digest of a chain, read or not.
type link struct {
	at      Place
	outcome Outcome
	why     string // of anything but valid
	code    string // of a refusal

	start, end time.Time // start is zero unless read
	read       bool      // sum and signature are those of the file
	sum        Sum       // of the uncompressed file
	signature  Sum       // of the signature's text, which is long

	previous          Place // zero when the digest says that there is none
	previousSum       Sum
	previousSignature Sum
	summed            bool // previousSum is recorded

	named int   // log files it names
	logs  []log // those of them that are to be hashed
}

// A log is a log file a valid digest names.
type log struct {
	at      Place
	sum     Sum
	known   bool // sum is one that can be compared
	outcome Outcome
	why     string
	code    string
}

// PublicKey begins the code of a digest whose signature could not be judged because
// its key was not given.
const PublicKey = "PublicKey:"

// refuse ends a link or a log that was not read.
func refuse(err error) (Outcome, string, string) {
	var r *Refusal
	if !errors.As(err, &r) {
		if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			return NotEvaluated, err.Error(), "Cancelled"
		}
		return Invalid, err.Error(), ""
	}
	if r.Gone {
		return Missing, "it is not there", r.Code
	}
	return NotEvaluated, r.Error(), r.Code
}

// readDigest reads one digest and judges it by itself.
func (s Store) readDigest(ctx context.Context, at Place, logsFrom time.Time) *link {
	l := &link{at: at}
	n, ok := ParseName(at.Key)
	if !ok {
		l.why, l.code = "it is not named as a digest, and was not read", "NotNamedSo"
		return l
	}
	l.end = n.End
	var f *file
	var signature, algorithm, generated string
	var keep bytes.Buffer
	err := s.Get(ctx, at, func(metadata map[string]string, body io.Reader) error {
		keep.Reset()
		signature, algorithm, generated = metadata["signature"], metadata["signature-algorithm"], metadata["backfill-generation-timestamp"]
		if err := unzip(body, &keep, largest); err != nil {
			return err
		}
		var err error
		f, err = parse(keep.Bytes())
		return err
	})
	if err != nil {
		l.outcome, l.why, l.code = refuse(err)
		return l
	}
	l.read, l.sum, l.signature = true, sha256.Sum256(keep.Bytes()), sumText(signature)
	l.outcome, l.why, l.code = s.judge(ctx, at, n, f, l.sum, signature, algorithm, generated)
	if l.outcome != Valid {
		return l
	}
	l.start, l.end = f.start, f.end
	if l.previous = f.previous(); f.PreviousHash != nil && f.PreviousAlgorithm != nil {
		l.previousSum, l.summed = sumOf(*f.PreviousHash, *f.PreviousAlgorithm)
	}
	if f.PreviousSignature != nil {
		l.previousSignature = sumText(*f.PreviousSignature)
	}
	l.named = len(f.Logs)
	if l.end.After(logsFrom) {
		for _, x := range f.Logs {
			g := log{at: Place{x.Bucket, x.Object}}
			g.sum, g.known = sumOf(x.Hash, x.Algorithm)
			l.logs = append(l.logs, g)
		}
	}
	return l
}

// judge says what a digest is by itself: in its place, and signed.
func (s Store) judge(ctx context.Context, at Place, n Name, f *file, sum Sum, signature, algorithm, generated string) (Outcome, string, string) {
	if f.Bucket != at.Bucket || f.Object != at.Key {
		return Invalid, clip("it was moved: it says that it lies at s3://" + f.Bucket + "/" + f.Object), ""
	}
	if signature == "" {
		return Invalid, "the object has no signature in its metadata", ""
	}
	if algorithm != "SHA256withRSA" || f.Algorithm != "" && f.Algorithm != algorithm {
		return NotEvaluated, clip("the signature is of a kind that is not known here: " + algorithm), "UnknownAlgorithm"
	}
	when := f.end
	if n.Backfill {
		var err error
		if when, err = time.Parse(time.RFC3339, generated); err != nil {
			return Invalid, "the object does not say when the backfill was made", ""
		}
	}
	key, err := s.Key(ctx, f.Fingerprint, when)
	if err != nil {
		_, why, code := refuse(err)
		return NotEvaluated, "its public key: " + why, PublicKey + code
	}
	if key == nil {
		return NotEvaluated, clip("CloudTrail gave no public key with the fingerprint " + f.Fingerprint), PublicKey + "NotFound"
	}
	if err := f.verify(sum, signature, key); err != nil {
		return Invalid, err.Error(), ""
	}
	return Valid, "", ""
}

// clip bounds what is taken from a file nobody vouches for.
func clip(s string) string {
	if len(s) > 400 {
		return strings.ToValidUTF8(s[:400], "") + "…"
	}
	return s
}

func sumText(s string) Sum { return sha256.Sum256([]byte(s)) }

// hash reads one log file and compares it with what its digest recorded.
func (s Store) hash(ctx context.Context, l *log) {
	switch {
	case !isLog(l.at.Key):
		l.why, l.code = "it is not named as a log file of CloudTrail, and was not read", "NotNamedSo"
		return
	case !l.known:
		l.why, l.code = "its hash is of a kind that is not known here", "UnknownAlgorithm"
		return
	}
	var got Sum
	err := s.Get(ctx, l.at, func(_ map[string]string, body io.Reader) error {
		h := sha256.New()
		if err := unzip(body, h, 1<<62); err != nil {
			return err
		}
		h.Sum(got[:0])
		return nil
	})
	switch {
	case err != nil:
		l.outcome, l.why, l.code = refuse(err)
	case got != l.sum:
		l.outcome, l.why = Invalid, "its hash differs from the one its digest recorded"
	default:
		l.outcome = Valid
	}
}
