package aws

import (
	"context"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"hash"
	"io"
	"sync"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"exhibit/collect"
	"exhibit/collect/aws/trail"
)

// object.go reads objects of S3: as streams, many at a time, keeping nothing of
// them but a hash. It is for what CloudTrail signed and nothing else.

// objects are those of one chain, in whatever buckets they lie.
type objects struct {
	c      *call
	home   string // the trail's region
	bounds trail.Bounds
	tally  tally

	mu      sync.Mutex
	readers map[string]*reader
	keys    map[string]*rsa.PublicKey
	loaded  map[string]*trail.Refusal // what was asked for keys, and how it ended
}

func newObjects(c *call, home string, b trail.Bounds) *objects {
	return &objects{c: c, home: home, bounds: b, readers: map[string]*reader{}, keys: map[string]*rsa.PublicKey{}, loaded: map[string]*trail.Refusal{}}
}

// A reader reads one bucket: as its owner, or as the cell's own account.
type reader struct {
	c      *call
	svc    *s3.Client
	owned  bool
	mu     sync.Mutex
	given  int
	denied int
	denial *trail.Refusal
}

// patient is how many objects of a bucket must be denied, and none given, before
// no more are asked for.
const patient = 64

func (o *objects) reader(bucket string) *reader {
	o.mu.Lock()
	r, ok := o.readers[bucket]
	o.mu.Unlock()
	if ok {
		return r
	}
	x := o.c.owner(o.c, bucket)
	r = &reader{owned: x != nil}
	if x == nil {
		own := *o.c
		x = &own
		x.cfg = x.in(o.home)
	}
	x.ctx, x.region, x.service, x.width = o.c.ctx, o.c.region, o.c.service, o.c.width
	x.answer = &collect.Answer{} // the owner's credentials are not the cell's
	r.c, r.svc = x, s3.NewFromConfig(x.cfg, x.s3)
	o.mu.Lock()
	defer o.mu.Unlock()
	if first, ok := o.readers[bucket]; ok {
		return first
	}
	o.readers[bucket] = r
	return r
}

// whose says in a gap that nobody the run enters owns the bucket.
func (o *objects) whose(bucket string) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if r := o.readers[bucket]; r != nil && !r.owned {
		return " (the bucket belongs to none of the accounts this run enters)"
	}
	return ""
}

// record takes down the calls that were made.
func (o *objects) record() {
	for _, r := range o.readers {
		for _, call := range r.c.answer.Calls() {
			o.c.answer.Call(call)
		}
	}
	for _, call := range o.tally.calls() {
		o.c.answer.Call(call)
	}
}

// list names the keys below a prefix.
func (o *objects) list(_ context.Context, bucket, prefix, after string, yield func(string) bool) error {
	r := o.reader(bucket)
	var refused error
	turn(r.c, r.svc.ListObjectsV2, &s3.ListObjectsV2Input{Bucket: &bucket, Prefix: &prefix, StartAfter: &after}, func(p page[s3.ListObjectsV2Output]) bool {
		r.c.record(p.call, 0, false)
		if p.out == nil {
			if p.gap != nil {
				refused = &trail.Refusal{Code: p.gap.Code, Message: p.gap.Message}
			}
			return false
		}
		for _, x := range p.out.Contents {
			if !yield(sdk.ToString(x.Key)) {
				return false
			}
		}
		return true
	}, nil)
	return refused
}

// get reads one object. What breaks off on the way is read anew.
func (o *objects) get(ctx context.Context, at trail.Place, read func(map[string]string, io.Reader) error) error {
	r := o.reader(at.Bucket)
	for try := 1; ; try++ {
		if no := r.over(o.c); no != nil {
			return no
		}
		heard, h := listen(ctx, key{r.c.account, r.c.cfg.Region, "s3api", getObject})
		h.streams = true
		started := r.c.now().UTC()
		out, err := r.svc.GetObject(heard, &s3.GetObjectInput{Bucket: &at.Bucket, Key: &at.Key})
		if err != nil {
			g := gapOf(ctx, getObject, err, h)
			no := &trail.Refusal{Code: g.Code, Message: g.Message, Gone: g.Code == "NoSuchKey"}
			r.told(no)
			if collect.Ends(g) && r.c.account == o.c.account {
				o.c.answer.Expired(g.Code + ": " + g.Message)
			}
			o.tally.add(r.c, at, h, started, g.Code, nil)
			return no
		}
		r.told(nil)
		b := &body{r: out.Body, sum: sha256.New()}
		err = read(out.Metadata, b)
		_, _ = io.Copy(io.Discard, b) // to its end, for the hash; b keeps what went wrong
		_ = out.Body.Close()          // read to its end, or b says so
		if b.broke == nil {
			o.tally.add(r.c, at, h, started, "", b.sum.Sum(nil))
			return err
		}
		o.tally.add(r.c, at, h, started, "ConnectionFailed", nil)
		switch {
		case ctx.Err() != nil:
			return &trail.Refusal{Code: collect.CancelledCode, Message: "the run was cancelled"}
		case try == serverFailures:
			return &trail.Refusal{Code: "ConnectionFailed", Message: "the answer broke off each time"}
		}
	}
}

// over says that no more need be asked for: the credentials ended, or everything is denied.
func (r *reader) over(cell *call) error {
	if cell.answer.Over() {
		return &trail.Refusal{Code: "ExpiredToken", Message: "the credentials ended while this was asked"}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.given == 0 && r.denied >= patient {
		return r.denial
	}
	return nil
}

func (r *reader) told(no *trail.Refusal) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case no == nil || no.Gone:
		r.given++
	case no.Code == "AccessDenied":
		r.denied, r.denial = r.denied+1, no
	}
}

// A body hashes what is read of it as it came, and remembers whether it broke off.
type body struct {
	r     io.Reader
	sum   hash.Hash
	broke error
}

// Read reads on.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	_, _ = b.sum.Write(p[:n]) // a hash's Write never fails
	if err != nil && !errors.Is(err, io.EOF) {
		b.broke = err
	}
	return n, err
}

// key finds a public key: among those of the time in the region the digests come
// from, whose key signs them; in the trail's own; or around when a late one signed.
func (o *objects) key(_ context.Context, fingerprint string, at time.Time) (*rsa.PublicKey, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	from, to := o.bounds.From, o.bounds.To.Add(settled)
	asks := []struct {
		region   string
		from, to time.Time
	}{{o.c.cfg.Region, from, to}, {o.home, from, to}}
	if at.Before(from) || at.After(to) {
		asks[1].region, asks[1].from, asks[1].to = o.c.cfg.Region, at.Add(-time.Hour), at.Add(time.Hour)
	}
	var refused error
	for i := 0; ; i++ {
		if k := o.keys[fingerprint]; k != nil {
			return k, nil
		}
		if i == len(asks) {
			return nil, refused
		}
		if no := o.load(asks[i].region, asks[i].from, asks[i].to); no != nil && refused == nil {
			refused = no
		}
	}
}

// load asks for the keys of a region and a time, once.
func (o *objects) load(region string, from, to time.Time) *trail.Refusal {
	asked := region + " " + from.Format(time.RFC3339) + " " + to.Format(time.RFC3339)
	if no, ok := o.loaded[asked]; ok {
		return no
	}
	svc := cloudtrail.NewFromConfig(o.c.in(region))
	var refused *trail.Refusal
	turn(o.c, svc.ListPublicKeys, &cloudtrail.ListPublicKeysInput{StartTime: &from, EndTime: &to}, func(p page[cloudtrail.ListPublicKeysOutput]) bool {
		if p.out == nil {
			o.c.record(p.call, 0, false)
			if p.gap != nil {
				refused = &trail.Refusal{Code: p.gap.Code, Message: "ListPublicKeys: " + p.gap.Message}
			}
			return false
		}
		o.c.record(p.call, len(p.out.PublicKeyList), true)
		for _, k := range p.out.PublicKeyList {
			if parsed, err := x509.ParsePKCS1PublicKey(k.Value); err == nil { // one that cannot be read is none
				o.keys[sdk.ToString(k.Fingerprint)] = parsed
			}
		}
		return true
	}, nil)
	o.loaded[asked] = refused
	return refused
}
