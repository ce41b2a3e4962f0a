// Package aws asks AWS.
//
// Glossary:
//
//   - A service is one source ("kms/key"): what is listed, and what is asked about
//     each row. It says nothing of errors, pages, regions or JSON: those are
//     handled once, in list, ask and the encoder.
//   - A call is one cell being asked: an account, a region and a service.
//   - A hearing is what came over the wire for one operation.
//
// Rules: a question has three outcomes: an answer; an error code the service
// lists as "there is none", which is a fact and kept as null; anything else, a
// gap. A listing with a gap is no listing. No operation that returns a secret is
// ever asked (see the test over Actions). No client is ever put into an
// interface, and the SDK's paginators are not used: they do, and the linker then
// keeps all methods of every client.
//
// To add a service: copy kms.go, write testdata/<service>-<thing>.txtar from the
// API reference's own sample answers, add one line to services.go.
package aws

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"exhibit/collect"
	"exhibit/evidence"
)

// Scope says where a service is asked.
type Scope int

const (
	Regional     Scope = iota // in every region in scope
	Global                    // once per account
	Organization              // once, in the management account; in each account when that is not among them
	Everywhere                // in every region, and once more as "global"
)

// String is the scope in one word.
func (s Scope) String() string {
	return [...]string{"regional", "global", "organisation", "everywhere"}[s]
}

// A Service is one source and how to collect it.
type Service struct {
	Name    string   // "kms/key"
	Scope   Scope    // Regional unless said
	Actions []string // the IAM actions its questions need
	// On limits an action to resources, where all of them would allow more than is
	// asked, such as apigateway:GET. An action that is not here is for every resource.
	On map[string][]string
	// Absent lists answers "there is none", as Operation:Code. They become null, a fact.
	Absent []string
	// NotInUse lists errors that say the account does not use the service here: a
	// code, or "code: words" where the message must hold the words.
	NotInUse []string
	// Keeps says how long AWS keeps what the source lists; zero for state, which it
	// does not delete.
	Keeps   Retention
	Collect func(c *call)
}

// A call is one cell being asked.
type call struct {
	ctx      context.Context
	cfg      aws.Config // for the cell's account and region, with our transport and retryer
	account  string
	region   string // "global", or the region's name
	service  *Service
	answer   *collect.Answer
	endpoint string          // a stand-in's; "" for AWS
	asked    map[string]bool // the accounts this run enters
	scope    *Config         // what the run was asked to do
	owner    func(c *call, bucket string) (owner *call)
	width    int // how many rows of a listing are asked about at a time
	salt     []byte
	now      func() time.Time
	sleep    func(context.Context, time.Duration) error
	lookup   func(ctx context.Context, host string) error
	heard    func(operation string, body []byte, out any) // told of every answer that was read; nil but in tests
}

// there reports whether AWS's names resolve at all in the region: only then does
// a name that does not mean that the service is not offered there.
func (c *call) there(ctx context.Context) bool {
	suffix := ".amazonaws.com"
	if partitionOf(c.cfg.Region) == "aws-cn" {
		suffix += ".cn"
	}
	return c.endpoint == "" && c.lookup(ctx, "sts."+c.cfg.Region+suffix) == nil
}

// in is the configuration for another region than the cell's own.
func (c *call) in(region string) aws.Config {
	cfg := c.cfg.Copy()
	if region != "" {
		cfg.Region = region
	}
	return cfg
}

// An item is one resource being asked about. It is kept when it was named.
type item struct {
	c *call
	evidence.Item
	nameless bool // AWS gave no id, or not all parts of it
}

// arn is the name of a resource of the cell's account and region, for what AWS
// lists by a bare name and names by an ARN elsewhere.
func (c *call) arn(service, resource string) string {
	return "arn:" + partitionOf(c.cfg.Region) + ":" + service + ":" + c.cfg.Region + ":" + c.account + ":" + resource
}

// id names the item by what AWS calls it: its ARN or, where there is none, its id.
func (it *item) id(s *string) {
	it.ID = aws.ToString(s)
	it.nameless = it.ID == ""
}

// name names the item where AWS gives it several parts.
func (it *item) name(parts ...*string) {
	var s []string
	for _, p := range parts {
		it.nameless = it.nameless || aws.ToString(p) == ""
		s = append(s, aws.ToString(p))
	}
	it.ID = strings.Join(s, "/")
}

// of adds what a listing says of the resource this one is a part of.
func (it *item) of(whole *item) {
	for question, answer := range whole.Answers {
		it.Answers[question] = answer
	}
}

// none reports whether the answer to a question was that there is none.
func (it *item) none(operation string) bool {
	answer, asked := it.Answers[operation]
	return asked && answer == nil
}

// gap takes down a question that was not answered.
func (it *item) gap(g evidence.Gap) { it.Gaps = append(it.Gaps, g) }

// single collects one item that needs no listing.
func (c *call) single(id string, about func(it *item)) {
	it := &item{c: c, Item: evidence.Item{ID: id, Answers: map[string]any{}}}
	about(it)
	if len(it.Answers) > 0 || len(it.Gaps) > 0 {
		c.answer.Item(it.Item)
	}
}

// notInUse ends the cell: there is nothing here the question could be about.
func (c *call) notInUse(reason string) { c.answer.End(evidence.NotInUse, reason) }
