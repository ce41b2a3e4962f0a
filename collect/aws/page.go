package aws

import (
	"reflect"
	"slices"
	"strconv"
	"sync"
	"time"

	"exhibit/collect"
	"exhibit/evidence"
)

// list pages through a listing and has about called for every row, some at a
// time. The item it gets holds the row under the listing's own name and is kept
// once about has named it. A page that is not answered makes the population
// incomplete, and the cell says so. list returns how many rows were given.
func list[In, Out, Opt, Row any](c *call, op operation[In, Out, Opt], in *In, rows func(*Out) []Row, about func(it *item, row Row)) int {
	return listWhile(c, op, in, rows, func() bool { return true }, about)
}

// newest is list for what AWS gives newest first and keeps long: it takes the rows
// of a window of time and asks for no page beyond it. A row without a time is taken.
func newest[In, Out, Opt, Row any](c *call, op operation[In, Out, Opt], in *In, rows func(*Out) []Row, at func(Row) *time.Time, days int, about func(it *item, row Row)) int {
	from, to := c.wholeDays(days)
	older := false
	within := func(p *Out) []Row {
		return slices.DeleteFunc(slices.Clone(rows(p)), func(r Row) bool {
			t := at(r)
			older = older || t != nil && t.Before(from)
			return t != nil && (t.Before(from) || !t.Before(to))
		})
	}
	return listWhile(c, op, in, within, func() bool { return !older }, about)
}

// listWhile is list that asks for the next page only while more says so.
func listWhile[In, Out, Opt, Row any](c *call, op operation[In, Out, Opt], in *In, rows func(*Out) []Row, more func() bool, about func(it *item, row Row)) int {
	var wg sync.WaitGroup
	free := make(chan struct{}, c.width)
	given := 0
	turn(c, op, in, func(p page[Out]) bool {
		p.call.Listing = p.call.Operation != ""
		if p.out == nil {
			c.record(p.call, 0, false)
			if p.gap != nil {
				c.answer.Refuse(*p.gap, given)
			}
			return false
		}
		got := rows(p.out)
		given += len(got)
		c.record(p.call, len(got), true)
		enc := p.encoder()
		for _, row := range got {
			answer := redact(p.api, p.operation, enc.element(row), c.salt, c.answer.Redacted)
			it := &item{c: c, Item: evidence.Item{Answers: map[string]any{p.operation: answer}}}
			one := func() {
				switch {
				case c.ctx.Err() != nil: // said below
					return
				case c.answer.Over():
					c.answer.Refuse(evidence.Gap{Question: c.service.Name, Code: "ExpiredToken", Message: "the credentials ended while this was asked"}, 0)
					return
				}
				about(it, row)
				if it.nameless { // a row that names nothing would drop out of the population unseen
					c.answer.Refuse(evidence.Gap{Question: p.operation, Code: "Unreadable", Message: "a row of the listing has no id"}, given)
					return
				}
				if it.ID != "" {
					c.answer.Item(it.Item)
				}
			}
			if c.width <= 1 {
				one()
				continue
			}
			free <- struct{}{}
			wg.Go(func() {
				defer func() { <-free }()
				one()
			})
		}
		return more()
	}, nil)
	wg.Wait()
	if c.ctx.Err() != nil {
		c.answer.Refuse(evidence.Gap{Question: c.service.Name, Code: collect.CancelledCode, Message: "the run was cancelled"}, 0)
	}
	return given
}

// all returns the rows of a listing whose rows are not items.
func all[In, Out, Opt, Row any](c *call, op operation[In, Out, Opt], in *In, rows func(*Out) []Row) []Row {
	var out []Row
	turn(c, op, in, func(p page[Out]) bool {
		if p.out == nil {
			c.record(p.call, 0, false)
			if p.gap != nil {
				c.answer.Refuse(*p.gap, len(out))
			}
			return false
		}
		got := rows(p.out)
		c.record(p.call, len(got), true)
		out = append(out, got...)
		return true
	}, nil)
	return out
}

// until asks the same again, with a pause, until done says so: for what AWS
// prepares while one waits, before a listing.
func until[In, Out, Opt any](c *call, op operation[In, Out, Opt], in *In, done func(*Out) bool) {
	if _, gap := poll(c, op, in, done); gap != nil {
		c.answer.Refuse(*gap, 0)
	}
}

// wait is until for what is asked about an item. It keeps no answer and returns
// the last, nil when there is none or a gap.
func wait[In, Out, Opt any](it *item, op operation[In, Out, Opt], in *In, done func(*Out) bool) *Out {
	out, gap := poll(it.c, op, in, done)
	if gap != nil {
		it.gap(*gap)
	}
	return out
}

func poll[In, Out, Opt any](c *call, op operation[In, Out, Opt], in *In, done func(*Out) bool) (*Out, *evidence.Gap) {
	for n := 1; ; n++ {
		p := invoke(c, op, in, n)
		c.record(p.call, 1, p.out != nil)
		switch {
		case p.out == nil || done(p.out):
			return p.out, p.gap
		case n == reportPolls:
			return nil, &evidence.Gap{Question: p.operation, Code: "NotReady", Message: "it was not ready after being asked " + strconv.Itoa(n) + " times"}
		}
		if err := c.sleep(c.ctx, min(reportPause, 100*time.Millisecond<<min(n-1, 10))); err != nil {
			return nil, &evidence.Gap{Question: p.operation, Code: collect.CancelledCode, Message: "the run was cancelled"}
		}
	}
}

// whole refuses a listing that gave fewer rows than were asked for by name.
func (c *call) whole(operation string, want, got int) {
	if got < want && c.answer.Refusal() == nil {
		c.answer.Refuse(evidence.Gap{Question: operation, Code: collect.TruncatedCode, Message: strconv.Itoa(want) + " were asked for and " + strconv.Itoa(got) + " came back"}, got)
	}
}

// unreadable refuses a listing whose answer came and could not be read.
func (c *call) unreadable(operation string, err error) {
	if err != nil {
		c.answer.Refuse(evidence.Gap{Question: operation, Code: "Unreadable", Message: err.Error()}, 0)
	}
}

// turn asks page after page until see has had enough or there is no more; last,
// when given, hears the page that ended it well. A token that comes back twice
// would page for ever: it is a gap, and so is an answer that says there is more
// without saying where.
func turn[In, Out, Opt any](c *call, op operation[In, Out, Opt], in *In, see func(page[Out]) bool, last func(page[Out])) {
	next := *in
	seen := map[string]bool{}
	for number := 1; ; number++ {
		ask := next
		p := invoke(c, op, &ask, number)
		if !see(p) || p.out == nil {
			return
		}
		token, more := nextToken(p.out)
		if !more {
			if last != nil {
				last(p)
			}
			return
		}
		why := ""
		switch {
		case token.value == "":
			why = "the answer says there is more, and not where"
		case seen[token.value]:
			why = "the same paging token came twice"
		case !setToken(&next, token):
			why = "the question has no field for the token"
		}
		seen[token.value] = true
		if why != "" {
			p.out, p.gap = nil, &evidence.Gap{Question: p.operation, Code: collect.TruncatedCode, Message: why}
			p.call = evidence.Call{}
			see(p)
			return
		}
	}
}

// A token says where the next page begins.
type token struct{ field, value string }

// nextToken finds the token of an answer, whatever the API calls it. more is
// false on the last page. Beside a NextMarker, Marker is what was asked, repeated.
func nextToken(out any) (t token, more bool) {
	v := reflect.ValueOf(out)
	for v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return token{}, false
	}
	if inner := v.FieldByName("DistributionList"); inner.Kind() == reflect.Pointer && !inner.IsNil() {
		v = inner.Elem() // CloudFront puts a listing one level down
	}
	for _, name := range []string{"NextToken", "NextMarker", "NextContinuationToken", "Marker", "ContinuationToken", "Position", "PaginationToken", "LastEvaluatedTableName"} {
		f := v.FieldByName(name)
		if !f.IsValid() || f.Kind() != reflect.Pointer || f.Type().Elem().Kind() != reflect.String {
			continue
		}
		if !f.IsNil() && f.Elem().Len() > 0 {
			t = token{name, f.Elem().String()}
		}
		break
	}
	if names := v.FieldByName("DeliveryStreamNames"); names.IsValid() && names.Len() > 0 { // Firehose goes on after the last name
		t = token{"ExclusiveStartDeliveryStreamName", names.Index(names.Len() - 1).String()}
	}
	for _, name := range []string{"IsTruncated", "Truncated", "HasMoreStreams", "HasMoreDeliveryStreams"} {
		f := v.FieldByName(name)
		if f.Kind() == reflect.Pointer {
			f = f.Elem()
		}
		if f.IsValid() && f.Kind() == reflect.Bool {
			return t, f.Bool()
		}
	}
	return t, t.value != ""
}

// setToken puts a token into the next question, under its own name or as the
// name the API has for where to begin.
func setToken(in any, t token) bool {
	v := reflect.ValueOf(in).Elem()
	for _, name := range []string{t.field, "Marker", "ContinuationToken", "ExclusiveStartTableName"} {
		f := v.FieldByName(name)
		if f.IsValid() && f.Kind() == reflect.Pointer && f.Type().Elem().Kind() == reflect.String {
			s := reflect.New(f.Type().Elem())
			s.Elem().SetString(t.value)
			f.Set(s)
			return true
		}
	}
	return false
}
