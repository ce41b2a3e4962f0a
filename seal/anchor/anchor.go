// Package anchor asks timestamp authorities (RFC 3161) for tokens over signatures.
//
// Glossary:
//
//   - An authority is a service that signs what it was given together with the time.
//     It is given the hash of a signature, and learns nothing else.
//
// Rules: what an authority answers is kept only when exhibit/seal verifies it,
// against the pinned roots and with the number of this request. An authority that
// is not reached costs a token, never a run: it can be asked again later.
package anchor

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"time"

	"exhibit/seal"
)

// Authorities are asked in their order until one answers well.
type Authorities struct {
	URLs  []string
	Roots seal.Roots
	Rand  io.Reader // for the number of a request
}

const (
	patience = 20 * time.Second // for one authority
	largest  = 64 << 10         // of a token, in bytes
)

// Ask gets a token over a signature. The error names every authority that did not
// give one, and why.
func (a Authorities) Ask(ctx context.Context, signature []byte) (token []byte, stamp seal.Stamp, err error) {
	var failed []error
	for _, url := range a.URLs {
		token, stamp, err := a.one(ctx, url, signature)
		if err == nil {
			return token, stamp, nil
		}
		failed = append(failed, fmt.Errorf("%s: %w", url, err))
	}
	if len(failed) == 0 {
		return nil, stamp, errors.New("no timestamp authority is named")
	}
	return nil, stamp, errors.Join(failed...)
}

func (a Authorities) one(ctx context.Context, url string, signature []byte) ([]byte, seal.Stamp, error) {
	number := make([]byte, 16)
	if _, err := io.ReadFull(a.Rand, number); err != nil {
		return nil, seal.Stamp{}, fmt.Errorf("making a number for the request: %w", err)
	}
	nonce := new(big.Int).SetBytes(number)
	query, err := seal.TimestampRequest(signature, nonce)
	if err != nil {
		return nil, seal.Stamp{}, err
	}
	ctx, done := context.WithTimeout(ctx, patience)
	defer done()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(query))
	if err != nil {
		return nil, seal.Stamp{}, err
	}
	req.Header.Set("Content-Type", "application/timestamp-query")
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		return nil, seal.Stamp{}, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, seal.Stamp{}, fmt.Errorf("it answered %s", resp.Status)
	}
	token, err := io.ReadAll(io.LimitReader(resp.Body, largest+1))
	if err == nil && len(token) > largest {
		err = fmt.Errorf("it answered more than %d bytes", largest)
	}
	if err != nil {
		return nil, seal.Stamp{}, err
	}
	stamp, err := seal.VerifyToken(token, signature, a.Roots, nonce)
	if err != nil {
		return nil, stamp, fmt.Errorf("its answer is not good: %w", err)
	}
	return token, stamp, nil
}
