package forge

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"exhibit/collect"
	"exhibit/evidence"
)

// perPage is how many rows a page of a REST listing is asked for: the most GitHub
// and GitLab give. Gitea gives what its administrator allows, 50 where nothing was set.
const perPage = 100

// most is how many pages of one listing are read before it counts as endless.
const most = 10_000

// A request is one page of a REST API.
type request struct {
	operation string // as it stands in calls.jsonl
	path      string // below the address of the API
	query     url.Values
	page      int
	rows      bool // the cell's own listing
	cursors   bool // its pages have cursors and no numbers
}

// get asks a REST API once, and returns what it answered and how.
func (q *question) get(ctx context.Context, r request) (answer any, header http.Header, err error) {
	params := map[string]any{"url": q.api(), "path": r.path}
	for k, v := range r.query {
		params[k] = strings.Join(v, ",")
	}
	call := evidence.Call{Service: string(q.repo.Kind), Operation: r.operation, Params: params, Page: max(r.page, 1)}
	address := q.api() + r.path
	if len(r.query) > 0 {
		address += "?" + r.query.Encode()
	}
	err = q.do(ctx, &call, http.MethodGet, address, nil, func(b []byte, h http.Header) error {
		answer, header = nil, h
		d := json.NewDecoder(bytes.NewReader(b))
		d.UseNumber()
		if err := d.Decode(&answer); err != nil {
			return &refusal{r.operation, "Unreadable", "the answer is not JSON: " + err.Error()}
		}
		if rows, ok := answer.([]any); ok && r.rows {
			call.Listing, call.Count = true, len(rows)
		}
		return nil
	})
	return answer, header, err
}

// object asks for one thing.
func (q *question) object(ctx context.Context, operation, path string, query url.Values) (map[string]any, error) {
	v, _, err := q.get(ctx, request{operation: operation, path: path, query: query})
	if err != nil {
		return nil, err
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil, &refusal{operation, "Unreadable", "the answer is not an object"}
	}
	return m, nil
}

// pages asks for every page of a listing and gives its rows to take, until there
// are no more or take says that what follows need not be read.
//
// A page may hold fewer rows than were asked for though more follow: so the listing
// goes on while its header names a next page. Where there is no such header GitHub
// has given all; of others the next page is asked for, until one is empty.
func (q *question) pages(ctx context.Context, r request, take func(row map[string]any) (enough bool, err error)) error {
	if r.query == nil {
		r.query = url.Values{}
	}
	seen := 0
	for r.page = 1; ; r.page++ {
		if r.page > most {
			return &refusal{r.operation, collect.TruncatedCode, "the listing does not end"}
		}
		if !r.cursors {
			r.query.Set("page", strconv.Itoa(r.page))
		}
		v, header, err := q.get(ctx, r)
		if err != nil {
			return err
		}
		rows, ok := v.([]any)
		if !ok {
			return &refusal{r.operation, "Unreadable", "the answer is not a list"}
		}
		for _, row := range rows {
			m, ok := row.(map[string]any)
			if !ok {
				return &refusal{r.operation, "Unreadable", "a row of the listing is not an object"}
			}
			enough, err := take(m)
			if err != nil || enough {
				return err
			}
		}
		seen += len(rows)
		next, linked := nextPage(header)
		if total, err := strconv.Atoi(header.Get("X-Total-Count")); err == nil && !next.more { // Gitea's, and GitLab's is X-Total
			if seen < total && len(rows) == 0 {
				return &refusal{r.operation, collect.TruncatedCode, fmt.Sprintf("the forge counts %d and gave %d", total, seen)}
			}
			if seen >= total {
				return nil
			}
			linked = false
		}
		switch {
		case linked && !next.more, !linked && (len(rows) == 0 || q.repo.Kind == GitHub):
			return nil
		case r.cursors && (next.after == "" || next.after == r.query.Get("after")):
			return errCut(r.operation)
		case r.cursors:
			r.query.Set("after", next.after)
		}
	}
}

// A following is what a Link header says of the page after this one.
type following struct {
	more  bool
	after string // its cursor; "" where pages are numbered
}

// nextPage reads the Link header of RFC 8288, as far as forges write it. linked is
// false where there is none: then the header says nothing.
func nextPage(h http.Header) (next following, linked bool) {
	text := h.Get("Link")
	for part := range strings.SplitSeq(text, ",") {
		address, rel, ok := strings.Cut(part, ";")
		if !ok || !strings.Contains(rel, `rel="next"`) {
			continue
		}
		next.more = true
		if u, err := url.Parse(strings.Trim(strings.TrimSpace(address), "<>")); err == nil {
			next.after = u.Query().Get("after")
		}
	}
	return next, text != ""
}

// moment reads a time of an answer; zero for none.
func moment(row map[string]any, key string) time.Time {
	t, err := time.Parse(time.RFC3339, text(row, key))
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

// within reports whether a moment lies in the period.
func (q *question) within(t time.Time) bool {
	return !t.IsZero() && !t.Before(q.cfg.Period.Start) && t.Before(q.cfg.Period.End)
}
