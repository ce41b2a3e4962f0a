package main

import (
	"fmt"
	"strings"
)

// Pipeline says by which identities production is changed, and where production is.
type Pipeline struct {
	Accounts   []string `yaml:"accounts"`   // ids; empty for every account
	Identities []string `yaml:"identities"` // ARNs of roles and users, in which * stands for anything
}

func (v *validator) pipeline(p Pipeline) {
	for i, a := range p.Accounts {
		if !accountID.MatchString(a) {
			v.bad(fmt.Sprintf("pipeline.accounts.%d", i), "%q is not an AWS account id: 12 digits, in quotes so that a leading zero stays", a)
		}
	}
	for i, id := range p.Identities {
		service, rest, _ := strings.Cut(strings.TrimPrefix(id, "arn:"), "::")
		if !strings.HasPrefix(id, "arn:") || !strings.HasSuffix(service, ":iam") || !strings.Contains(rest, ":role/") && !strings.Contains(rest, ":user/") || strings.HasSuffix(rest, "/*") {
			v.bad(fmt.Sprintf("pipeline.identities.%d", i), "%q is no ARN of a role or a user; write it as arn:aws:iam::111122223333:role/deploy, with * for a part of the name", id)
		}
	}
}
