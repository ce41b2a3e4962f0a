package control

import (
	"fmt"
	"testing"
)

// Whom a policy lets in, in every form IAM has for it.
func TestOutsiders(t *testing.T) {
	own := map[string]bool{"": true, "111122223333": true}
	for _, c := range []struct{ statement, want, unclear string }{
		{`{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::702914388165:root"}}`, "[702914388165]", ""},
		{`{"Effect":"Allow","Principal":{"AWS":["702914388165","arn:aws:iam::111122223333:root"]}}`, "[702914388165]", ""},
		{`{"Effect":"Allow","Principal":{"AWS":"arn:aws-us-gov:sts::702914388165:assumed-role/x/y"}}`, "[702914388165]", ""},
		{`{"Effect":"Deny","Principal":{"AWS":"702914388165"}}`, "[]", ""},
		{`{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"}}`, "[]", ""},
		{`{"Effect":"Allow","Principal":"*"}`, "[]", ""},
		{`{"Effect":"Allow","Principal":{"AWS":["*"]},"Condition":{"StringEquals":{"aws:PrincipalAccount":["702914388165","111122223333"]}}}`, "[702914388165]", ""},
		{`{"Effect":"Allow","Principal":{"AWS":"*"},"Condition":{"StringEquals":{"AWS:SourceOwner":"111122223333"}}}`, "[]", ""},
		{`{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/builds.example.com/id"}}`, "[builds.example.com]", ""},
		{`{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/A"}}`, "[]", ""},
		{`{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::111122223333:saml-provider/Okta"}}`, "[Okta]", ""},
		{`{"Effect":"Allow","Principal":{"Federated":"cognito-identity.amazonaws.com"}}`, "[]", ""},
		{`{"Effect":"Allow","Principal":{"Federated":"evilamazonaws.com"}}`, "[evilamazonaws.com]", ""},
		{`{"Effect":"Allow","Principal":{"CanonicalUser":"79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}}`, "[]", "q: whose the canonical user 79a59df9… is AWS does not say"},
		{`{"Effect":"Allow","Principal":{"AWS":"AIDAEXAMPLE"}}`, "[]", "q: AIDAEXAMPLE is the id of a user or role that was deleted; which account it was of AWS does not say"},
		{`{"Effect":"Allow","Principal":{"AWS":7}}`, "[]", "q: a principal cannot be read"},
		{`{"Effect":"Allow","Principal":"!gap"}`, "[]", "q: a principal cannot be read"},
	} {
		found, unclear := outsiders("q", map[string]any{"Policy": map[string]any{"Statement": []any{data(t, c.statement)}}}, own)
		names := []string{}
		for _, o := range found {
			if o.account != "" {
				o.name = o.account
			}
			names = append(names, o.name)
		}
		if got := fmt.Sprint(names); got != c.want || unclear != c.unclear {
			t.Errorf("%s: %s %q, want %s %q", c.statement, got, unclear, c.want, c.unclear)
		}
	}
}

// The days that no report and no letter covers are named.
func TestUncovered(t *testing.T) {
	s := func(from, to string) stretch { return stretch{onDay(from), onDay(to), "report"} }
	for _, c := range []struct {
		covers []stretch
		days   int
		holes  string
	}{
		{nil, 365, "[2026-01-01 to 2026-12-31]"},
		{[]stretch{s("2025-04-01", "2026-03-31")}, 275, "[2026-04-01 to 2026-12-31]"},
		{[]stretch{s("2025-04-01", "2026-03-31"), s("2026-04-01", "2026-12-31")}, 0, "[]"},
		{[]stretch{s("2026-02-01", "2026-03-31"), s("2026-03-01", "2026-11-30")}, 31 + 31, "[2026-01-01 to 2026-01-31 2026-12-01 to 2026-12-31]"},
		{[]stretch{s("2024-01-01", "2024-12-31"), s("2026-01-01", "2027-03-31")}, 0, "[]"},
		{[]stretch{s("2026-01-01", "2026-12-31"), s("2026-05-01", "2026-05-31")}, 0, "[]"},
		{[]stretch{s("2027-01-01", "2027-12-31")}, 365, "[2026-01-01 to 2026-12-31]"},
	} {
		days, holes := uncovered(onDay("2026-01-01"), onDay("2026-12-31"), c.covers)
		if got := fmt.Sprint(holes); days != c.days || got != c.holes {
			t.Errorf("%v: %d %s, want %d %s", c.covers, days, got, c.days, c.holes)
		}
	}
}
