package aws

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"exhibit/collect"
	"exhibit/evidence"
)

// A session is one run's way to AWS: one transport, one limiter, one retryer, and
// a configuration for each profile.
type session struct {
	cfg       Config
	endpoint  string // the stand-in's, from Config or from AWS_ENDPOINT_URL
	limiter   *limiter
	retryer   *retryer
	transport *transport
	lookup    func(ctx context.Context, host string) error // whether a name resolves
	asked     map[string]bool                              // the accounts this run enters; fixed before the first cell is asked
	entered   []entered                                    // the same, with how they are asked, sorted
	owners    owners

	cas []string // custom certificate authorities, in words

	mu       sync.Mutex
	profiles map[string]aws.Config
}

func newSession(cfg Config) *session {
	l := newLimiter(cfg.InFlight, cfg.Now, cfg.Sleep)
	return &session{cfg: cfg, endpoint: cfg.Endpoint, limiter: l, retryer: newRetryer(cfg.MaxAttempts, l), lookup: lookup, profiles: map[string]aws.Config{}}
}

func lookup(ctx context.Context, host string) error {
	_, err := net.DefaultResolver.LookupHost(ctx, host)
	return err
}

// load reads a profile's configuration through the SDK's default chain, once.
func (s *session) load(ctx context.Context, profile string) (aws.Config, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c, ok := s.profiles[profile]; ok {
		return c, nil
	}
	start := "us-east-1"
	if len(s.cfg.Regions) > 0 {
		start = s.cfg.Regions[0]
	}
	opts := []func(*config.LoadOptions) error{config.WithDefaultRegion(start)}
	if profile != "" {
		opts = append(opts, config.WithSharedConfigProfile(profile))
	}
	if s.cfg.Witness.App != "" {
		opts = append(opts, config.WithAppID(s.cfg.Witness.App))
	}
	if x := s.cfg.Static; x != nil {
		opts = append(opts, config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider(x.AccessKeyID, x.SecretAccessKey, x.SessionToken)))
	}
	if s.endpoint != "" { // the chain itself asks STS when a profile names a role
		opts = append(opts, config.WithBaseEndpoint(s.endpoint))
	}
	c, err := config.LoadDefaultConfig(ctx, opts...)
	if err != nil {
		return aws.Config{}, err
	}
	if s.endpoint == "" && len(s.profiles) == 0 {
		s.endpoint = aws.ToString(c.BaseEndpoint)
	}
	c.BaseEndpoint = nil // one run asks one place
	if s.endpoint != "" {
		c.BaseEndpoint = aws.String(s.endpoint)
	}
	for _, ca := range customCAs(c.HTTPClient, os.Getenv) {
		if !slices.Contains(s.cas, ca) && !strings.HasPrefix(s.endpoint, "http:") { // without TLS nobody judges certificates
			s.cas = append(s.cas, ca)
		}
	}
	if s.transport == nil {
		if s.transport, err = newTransport(c.HTTPClient, s.endpoint, s.limiter, s.cfg.Now); err != nil {
			return aws.Config{}, err
		}
	}
	// After loading, not as an option: with AWS_CA_BUNDLE the option is an error.
	c.HTTPClient = s.transport
	c.Retryer = func() aws.Retryer { return s.retryer }
	c.RetryMaxAttempts, c.RetryMode = 0, ""
	s.profiles[profile] = c
	return c, nil
}

// enter returns the configuration to ask an account with, and who one is there.
// The error says in words why the account cannot be entered.
func (s *session) enter(ctx context.Context, a Account, calls *collect.Answer) (aws.Config, evidence.Caller, error) {
	who := evidence.Caller{Account: a.ID}
	c, err := s.wayInto(ctx, a, calls)
	if err != nil {
		return c, who, err
	}
	out, gap := s.identity(ctx, c, a.ID, calls)
	if gap != nil {
		return c, who, fmt.Errorf("%s: %s: %s", gap.Question, gap.Code, gap.Message)
	}
	who.Account, who.ARN, who.UserID, who.Reachable = aws.ToString(out.Account), aws.ToString(out.Arn), aws.ToString(out.UserId), true
	if a.ID != "" && who.Account != a.ID {
		who = evidence.Caller{Account: a.ID}
		return c, who, fmt.Errorf("the credentials are those of account %s: name the role or the profile that enters %s", aws.ToString(out.Account), a.ID)
	}
	return c, who, nil
}

// wayInto is the configuration to ask an account with. A role is assumed with
// the first question and not before.
func (s *session) wayInto(ctx context.Context, a Account, calls *collect.Answer) (aws.Config, error) {
	profile := a.Profile
	if profile == "" {
		profile = s.cfg.Profile
	}
	c, err := s.load(ctx, profile)
	if err != nil {
		g := gapOf(ctx, "LoadDefaultConfig", err, nil)
		return c, fmt.Errorf("%s: %s", g.Code, g.Message)
	}
	if role := roleARN(a, partitionOf(c.Region)); role != "" {
		as := assumer{s.call(ctx, c, a.ID, &stsAssume, calls)}
		c = c.Copy()
		c.Credentials = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(as, role, func(o *stscreds.AssumeRoleOptions) {
			o.RoleSessionName = cmp.Or(s.cfg.Witness.Session, "exhibit")
			if a.ExternalID != "" {
				o.ExternalID = aws.String(a.ExternalID)
			}
		}))
	}
	return c, nil
}

// identity asks STS who one is.
func (s *session) identity(ctx context.Context, c aws.Config, account string, calls *collect.Answer) (*sts.GetCallerIdentityOutput, *evidence.Gap) {
	x := s.call(ctx, c, account, &stsIdentity, calls)
	p := invoke(x, sts.NewFromConfig(c).GetCallerIdentity, &sts.GetCallerIdentityInput{}, 1)
	if p.out != nil {
		p.call.Account = aws.ToString(p.out.Account)
	}
	x.record(p.call, 1, p.out != nil)
	return p.out, p.gap
}

// call is what one cell, or one question of planning, is asked with.
func (s *session) call(ctx context.Context, c aws.Config, account string, sv *Service, a *collect.Answer) *call {
	return &call{ctx: ctx, cfg: c, account: account, region: "global", service: sv, answer: a, endpoint: s.endpoint, asked: s.asked, width: perService, scope: &s.cfg, owner: s.owners.of(s), salt: s.cfg.Salt, now: s.cfg.Now, sleep: s.cfg.Sleep, lookup: s.lookup}
}

// STS is asked while planning; it is no source of items.
var (
	stsIdentity = Service{Name: "sts/caller", Scope: Global, Actions: []string{"sts:GetCallerIdentity"}}
	stsAssume   = Service{Name: "sts/caller", Scope: Global, Actions: []string{"sts:AssumeRole"}}
)

// An assumer is AssumeRole alone, so that no client becomes an interface. What
// it answers is a credential: only the fact of the call is kept.
type assumer struct{ c *call }

// AssumeRole enters a role.
func (a assumer) AssumeRole(ctx context.Context, in *sts.AssumeRoleInput, _ ...func(*sts.Options)) (*sts.AssumeRoleOutput, error) {
	c := *a.c
	c.ctx = ctx
	var failed error
	p := invoke(&c, func(ctx context.Context, in *sts.AssumeRoleInput, o ...func(*sts.Options)) (*sts.AssumeRoleOutput, error) {
		out, err := sts.NewFromConfig(c.cfg).AssumeRole(ctx, in, o...)
		failed = err
		return out, err
	}, in, 1)
	if id, ok := p.call.Params["ExternalId"]; ok {
		p.call.Params["ExternalId"] = digest(id, c.salt)
	}
	p.call.BodySum = "" // of a body that holds a secret not even the hash is kept
	c.record(p.call, 1, p.out != nil)
	return p.out, failed
}

// roleARN is the role to assume in an account, "" for none.
func roleARN(a Account, partition string) string {
	switch {
	case a.Role == "":
		return ""
	case strings.HasPrefix(a.Role, "arn:"):
		return strings.Replace(a.Role, "*", a.ID, 1)
	}
	return "arn:" + partition + ":iam::" + a.ID + ":role/" + strings.TrimPrefix(a.Role, "/")
}

func partitionOf(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	case strings.HasPrefix(region, "eusc-"):
		return "aws-eusc"
	}
	return "aws"
}

// homeRegion is where a partition's global services are asked.
func homeRegion(partition string) string {
	switch partition {
	case "aws-cn":
		return "cn-north-1"
	case "aws-us-gov":
		return "us-gov-west-1"
	case "aws-eusc":
		return "eusc-de-east-1"
	}
	return "us-east-1"
}
