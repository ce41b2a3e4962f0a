package aws

import (
	"cmp"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"exhibit/collect"
	"exhibit/evidence"
)

// owners finds which of the accounts a run enters owns a bucket that many cells
// name: S3 says it of no bucket, but answers an account that asks for its own.
// Each bucket is looked for once a run, in the accounts' order, so that the calls
// are the same whichever cell comes first.
type owners struct {
	mu     sync.Mutex
	known  map[string]func() *call
	answer collect.Answer
}

// of returns what a cell looks buckets up with: the owner's own call, in the
// bucket's region, or nil when it is none of the accounts entered.
func (o *owners) of(s *session) func(c *call, bucket string) *call {
	return func(c *call, bucket string) *call {
		o.mu.Lock()
		if o.known == nil {
			o.known = map[string]func() *call{}
		}
		find, ok := o.known[bucket]
		if !ok {
			candidates := slices.Clone(s.entered)
			if !c.asked[c.account] {
				candidates = append(candidates, entered{c.account, c.cfg})
			}
			slices.SortFunc(candidates, func(a, b entered) int { return cmp.Compare(a.id, b.id) })
			find = sync.OnceValue(func() *call {
				for _, e := range candidates {
					x := s.call(c.ctx, e.cfg, e.id, c.service, &o.answer)
					x.cfg = x.in(homeRegion(partitionOf(e.cfg.Region)))
					p := invoke(x, s3.NewFromConfig(x.cfg, x.s3).GetBucketLocation, &s3.GetBucketLocationInput{Bucket: &bucket, ExpectedBucketOwner: &e.id}, 1)
					x.record(p.call, 1, p.out != nil)
					if p.out != nil {
						x.cfg = x.in(bucketRegion(p.out))
						return x
					}
				}
				return nil
			})
			o.known[bucket] = find
		}
		o.mu.Unlock()
		found := find()
		if found == nil {
			return nil
		}
		x := *found
		return &x
	}
}

// calls are those the looking made.
func (o *owners) calls() []evidence.Call { return o.answer.Calls() }
