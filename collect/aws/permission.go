package aws

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"exhibit/collect"
	"exhibit/collect/envoy"
)

// Grants are what the services whose names match only need, and nothing else; all
// services when only is empty. The first grant is that on every resource.
func Grants(only []string) []Grant {
	return envoy.GrantsOf(described(wanted(Services(), Config{Only: only})))
}

// described is what is known of services where no client is.
func described(services []Service) []envoy.Source {
	var out []envoy.Source
	for _, s := range services {
		out = append(out, envoy.Source{Name: s.Name, Asked: s.Scope.String(), Actions: s.Actions, On: s.On, Keeps: s.Keeps})
	}
	return out
}

// Lacking enters every account and has IAM simulate what the identity there may
// do. It is as good as IAM's simulation, which knows neither policies of resources
// nor conditions: what it calls allowed may still be refused in a run.
func Lacking(ctx context.Context, cfg Config) ([]Lack, error) {
	services := Services()
	if err := check(&cfg, services); err != nil {
		return nil, err
	}
	p := &planner{session: newSession(cfg), services: wanted(services, cfg), calls: &collect.Answer{}}
	var out []Lack
	for _, t := range p.accounts(ctx) {
		if t.state != "" {
			out = append(out, Lack{Account: t.ID, Reason: t.reason})
			continue
		}
		c, who, err := p.enter(ctx, t.Account)
		if err != nil {
			out = append(out, Lack{Account: t.ID, Reason: err.Error()})
			continue
		}
		// An answer of its own: what one account refuses says nothing of the next.
		call := p.session.call(ctx, c, t.ID, &iamSimulation, &collect.Answer{})
		call.cfg = call.in(homeRegion(partitionOf(c.Region)))
		l := Lack{Account: t.ID, ARN: who.ARN}
		l.Actions, l.Reason = call.lacking(who.ARN, Grants(cfg.Only))
		out = append(out, l)
	}
	return out, nil
}

// iamSimulation is asked by Lacking; it is no source of items.
var iamSimulation = Service{Name: "iam/simulation", Scope: Global, Actions: []string{"iam:GetRole", "iam:SimulatePrincipalPolicy"}}

// simulated is how many actions one question of IAM's simulation takes here; each
// is matched with every resource named.
const simulated = 100

// lacking asks IAM about the actions of the grants. why is set when it is not known.
func (c *call) lacking(arn string, grants []Grant) (missing []string, why string) {
	svc := iam.NewFromConfig(c.cfg)
	source, why := c.principal(svc, arn)
	if why != "" {
		return nil, why
	}
	results := func(p *iam.SimulatePrincipalPolicyOutput) []types.EvaluationResult { return p.EvaluationResults }
	for _, g := range grants {
		var on []string
		for _, r := range g.Resources {
			if r != "*" {
				on = append(on, strings.ReplaceAll(r, "*", "x"))
			}
		}
		for batch := range slices.Chunk(g.Actions, simulated) {
			in := &iam.SimulatePrincipalPolicyInput{PolicySourceArn: &source, ActionNames: batch, ResourceArns: on}
			told := map[string]bool{}
			for _, r := range all(c, svc.SimulatePrincipalPolicy, in, results) {
				told[sdk.ToString(r.EvalActionName)] = true
				switch {
				case r.EvalDecision == types.PolicyEvaluationDecisionTypeAllowed:
				case r.OrganizationsDecisionDetail != nil && !r.OrganizationsDecisionDetail.AllowedByOrganizations:
					missing = append(missing, sdk.ToString(r.EvalActionName)+", denied by an organization's policy")
				default:
					missing = append(missing, sdk.ToString(r.EvalActionName))
				}
			}
			if gap := c.answer.Refusal(); gap != nil {
				return nil, gap.Question + ": " + gap.Code + ": " + gap.Message
			}
			for _, a := range batch {
				if !told[a] { // what IAM is silent about is not allowed
					missing = append(missing, a+", of which the simulation says nothing")
				}
			}
		}
	}
	sort.Strings(missing)
	return slices.Compact(missing), ""
}

// principal is the ARN IAM knows a caller's permissions by: a session of a role
// stands for the role, whose path only IAM knows.
func (c *call) principal(svc *iam.Client, arn string) (source, why string) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return "", fmt.Sprintf("%q is not an ARN", arn)
	}
	kind, name, _ := strings.Cut(parts[5], "/")
	switch kind {
	case "root":
		return "", "it is the root user, which may do everything: use a role"
	case "user":
		return arn, ""
	case "assumed-role":
		role, _, _ := strings.Cut(name, "/")
		p := invoke(c, svc.GetRole, &iam.GetRoleInput{RoleName: &role}, 1)
		switch {
		case p.gap != nil:
			return "", p.gap.Question + ": " + p.gap.Code + ": " + p.gap.Message
		case p.out == nil || p.out.Role == nil || p.out.Role.Arn == nil:
			return "", "IAM does not say which role " + role + " is"
		}
		return *p.out.Role.Arn, ""
	}
	return "", "IAM simulates users and roles, not " + arn
}
