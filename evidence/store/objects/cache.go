package objects

import (
	"container/list"
	"sync"
)

// A cache keeps what was read last, up to a number of bytes: the bases of the
// deltas that come next.
type cache struct {
	mu    sync.Mutex
	room  int
	limit int
	by    map[place]*list.Element
	order *list.List // most recently used first
}

type place struct {
	p      *pack
	offset int64
}

type cached struct {
	place
	kind    Kind
	content []byte
}

func newCache(limit int) cache {
	return cache{room: limit, limit: limit, by: map[place]*list.Element{}, order: list.New()}
}

const cachedOverhead = 200 // of one entry beside its content

func (c *cache) get(p *pack, offset int64) (Kind, []byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.by[place{p, offset}]
	if !ok {
		return 0, nil, false
	}
	c.order.MoveToFront(e)
	v := e.Value.(*cached)
	return v.kind, v.content, true
}

func (c *cache) put(p *pack, offset int64, k Kind, content []byte) {
	if k == Blob && len(content) > c.limit/64 || len(content) > c.limit/8 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	at := place{p, offset}
	if _, ok := c.by[at]; ok {
		return
	}
	c.by[at] = c.order.PushFront(&cached{at, k, content})
	for c.room -= len(content) + cachedOverhead; c.room < 0; {
		last := c.order.Back()
		v := c.order.Remove(last).(*cached)
		delete(c.by, v.place)
		c.room += len(v.content) + cachedOverhead
	}
}
