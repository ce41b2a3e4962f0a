package forge

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"

	"exhibit/collect"
	"exhibit/evidence"
	"exhibit/internal/secret"
)

// What is asked again, and how long that may take.
const (
	attempts   = 6
	longest    = time.Hour        // GitHub's limits last an hour at most
	firstPause = time.Second      // doubled after each failure
	timeout    = 60 * time.Second // of one request; GitHub gives up after ten seconds
	largest    = 64 << 20         // bytes of one answer
)

// errHeavy is wrapped when the forge could not answer so large a question.
var errHeavy = errors.New("the question was too large for the forge")

// A complaint is one entry of the errors of a GraphQL answer.
type complaint struct {
	Type    string `json:"type"`
	Message string `json:"message"`
	Path    []any  `json:"path"`
}

func (c complaint) code() string {
	switch c.Type {
	case "FORBIDDEN", "INSUFFICIENT_SCOPES":
		return "Forbidden"
	case "RATE_LIMITED", "RATE_LIMIT":
		return "Throttled"
	case "NOT_FOUND":
		return "NotFound"
	case "":
		return "Unreadable"
	}
	return c.Type
}

// about reports whether the complaint is about a field below the repository.
func (c complaint) about(field string) bool {
	return len(c.Path) > 1 && c.Path[0] == "repository" && c.Path[1] == field
}

// graphql puts one query and returns the repository of its answer, or what the query calls so, with what the
// forge complained of. An answer without a repository is a refusal.
func (q *question) graphql(ctx context.Context, operation, query string, variables map[string]any, page int) (repo map[string]any, complaints []complaint, err error) {
	vars := map[string]any{"owner": q.owner(), "name": q.repository()}
	if q.org != nil {
		vars = map[string]any{"owner": q.repo.Path}
	}
	maps.Copy(vars, variables)
	body, err := json.Marshal(map[string]any{"query": query, "variables": vars})
	if err != nil {
		return nil, nil, err
	}
	var answer struct {
		Data struct {
			Repository map[string]any `json:"repository"`
		} `json:"data"`
		Errors  []complaint `json:"errors"`
		Message string      `json:"message"`
	}
	call := evidence.Call{Service: string(q.repo.Kind), Operation: operation, Params: q.params(vars, query), Page: page}
	if operation == "pullRequests" {
		call.Params["from"], call.Params["until"] = q.cfg.Period.Start.Format(time.DateOnly), q.cfg.Period.End.AddDate(0, 0, -1).Format(time.DateOnly)
	}
	address := strings.TrimSuffix(q.api(), "/v3") + "/graphql" // Enterprise Server has /api/v3 and /api/graphql
	err = q.do(ctx, &call, http.MethodPost, address, body, func(b []byte, _ http.Header) error {
		answer.Data.Repository, answer.Errors = nil, nil
		d := json.NewDecoder(bytes.NewReader(b))
		d.UseNumber()
		if err := d.Decode(&answer); err != nil {
			return &refusal{operation, "Unreadable", "the answer is not what GraphQL answers: " + err.Error()}
		}
		for _, c := range answer.Errors {
			if c.code() == "Throttled" {
				return errThrottled
			}
		}
		if c := object(answer.Data.Repository, operation); c != nil { // the listing of a cell
			call.Listing, call.Count = true, len(list(c, "nodes"))+len(list(c, "edges"))
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	if answer.Data.Repository == nil {
		code, message := "Unreadable", cmp.Or(answer.Message, "the answer has no repository")
		if len(answer.Errors) > 0 {
			code, message = answer.Errors[0].code(), answer.Errors[0].Message
		}
		if strings.Contains(message, "timeout") || strings.Contains(message, "MAX_NODE") || strings.Contains(message, "Something went wrong") {
			return nil, nil, fmt.Errorf("%w: %s", errHeavy, message)
		}
		return nil, nil, &refusal{operation, code, q.clean(message)}
	}
	return answer.Data.Repository, answer.Errors, nil
}

// params are what a call asked, without the text of the query: its hash tells
// which it was, and docs/formats.md where that text stands.
func (q *question) params(vars map[string]any, query string) map[string]any {
	out := map[string]any{"url": q.api(), "query_sha256": sum([]byte(query))}
	for k, v := range vars {
		if n, ok := v.(int); ok {
			v = json.Number(strconv.Itoa(n))
		}
		if v != nil {
			out[k] = v
		}
	}
	return out
}

func sum(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

// clean keeps the token out of what is written, whoever repeats it.
func (q *question) clean(message string) string {
	if q.token != "" {
		message = strings.ReplaceAll(message, q.token, "the token")
	}
	message, _ = secret.Withhold(message)
	return message
}

var errThrottled = errors.New("throttled")

// do makes a request until it is answered, waits where the forge says so, and
// takes the call down once, with how often it was made.
func (q *question) do(ctx context.Context, call *evidence.Call, method, address string, body []byte, read func([]byte, http.Header) error) error {
	call.Region, call.Source, call.Started = q.repo.Name, q.name, q.now()
	defer func() {
		call.Ended = q.now()
		q.Call(*call)
	}()
	client := &http.Client{Transport: q.cfg.Transport, Timeout: timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }} // nobody else gets the token
	waited := time.Duration(0)
	for n := 1; ; n++ {
		call.Attempts = n
		req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
		if err != nil {
			return err
		}
		req.Header.Set("Authorization", "Bearer "+q.token)
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Accept", "application/json")
		req.Header.Set("User-Agent", "exhibit")
		b, resp, err := exchange(client, req)
		if resp != nil {
			call.Status, call.RequestID, call.BodySum, call.Code = resp.StatusCode, cmp.Or(resp.Header.Get("X-Github-Request-Id"), resp.Header.Get("X-Request-Id")), sum(b), ""
			if d, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
				call.Date = d.UTC().Format(time.RFC3339)
			}
		}
		wait, err := verdict(resp, b, err, q.now())
		if err == nil && resp.StatusCode == http.StatusOK {
			if err = read(b, resp.Header); errors.Is(err, errThrottled) {
				wait = reset(resp, q.now())
			}
		}
		var r *refusal
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.As(err, &r):
			call.Code = r.code
			return &refusal{call.Operation, r.code, q.clean(r.message)}
		case errors.Is(err, errHeavy) && n >= 2 && method == http.MethodPost: // once may be chance; what can be halved is
			call.Code = "TooHeavy"
			return err
		}
		if wait == 0 {
			wait = firstPause << (n - 1)
		}
		if waited += wait; n == attempts || waited > longest {
			call.Code = "Unreadable"
			if errors.Is(err, errThrottled) {
				call.Code = "Throttled"
			}
			return &refusal{call.Operation, call.Code, q.clean(fmt.Sprintf("asked %d times: %v", n, err))}
		}
		if err := q.sleep(ctx, wait); err != nil {
			return err
		}
	}
}

func (q *question) sleep(ctx context.Context, d time.Duration) error {
	if q.cfg.Sleep != nil {
		return q.cfg.Sleep(ctx, d)
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// exchange makes one request and reads its answer whole.
func exchange(client *http.Client, req *http.Request) ([]byte, *http.Response, error) {
	resp, err := client.Do(req)
	if err != nil {
		return nil, nil, err
	}
	b, err := io.ReadAll(io.LimitReader(resp.Body, largest+1))
	err = errors.Join(err, resp.Body.Close())
	if err == nil && len(b) > largest {
		err = &refusal{"", "TooMany", fmt.Sprintf("the answer is larger than %d bytes", largest)}
	}
	return b, resp, err
}

// verdict tells what may be asked again, and when, from what never will be answered.
func verdict(resp *http.Response, body []byte, err error, now time.Time) (time.Duration, error) {
	if err != nil {
		return 0, err
	}
	var said struct {
		Message string `json:"message"`
	}
	_ = json.Unmarshal(body, &said) // an answer may be HTML: then it says nothing
	limited := strings.Contains(strings.ToLower(said.Message), "rate limit") || resp.Header.Get("Retry-After") != "" || resp.Header.Get("X-Ratelimit-Remaining") == "0"
	switch s := resp.StatusCode; {
	case s == http.StatusOK:
		return 0, nil
	case s == http.StatusTooManyRequests, s == http.StatusForbidden && limited:
		return reset(resp, now), fmt.Errorf("%w: %s", errThrottled, said.Message)
	case s == http.StatusBadGateway, s == http.StatusGatewayTimeout:
		return 0, fmt.Errorf("%w: HTTP %d", errHeavy, s)
	case s >= 500:
		return 0, fmt.Errorf("HTTP %d", s)
	case s == http.StatusUnauthorized:
		return 0, &refusal{"", "HTTP 401", "the forge does not know the token, or it has ended"}
	case s >= 300 && s < 400:
		return 0, &refusal{"", "Moved", "the address leads on to " + resp.Header.Get("Location") + ": write that one"}
	case s == http.StatusForbidden:
		return 0, &refusal{"", "Forbidden", said.Message}
	case s == http.StatusNotFound:
		return 0, &refusal{"", "NotFound", "there is no such repository, or this token may not see it"}
	default:
		return 0, &refusal{"", "HTTP " + strconv.Itoa(s), said.Message}
	}
}

// reset is how long the forge wants to be left alone; 0 when it does not say.
func reset(resp *http.Response, now time.Time) time.Duration {
	if s, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && s >= 0 {
		return time.Duration(s) * time.Second
	}
	at, err := strconv.ParseInt(resp.Header.Get("X-Ratelimit-Reset"), 10, 64)
	if err != nil || resp.Header.Get("X-Ratelimit-Remaining") != "0" {
		return 0
	}
	return max(time.Second, time.Unix(at, 0).Sub(now)+time.Second)
}

// tidy is an answer as evidence holds it: without nulls, and without what only
// served to page.
func tidy(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			if e == nil || k == "pageInfo" {
				delete(v, k)
				continue
			}
			v[k] = tidy(e)
		}
	case []any:
		out := v[:0]
		for _, e := range v {
			if e != nil {
				out = append(out, tidy(e))
			}
		}
		return out
	}
	return v
}

// object and list read an answer leniently.
func object(v any, keys ...string) map[string]any {
	m, _ := v.(map[string]any)
	for _, k := range keys {
		m, _ = m[k].(map[string]any)
	}
	return m
}

func list(v any, keys ...string) []any {
	m := object(v, keys[:len(keys)-1]...)
	l, _ := m[keys[len(keys)-1]].([]any)
	return l
}

func text(v any, key string) string {
	s, _ := object(v)[key].(string)
	return s
}

// follows reports whether a connection has another page, and where it begins.
func follows(connection map[string]any) (cursor string, more bool) {
	info := object(connection, "pageInfo")
	more, _ = info["hasNextPage"].(bool)
	return text(info, "endCursor"), more
}

// errCut is for a connection that says there is more, and not where.
func errCut(what string) error {
	return &refusal{what, collect.TruncatedCode, "the answer says there is more, and not where"}
}
