package review

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"exhibit/seal"
)

// Kinds of entitlement. A source that comes later adds its own; nothing here but
// their words depends on the list.
const (
	Password     = "console-password"
	AccessKey    = "access-key"
	Certificate  = "signing-certificate"
	NoCredential = "iam-user" // an IAM user who has neither: it is there, and can be given one
	RoleTrust    = "role-trust"
	Assignment   = "identity-center"
	CodeHost     = "code-host"
)

// Flags a reviewer must answer when keeping what has one.
const (
	Privileged = "privileged"
	Dormant    = "dormant"
	NoMFA      = "no-mfa"
	Leaver     = "leaver"
	New        = "new"
	Shared     = "shared"
	Orphan     = "orphan"
)

// An Entitlement is one way in, as evidence showed it: one line of population.jsonl.
// Its pointer leads to path and line at the commit OPEN.json names.
type Entitlement struct {
	// Row is what the entitlement is called everywhere: "E-" and twelve hexadecimal
	// digits made from Kind, Account, Principal, Access and ViaID, so that the same way
	// in has the same name in every review and at every run.
	Row     string `json:"row"`
	Kind    string `json:"kind"`
	Source  string `json:"source"` // "iam/credential"
	Account string `json:"account"`
	Region  string `json:"region"`
	// Principal is who gets in, by the name that is unique: an ARN, a user of the
	// directory, a provider.
	Principal string `json:"principal"`
	Name      string `json:"name"`              // as people call it: "obelenko"
	Access    string `json:"access"`            // what it opens: a key's id, a permission set, a role's ARN
	Opens     string `json:"opens"`             // Access in words: "console password", "PlatformOperator"
	Via       string `json:"via,omitempty"`     // the group it comes by; "" for direct
	ViaID     string `json:"via_id,omitempty"`  // the group's id, which stays when it is renamed
	Person    string `json:"person,omitempty"`  // id in the people register; "" when nobody there has it
	Called    string `json:"called,omitempty"`  // the person's name
	Manager   string `json:"manager,omitempty"` // id of the person's manager
	// Owner answers for an identity that is no person's, as the identity table says; "" otherwise.
	Owner string `json:"owner,omitempty"`
	// Grants are the policies behind it, with the group they come by: sorted.
	Grants   []string `json:"grants,omitempty"`
	MFA      string   `json:"mfa,omitempty"`       // "yes", "no"; "" where it cannot be told
	Created  string   `json:"created,omitempty"`   // 2026-03-31; "" where nothing says so
	LastUsed string   `json:"last_used,omitempty"` // 2026-03-31 or "never"; "" where nothing says so
	Flags    []Flag   `json:"flags,omitempty"`     // in the order of the constants
	// Unknown are questions about this entitlement that were not answered.
	Unknown []string `json:"unknown,omitempty"`
	Path    string   `json:"path"` // the file of evidence
	Line    int      `json:"line"` // from 1
}

// A Flag is something a reviewer must weigh, with the value behind it.
type Flag struct {
	Flag string `json:"flag"`
	Says string `json:"says"` // "dormant 140 days"
}

// RowName is what Row must be.
func (e Entitlement) RowName() string {
	sum := sha256.Sum256([]byte(strings.Join([]string{e.Kind, e.Account, e.Principal, e.Access, e.ViaID}, "\x00")))
	return "E-" + hex.EncodeToString(sum[:6])
}

// Flagged reports whether a flag stands on the entitlement.
func (e Entitlement) Flagged(flag string) bool {
	for _, f := range e.Flags {
		if f.Flag == flag {
			return true
		}
	}
	return false
}

// FlagWords are the flags as people read them; "" for none.
func (e Entitlement) FlagWords() string {
	var out []string
	for _, f := range e.Flags {
		out = append(out, f.Says)
	}
	return strings.Join(out, "; ")
}

// KindWords is a kind as people read it.
func KindWords(kind string) string {
	for _, k := range [...][2]string{
		{Password, "Console password"}, {AccessKey, "Access key"}, {Certificate, "Signing certificate"}, {NoCredential, "IAM user without credential"},
		{RoleTrust, "Role people may assume"}, {Assignment, "Identity Center"}, {CodeHost, "Code host"},
	} {
		if k[0] == kind {
			return k[1]
		}
	}
	return kind
}

// Says is the entitlement in a few words: "obelenko: console password in 444455556666".
func (e Entitlement) Says() string {
	s := fmt.Sprintf("%s: %s", e.Name, e.Opens)
	if e.Account != "" {
		s += " in " + e.Account
	}
	if e.Via != "" {
		s += " by " + e.Via
	}
	return s
}

// A Column of the sheet people decide on.
type Column struct {
	Name  string
	Width int // in characters
	// Fill says that the reviewer writes here; every other column must come back as
	// it went out.
	Fill bool
}

// Columns are those of the sheet, in order.
func Columns() []Column {
	return []Column{
		{"Row", 13, false}, {"Person", 18, false}, {"Identity", 22, false}, {"Way in", 16, false}, {"What it opens", 22, false}, {"Account", 24, false},
		{"By", 14, false}, {"Policies", 28, false}, {"Created", 11, false}, {"Last used", 11, false}, {"Flags", 26, false}, {"Last decision", 14, false},
		{"Decision", 12, true}, {"Justification", 34, true}, {"Digest", 15, false},
	}
}

// The columns a reviewer fills in, by their place in Columns.
const (
	DecisionColumn      = 12
	JustificationColumn = 13
	digestColumn        = 14
)

// mostShown is how long a cell may be before the rest is left to population.jsonl.
const mostShown = 2000

// Cells are the row of the sheet as it goes out, decision and justification empty.
// account is the account by the name people use, last the decision of the review
// before. All is in one line and visible: no character hides.
func (e Entitlement) Cells(id, account, last string) []string {
	person := e.Called
	switch {
	case person == "" && e.Owner != "":
		person = "no person's; " + e.Owner + " answers for it"
	case person == "" && e.Kind == RoleTrust:
		person = "no one person's"
	case person == "":
		person = "nobody's"
	}
	by := e.Via
	if by == "" {
		by = "direct"
	}
	cells := []string{e.Row, person, e.Name, KindWords(e.Kind), e.Opens, account, by, strings.Join(e.Grants, "; "), e.Created, e.LastUsed, e.FlagWords(), last, "", ""}
	for i, c := range cells {
		cells[i] = shown(c)
	}
	sum := sha256.Sum256([]byte(id + "\x00" + strings.Join(cells, "\x00")))
	return append(cells, hex.EncodeToString(sum[:8]))
}

func shown(s string) string {
	s = seal.Visible(s)
	if len(s) <= mostShown {
		return s
	}
	cut := mostShown
	for cut > 0 && s[cut]&0xc0 == 0x80 {
		cut--
	}
	return s[:cut] + " … (population.jsonl has all of it)"
}
