package tape

import (
	"fmt"
	"io"
	"net/http"
	"sort"
	"sync"
)

// A Player answers requests from a tape. It is an http.Handler for any number of
// requests at a time.
type Player struct {
	tape      *Tape
	accountOf func(accessKey string) string

	mu     sync.Mutex
	played map[string]int
	misses map[string]int
}

// NewPlayer plays a tape from its beginning. accountOf is as for Key.
func NewPlayer(t *Tape, accountOf func(accessKey string) string) *Player {
	return &Player{tape: t, accountOf: accountOf, played: map[string]int{}, misses: map[string]int{}}
}

// ServeHTTP answers from the tape; a request it does not know gets 501 and a
// body that names its key.
func (p *Player) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		http.Error(w, "reading the request: "+err.Error(), http.StatusBadRequest)
		return
	}
	key := Key(r, body, p.accountOf)
	w.Header().Set("Date", p.tape.At.UTC().Format(http.TimeFormat))
	a, ok := p.next(key)
	if !ok {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(http.StatusNotImplemented)
		_, _ = fmt.Fprintf(w, "the sample's tape has no answer to: %s\n", key) // the caller hung up: nobody to tell
		return
	}
	for k, v := range a.Header {
		w.Header().Set(k, v)
	}
	w.WriteHeader(a.Status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(a.Body) // as above
	}
}

func (p *Player) next(key string) (Answer, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	have := p.tape.Answers[key]
	if len(have) == 0 {
		p.misses[key]++
		return Answer{}, false
	}
	n := min(p.played[key], len(have)-1)
	p.played[key]++
	return have[n], true
}

// Misses are the keys that were asked and not known, sorted, each once.
func (p *Player) Misses() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := make([]string, 0, len(p.misses))
	for k := range p.misses {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

// Unplayed are the keys of the tape that nobody asked, sorted: what a collector
// no longer asks since the tape was recorded.
func (p *Player) Unplayed() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []string
	for k := range p.tape.Answers {
		if p.played[k] == 0 {
			out = append(out, k)
		}
	}
	sort.Strings(out)
	return out
}
