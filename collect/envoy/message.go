package envoy

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"exhibit/collect"
	"exhibit/evidence"
)

// Version is the release of exhibit, and of the envoy it sends.
const Version = "0.1.0"

// An Order is one line from exhibit to the envoy:
//
//	{"do":"plan","config":{…},"plan":{"file":"/e/.exhibit/plan-1.jsonl.gz",…}}   lay down every cell in a file
//	{"do":"retake","config":{…},"work":"/e/.exhibit/work","shard":"2/8"}         take up the plan in a folder
//	{"do":"ask","work":"/e/.exhibit/work","progress":true}                       ask what was planned or taken up
//	{"do":"enter","config":{…}}                                                  go into every account, ask no more
//	{"do":"lacking","config":{…}}                                                what may not be asked
//	{"do":"sign","config":{…},"sign":{"key":"arn:…","data":"…"}}                 have AWS KMS sign
//	{"do":"stop"}                                                                end what is being done, and report
//
// Every order but the last is answered by one report, before which there may be
// reports of progress. The envoy first reports who it is, unasked.
type Order struct {
	Do     string     `json:"do"`
	Config *Config    `json:"config,omitempty"`
	Plan   *PlanOrder `json:"plan,omitempty"`
	// Work is the folder of the run, where the answers go.
	Work string `json:"work,omitempty"`
	// Shard is the share of the plan to take up ("2/8"); "" for all of it.
	Shard string `json:"shard,omitempty"`
	// Progress asks for reports while cells end.
	Progress bool       `json:"progress,omitempty"`
	Sign     *SignOrder `json:"sign,omitempty"`
}

// A SignOrder names a key of AWS KMS and what it is to sign.
type SignOrder struct {
	Key  string `json:"key"`            // its ARN
	Data []byte `json:"data,omitempty"` // at most 4,096 bytes; none to be told the public key alone
}

// A PlanOrder says where the plan goes and what else stands in it.
type PlanOrder struct {
	File       string `json:"file"`
	Compressed bool   `json:"compressed,omitempty"`
	// Beside are the cells that exhibit asks itself.
	Beside  []evidence.Cell `json:"beside,omitempty"`
	Only    []string        `json:"only,omitempty"` // sources the run is limited to, git's too
	Planned time.Time       `json:"planned"`        // by exhibit's clock: when the run began
	Config  string          `json:"config_sha256"`
	Tool    string          `json:"tool"`
}

// A Report is one line from the envoy to exhibit: exactly one of its fields.
type Report struct {
	Envoy    *Self     `json:"envoy,omitempty"`
	Planned  *Planned  `json:"planned,omitempty"`
	Retaken  *Retaken  `json:"retaken,omitempty"`
	Progress *Progress `json:"progress,omitempty"`
	Asked    *Asked    `json:"asked,omitempty"`
	Entered  *Entered  `json:"entered,omitempty"`
	Lacks    *Lacks    `json:"lacks,omitempty"`
	Signed   *Signed   `json:"signed,omitempty"`
	Error    string    `json:"error,omitempty"`
}

// A Self is who the envoy is.
type Self struct {
	Version string `json:"version"`
	Sources string `json:"sources_sha256"` // of the sources it knows
}

// Me is what an envoy of this release says of itself.
func Me() Self {
	sum := sha256.Sum256(written)
	return Self{Version: Version, Sources: hex.EncodeToString(sum[:])}
}

// Planned is the head of the plan's file, without the calls that planning made.
type Planned struct {
	Head  collect.PlanHead `json:"head"`
	Calls int              `json:"calls"`
}

// Retaken says what of a plan is taken up.
type Retaken struct {
	Cells     int      `json:"cells"`               // to be asked
	Unentered []string `json:"unentered,omitempty"` // accounts that can no longer be entered, and why
	Endpoints []string `json:"endpoints,omitempty"`
	CAs       []string `json:"custom_cas,omitempty"`
}

// Progress is how far it is; not every cell is told.
type Progress struct {
	Done  int           `json:"done"`
	Total int           `json:"total"`
	Cell  evidence.Cell `json:"cell"`
}

// Asked says that all answers are in the folder, or that asking was stopped.
type Asked struct {
	Stopped bool `json:"stopped,omitempty"`
}

// Entered is who acts in each account, and one call as the clock's witness.
type Entered struct {
	Callers []evidence.Caller `json:"callers,omitempty"`
	Date    string            `json:"server_date,omitempty"` // of an answer, RFC 3339; "" when there was none
	Ended   time.Time         `json:"ended"`                 // when that answer came, by this machine's clock
	// Endpoints and CAs are those of a run that would ask now: see evidence.Run.
	Endpoints []string `json:"overridden_endpoints,omitempty"`
	CAs       []string `json:"custom_cas,omitempty"`
}

// Signed is a key of AWS KMS and what it signed.
type Signed struct {
	Public    []byte `json:"public"`              // DER, SubjectPublicKeyInfo
	Spec      string `json:"spec"`                // ECC_NIST_P256 or ECC_NIST_EDWARDS25519
	Signature []byte `json:"signature,omitempty"` // as KMS gave it
}

// Lacks is what each account's identity may not do.
type Lacks struct {
	Accounts []Lack `json:"accounts,omitempty"`
}
