package aws

import (
	"context"
	"reflect"
	"slices"
	"strings"

	"exhibit/collect"
	"exhibit/evidence"
)

// operation is the shape every operation of every client has, as a method value.
type operation[In, Out, Opt any] = func(context.Context, *In, ...func(*Opt)) (*Out, error)

// ask puts one question about an item and keeps the answer under the operation's
// own name. It returns what was answered, nil when there is none or a gap. An
// answer that says there is more is a gap: use askAll.
func ask[In, Out, Opt any](it *item, op operation[In, Out, Opt], in *In) *Out {
	p := invoke(it.c, op, in, 1)
	if p.out != nil {
		if _, more := nextToken(p.out); more {
			p.gap = &evidence.Gap{Question: p.operation, Code: collect.TruncatedCode, Message: "the answer says there is more"}
			p.out = nil
		}
	}
	it.c.record(p.call, 1, p.out != nil)
	keep(it, p, func() any { return p.encoder().answer(*p.out) })
	return p.out
}

// askFirst is ask for a question that wants only the beginning of a sorted list,
// such as the newest row: that there is more is no gap.
func askFirst[In, Out, Opt any](it *item, op operation[In, Out, Opt], in *In) {
	p := invoke(it.c, op, in, 1)
	it.c.record(p.call, 1, p.out != nil)
	keep(it, p, func() any { return p.encoder().answer(*p.out) })
}

// askAll puts a question whose answer comes in pages and keeps them as one: the
// lists of all pages one after another.
func askAll[In, Out, Opt any](it *item, op operation[In, Out, Opt], in *In) {
	var merged map[string]any
	turn(it.c, op, in, func(p page[Out]) bool {
		if p.out == nil {
			it.c.record(p.call, 0, false)
			if merged == nil || p.gap != nil {
				merged = nil
				keep(it, p, func() any { return nil })
			}
			return false
		}
		it.c.record(p.call, 1, true)
		merged = merge(merged, p.encoder().answer(*p.out))
		return true
	}, func(p page[Out]) { keep(it, p, func() any { return merged }) })
}

// keep files an answer, a "there is none" or a gap under the operation's name.
func keep[Out any](it *item, p page[Out], answer func() any) {
	switch {
	case p.gap != nil:
		delete(it.Answers, p.operation)
		it.gap(*p.gap)
	case p.ended:
	case p.out == nil:
		it.Answers[p.operation] = nil
	default:
		it.Answers[p.operation] = redact(p.api, p.operation, answer(), it.c.salt, it.c.answer.Redacted)
	}
}

// merge lays two pages of one answer together: lists are joined, the rest is the
// first page's.
func merge(all, page map[string]any) map[string]any {
	if all == nil {
		return page
	}
	for k, v := range page {
		rows, ok := v.([]any)
		have, was := all[k].([]any)
		switch {
		case ok && was:
			all[k] = append(have, rows...)
		case all[k] == nil:
			all[k] = v
		}
	}
	return all
}

// A page is one answer of one operation: out when answered; gap when not;
// neither when there is none. ended says the cell is over (not in use).
type page[Out any] struct {
	out       *Out
	gap       *evidence.Gap
	ended     bool
	api       string
	operation string
	body      []byte
	call      evidence.Call
}

// encoder encodes this page, knowing what was on its wire.
func (p page[Out]) encoder() *encoder { return newEncoder(p.body, spellings[p.api]) }

// invoke makes one call and tells the three outcomes apart.
func invoke[In, Out, Opt any](c *call, op operation[In, Out, Opt], in *In, number int) page[Out] {
	t := reflect.TypeOf(in).Elem()
	p := page[Out]{api: api(t), operation: strings.TrimSuffix(t.Name(), "Input")}
	ctx, h := listen(c.ctx, key{c.account, c.cfg.Region, p.api, p.operation})
	started := c.now().UTC()
	out, err := op(ctx, in)
	p.call = evidence.Call{
		Account: c.account, Region: c.region, Source: c.service.Name, Service: p.api, Operation: p.operation,
		Endpoint: h.endpoint, Page: number, RequestID: h.requestID, Date: h.date,
		Started: started, Ended: c.now().UTC(), Attempts: h.attempts, Status: h.status, BodySum: h.sum(),
	}
	p.call.Params, _ = newEncoder([]byte{}, spellings[p.api]).value(reflect.ValueOf(in)).(map[string]any)
	if h.key.region != "" && c.region != "global" {
		p.call.Region = h.key.region
	}
	if err == nil {
		if why := h.hollow(); why != "" {
			p.gap = &evidence.Gap{Question: p.operation, Code: "Unreadable", Message: why}
			p.call.Code = p.gap.Code
			return p
		}
		p.out, p.body = out, h.body
		if c.heard != nil {
			c.heard(p.operation, h.body, out)
		}
		return p
	}
	g := gapOf(c.ctx, p.operation, err, h)
	if g.Code == collect.NoEndpointCode && !c.there(ctx) {
		g.Code = "ConnectionFailed" // no name resolves, or not AWS's: nothing is known of the service
	}
	p.call.Code = g.Code
	switch {
	case slices.Contains(c.service.Absent, p.operation+":"+g.Code):
	case slices.ContainsFunc(append(slices.Clone(notInUse), c.service.NotInUse...), func(x string) bool {
		code, words, _ := strings.Cut(x, ": ")
		return code == g.Code && strings.Contains(g.Message, words)
	}):
		p.ended = true
		c.notInUse(g.Message)
	default:
		p.gap = &g
		if collect.Ends(g) {
			c.answer.Expired(g.Code + ": " + g.Message)
		}
	}
	return p
}

// notInUse are the codes with which any service says that the account does not use it.
var notInUse = []string{"SubscriptionRequiredException", "AWSOrganizationsNotInUseException", "NotSignedUp"}

// record takes down a call with the number of rows it gave.
func (c *call) record(call evidence.Call, count int, answered bool) {
	if call.Operation == "" { // a page that was refused for its token: its call is down already
		return
	}
	if answered {
		call.Count = count
	}
	c.answer.Call(call)
}
