package aws

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"sync"
	"time"

	"exhibit/collect/aws/trail"
	"exhibit/evidence"
)

// A tally sums up calls that read objects: a line for each would make calls.jsonl
// larger than the evidence. What is kept apart is the folder, who asked, and how
// the calls ended. The hashes of all bodies are kept as one, over a text that
// anybody who has the objects can write with sha256sum.
type tally struct {
	mu   sync.Mutex
	rows map[tallied]*evidence.Call
	sums map[tallied][]summed
}

type tallied struct {
	account, region, bucket, folder, code string
	status                                int
}

type summed struct {
	key string
	sum [sha256.Size]byte
}

// add counts one call. sum is nil when no whole body came.
func (t *tally) add(c *call, at trail.Place, h *hearing, started time.Time, code string, sum []byte) {
	ended := c.now().UTC()
	h.mu.Lock()
	endpoint, region, attempts, status, date := h.endpoint, h.key.region, h.attempts, h.status, h.date
	h.mu.Unlock()
	k := tallied{c.account, cmp.Or(region, c.region), at.Bucket, folderOf(at.Key), code, status}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.rows == nil {
		t.rows, t.sums = map[tallied]*evidence.Call{}, map[tallied][]summed{}
	}
	row := t.rows[k]
	if row == nil {
		row = &evidence.Call{
			Account: k.account, Region: k.region, Source: c.service.Name, Service: "s3api", Operation: getObject, Endpoint: endpoint,
			Params: map[string]any{"Bucket": k.bucket, "Prefix": k.folder}, Page: 1, Started: started, Status: status, Code: code,
		}
		t.rows[k] = row
	}
	row.Calls++
	row.Attempts += attempts
	row.Date = max(row.Date, date)
	if started.Before(row.Started) {
		row.Started = started
	}
	if ended.After(row.Ended) {
		row.Ended = ended
	}
	if sum != nil {
		row.Count++
		t.sums[k] = append(t.sums[k], summed{at.Key, [sha256.Size]byte(sum)})
	}
}

// calls are the lines.
func (t *tally) calls() []evidence.Call {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []evidence.Call
	for k, row := range t.rows {
		sums := t.sums[k]
		slices.SortFunc(sums, func(a, b summed) int { return strings.Compare(a.key, b.key) })
		if len(sums) > 0 {
			h := sha256.New()
			var line bytes.Buffer
			for _, s := range sums {
				line.Reset()
				line.WriteString(hex.EncodeToString(s.sum[:]) + "  " + s.key + "\n")
				_, _ = h.Write(line.Bytes()) // a hash's Write never fails
			}
			row.BodySum = hex.EncodeToString(h.Sum(nil))
		}
		out = append(out, *row)
	}
	return out
}

// folderOf is the folder of a key up to the region: AWSLogs/111122223333/CloudTrail/eu-west-1/.
func folderOf(key string) string {
	for _, kind := range []string{"/CloudTrail-Digest/", "/CloudTrail/"} {
		if before, rest, ok := strings.Cut(key, kind); ok {
			region, _, _ := strings.Cut(rest, "/")
			return before + kind + region + "/"
		}
	}
	return ""
}
