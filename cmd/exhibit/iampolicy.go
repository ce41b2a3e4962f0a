package main

import (
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"regexp"
	"strings"

	"exhibit/collect/envoy"
)

var iamPolicyCommand = command{
	name: "iam-policy", args: "[--signing]",
	short: "print the IAM actions a run needs, as a policy or a role",
	long: `Prints exactly the actions the collectors ask, and no other: as IAM policy
documents by name (json), as a CloudFormation template of a role with these policies
(cloudformation), the same for every account of an organization
(--organization OU, with a StackSet), or as Terraform (terraform). One managed
policy may hold 6,144 characters, so there are several, by service.

--signing prints a key of AWS KMS instead that seals, with a policy by which the role
that --trusted names may sign, and nobody else may: signing.kms in exhibit.yaml then
names it.

Nothing here allows a change or an operation that returns a secret.`,
	setup: func(fs *flag.FlagSet) func(context.Context, *call) error {
		p := policyPrinter{}
		format := fs.String("format", "json", "json, cloudformation or terraform")
		only := fs.String("only", "", "the actions of these `SOURCES` alone, separated by commas")
		fs.StringVar(&p.role, "role", "ExhibitReader", "the role's `NAME`, as aws.role in exhibit.yaml says it")
		fs.StringVar(&p.trusted, "trusted", "", "the `ARN` or account id that may assume the role")
		fs.StringVar(&p.externalID, "external-id", "", "the external id the role asks for")
		fs.StringVar(&p.units, "organization", "", "with cloudformation: roll the role out to these `OUS`, separated by commas")
		fs.StringVar(&p.partition, "partition", "aws", "aws, aws-cn, aws-us-gov or aws-eusc")
		signing := fs.Bool("signing", false, "print the key that seals, with its policy")
		return func(_ context.Context, c *call) error {
			if len(c.args) > 0 {
				return usageError("iam-policy takes no argument %q", c.args[0])
			}
			var named []string
			if *only != "" {
				var err error
				if named, err = sources(*only); err != nil {
					return err
				}
			}
			if err := p.check(*format); err != nil {
				return err
			}
			if *signing {
				if !roleARN.MatchString(p.trusted) || *only != "" || p.units != "" {
					return usageError("--signing needs --trusted with the ARN of the collector's role, and goes with --format and --partition alone")
				}
				return p.printSigning(c.Stdout, *format)
			}
			p.parts = policyParts(envoy.Grants(awsSources(named)), p.partition)
			return p.print(c.Stdout, *format)
		}
	},
}

// A policyPrinter writes the parts in one of the formats.
type policyPrinter struct {
	role, trusted, externalID, units, partition string
	parts                                       []policyPart
}

var (
	roleNamed  = regexp.MustCompile(`^[A-Za-z0-9+=,.@_-]{1,64}$`)
	trustedOne = regexp.MustCompile(`^([0-9]{12}|arn:aws[a-z-]*:iam::[0-9]{12}:[A-Za-z0-9+=,.@_/-]+)$`)
	externalID = regexp.MustCompile(`^[A-Za-z0-9+=,.@:/_-]{2,}$`) // at most 1,000, which check counts: spelt {2,1000} it takes 2 ms to compile
	unitID     = regexp.MustCompile(`^(r-[a-z0-9]{4,32}|ou-[a-z0-9]{4,32}-[a-z0-9]{8,32})$`)
)

func (p *policyPrinter) check(format string) error {
	switch {
	case format != "json" && format != "cloudformation" && format != "terraform":
		return usageError("--format %q is none of json, cloudformation and terraform", format)
	case p.units != "" && format != "cloudformation":
		return usageError("--organization goes with --format cloudformation")
	case !roleNamed.MatchString(p.role):
		return usageError("--role %q is not a role's name", p.role)
	case p.trusted != "" && !trustedOne.MatchString(p.trusted):
		return usageError("--trusted %q is neither an account id nor an IAM ARN", p.trusted)
	case p.externalID != "" && (!externalID.MatchString(p.externalID) || len(p.externalID) > 1000):
		return usageError("--external-id %q is not of 2 to 1,000 characters that AWS allows", p.externalID)
	case p.partition != "aws" && p.partition != "aws-cn" && p.partition != "aws-us-gov" && p.partition != "aws-eusc":
		return usageError("--partition %q is none of aws, aws-cn, aws-us-gov and aws-eusc", p.partition)
	}
	for _, u := range split(p.units) {
		if !unitID.MatchString(u) {
			return usageError("--organization %q is neither a root's id (r-abcd) nor an organizational unit's (ou-abcd-11111111)", u)
		}
	}
	return nil
}

func (p *policyPrinter) print(w io.Writer, format string) error {
	switch format {
	case "terraform":
		_, err := io.WriteString(w, p.terraform())
		return err
	case "cloudformation":
		if p.units != "" {
			return printJSON(w, p.stackSet())
		}
		return printJSON(w, p.stack())
	}
	out := map[string]policyDocument{}
	for _, part := range p.parts {
		out[part.Name] = part.Document
	}
	return printJSON(w, out)
}

func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

func split(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' })
}

// A policyDocument is an IAM policy, its keys in the order people write them.
type policyDocument struct {
	Version   string            `json:"Version"`
	Statement []policyStatement `json:"Statement"`
}

type policyStatement struct {
	Sid      string   `json:"Sid,omitempty"`
	Effect   string   `json:"Effect"`
	Action   []string `json:"Action"`
	Resource any      `json:"Resource"` // "*" or a list of ARNs
}

// A policyPart is one managed policy.
type policyPart struct {
	Name     string // "Exhibit1"
	Document policyDocument
}

// policyLimit is how many characters IAM takes in one managed policy, white space
// not counted. Source: "IAM and AWS STS quotas", IAM User Guide.
const policyLimit = 6144

// policyParts lays the grants out in as few managed policies as hold them.
func policyParts(grants []envoy.Grant, partition string) []policyPart {
	var parts []policyPart
	used := policyLimit
	start := func() *policyPart {
		parts = append(parts, policyPart{Name: fmt.Sprintf("Exhibit%d", len(parts)+1), Document: policyDocument{Version: "2012-10-17"}})
		used = len(`{"Version":"2012-10-17","Statement":[]}`)
		return &parts[len(parts)-1]
	}
	for i, g := range grants {
		var resource any = "*"
		if g.Resources[0] != "*" {
			list := make([]string, len(g.Resources))
			for k, r := range g.Resources {
				list[k] = strings.Replace(r, "arn:aws:", "arn:"+partition+":", 1)
			}
			resource = list
		}
		head := policyStatement{Sid: fmt.Sprintf("Read%d", i+1), Effect: "Allow", Resource: resource}
		frame, err := json.Marshal(head)
		if err != nil { // texts and lists of them
			panic(err)
		}
		var open *policyStatement
		for _, a := range g.Actions {
			need := len(a) + len(`"",`)
			if open == nil {
				need += len(frame)
			}
			if used+need > policyLimit {
				start()
				open, need = nil, len(a)+len(`"",`)+len(frame)
			}
			part := &parts[len(parts)-1]
			if open == nil {
				part.Document.Statement = append(part.Document.Statement, head)
				open = &part.Document.Statement[len(part.Document.Statement)-1]
			}
			open.Action = append(open.Action, a)
			used += need
		}
	}
	return parts
}

// trust is who may assume the role; placeholder stands where nobody was named.
func (p *policyPrinter) trust(placeholder string) map[string]any {
	principal := cmp.Or(p.trusted, placeholder)
	s := map[string]any{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": map[string]any{"AWS": principal}}
	if p.externalID != "" {
		s["Condition"] = map[string]any{"StringEquals": map[string]any{"sts:ExternalId": p.externalID}}
	}
	return map[string]any{"Version": "2012-10-17", "Statement": []any{s}}
}
