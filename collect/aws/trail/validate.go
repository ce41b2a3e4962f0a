package trail

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Chain says which digests belong together and where they are looked for.
type Chain struct {
	Bucket string
	Folder string // see Folder
	Trail  string // the trail's name
	Home   string // the trail's home region
}

// Bounds say how much is validated.
type Bounds struct {
	From, To time.Time // of the digests; To is not before From
	LogsFrom time.Time // log files of digests that end after this are hashed; To for none
	Workers  int       // how many files are read at a time; 1 when less
}

// late is how long after To the digest may end whose hour reaches into it, and the
// next one, which tells whether that one was there.
const late = 3 * time.Hour

// A validation is one chain being validated.
type validation struct {
	Chain
	Bounds
	store    Store
	links    map[Place]*link
	folders  map[Place]bool // bucket and folder, those that were listed
	listings []Problem      // listings that were refused
}

// Validate reads the digests of a chain and the log files they name, and says what
// became of each.
func Validate(ctx context.Context, s Store, c Chain, b Bounds) Report {
	v := &validation{Chain: c, Bounds: b, store: s, links: map[Place]*link{}, folders: map[Place]bool{}}
	v.folder(ctx, c.Bucket, c.Folder)
	for v.follow(ctx) {
	}
	chain, backfill := v.sorted(false), v.sorted(true)
	v.compare(chain)
	v.compare(backfill)
	r := v.walk(chain)
	r.Backfill = count(backfill)
	v.logs(ctx, &r, append(slices.Clone(within(chain, b)), backfill...))
	r.problems(c.Folder, v.listings, within(chain, b), backfill)
	return r
}

// folder lists one folder and reads the chain's digests in it.
func (v *validation) folder(ctx context.Context, bucket, folder string) {
	v.folders[Place{bucket, folder}] = true
	last := folder + v.To.Add(late).Format("2006/01/02") + "~" // sorts after all of that day
	var found []Place
	err := v.store.List(ctx, bucket, folder, folder+v.From.Format("2006/01/02")+"/", func(key string) bool {
		if n, ok := ParseName(key); ok && n.Folder == folder && v.mine(n) {
			found = append(found, Place{bucket, key})
		}
		return key <= last
	})
	if err != nil {
		outcome, why, code := refuse(err)
		if outcome == Missing {
			outcome, why = NotEvaluated, "the bucket is not there"
		}
		v.listings = append(v.listings, Problem{Kind: "listing", Bucket: bucket, Key: folder, Outcome: outcome.String(), Found: why, code: code})
	}
	v.read(ctx, found)
}

// mine reports whether a digest is the trail's, and of the time that is looked at.
func (v *validation) mine(n Name) bool {
	return n.Trail == v.Trail && n.Home == v.Home && n.End.After(v.From) && n.End.Before(v.To.Add(late))
}

// read reads digests, Workers at a time.
func (v *validation) read(ctx context.Context, places []Place) {
	out := make([]*link, len(places))
	v.each(len(places), func(i int) { out[i] = v.store.readDigest(ctx, places[i], v.LogsFrom) })
	for _, l := range out {
		v.links[l.at] = l
	}
}

func (v *validation) each(n int, do func(i int)) {
	var wg sync.WaitGroup
	next := make(chan int)
	for range min(max(v.Workers, 1), n) {
		wg.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
}

// follow goes where valid digests say that the one before lies and where nobody
// has looked yet: another bucket or prefix is listed, a single file is read. It
// reports whether there was anything to do.
func (v *validation) follow(ctx context.Context) bool {
	var single []Place
	var folders []Place
	for _, l := range v.links {
		p := l.previous
		if l.outcome != Valid || p == (Place{}) || v.links[p] != nil {
			continue
		}
		n, ok := ParseName(p.Key)
		if ok && !n.End.After(v.From) {
			continue // before the time that is looked at
		}
		if f := (Place{p.Bucket, n.Folder}); ok && !v.folders[f] {
			folders = append(folders, f)
			continue
		}
		single = append(single, p)
	}
	if len(folders) > 0 {
		slices.SortFunc(folders, byPlace)
		v.folder(ctx, folders[0].Bucket, folders[0].Key)
		return true
	}
	slices.SortFunc(single, byPlace)
	v.read(ctx, slices.Compact(single))
	return len(single) > 0
}

func byPlace(a, b Place) int {
	return cmp.Or(strings.Compare(a.Bucket, b.Bucket), strings.Compare(a.Key, b.Key))
}

// sorted are the links of the chain, or the backfill digests, by their end.
func (v *validation) sorted(backfill bool) []*link {
	var out []*link
	for _, l := range v.links {
		if strings.HasSuffix(l.at.Key, "_backfill.json.gz") == backfill {
			out = append(out, l)
		}
	}
	for _, l := range out {
		if l.end.IsZero() { // a name that says nothing: it lies before whoever named it
			for _, x := range out {
				if x.previous == l.at && x.outcome == Valid {
					l.end = x.start
				}
			}
		}
	}
	slices.SortFunc(out, func(a, b *link) int { return cmp.Or(a.end.Compare(b.end), byPlace(a.at, b.at)) })
	return out
}

// compare holds what each valid digest recorded of the one before against that file.
func (v *validation) compare(links []*link) {
	for i := len(links) - 1; i >= 0; i-- {
		l := links[i]
		p := v.links[l.previous]
		if l.outcome != Valid || p == nil || !p.read || p.outcome == Invalid {
			continue
		}
		switch {
		case l.summed && l.previousSum != p.sum:
			p.outcome, p.why, p.code = Invalid, "its hash differs from the one the digest after it recorded", ""
		case l.previousSignature != p.signature:
			p.outcome, p.why, p.code = Invalid, "its signature differs from the one the digest after it recorded", ""
		}
	}
}

// logs hashes the log files that are to be hashed, and counts the others.
func (v *validation) logs(ctx context.Context, r *Report, links []*link) {
	r.Logs.From, r.Logs.To = v.LogsFrom, v.To
	var hashed []*log
	for _, l := range links {
		switch {
		case l.outcome == Valid:
			r.Logs.Named += l.named
			for i := range l.logs {
				hashed = append(hashed, &l.logs[i])
			}
		case l.end.After(v.LogsFrom):
			r.Logs.Untold++
		}
	}
	v.each(len(hashed), func(i int) { v.store.hash(ctx, hashed[i]) })
	for _, l := range hashed {
		r.Logs.add(l.outcome)
	}
	r.Logs.NotHashed = r.Logs.Named - len(hashed)
}
