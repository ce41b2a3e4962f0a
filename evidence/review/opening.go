package review

import (
	"time"
)

// openFormat is the first field of OPEN.json.
const openFormat = "exhibit access review v1"

// An Opening is OPEN.json: what a review froze and who decides what.
type Opening struct {
	Format  string    `json:"format"`
	ID      string    `json:"id"` // the quarter: "2026-Q3"
	Quarter string    `json:"quarter"`
	Commit  string    `json:"commit"` // whose evidence was frozen
	Run     string    `json:"run"`    // the newest run at that commit
	Seen    time.Time `json:"seen"`   // when that run ended
	Opened  time.Time `json:"opened"`
	By      string    `json:"opened_by"` // id in the people register
	Sample  bool      `json:"sample,omitempty"`
	// DormantDays is the time without use from which an entitlement is flagged.
	DormantDays int        `json:"dormant_days"`
	Population  string     `json:"population_sha256"`
	Rows        int        `json:"rows"`
	Previous    string     `json:"previous,omitempty"` // id of the review before; "" for the first
	Reviewers   []Reviewer `json:"reviewers"`
	Accounts    []Account  `json:"accounts,omitempty"` // names people use
	// NotEvaluated are the listings entitlements are drawn from that were not
	// answered: the population may lack what stands there.
	NotEvaluated []Missing `json:"not_evaluated"`
	// LeftOut is what the population leaves out on purpose, in words.
	LeftOut []string `json:"left_out"`
}

// A Reviewer is somebody who decides, with the rows given out at the opening.
type Reviewer struct {
	Person   string   `json:"person"` // id in the people register
	Name     string   `json:"name"`
	Email    string   `json:"email"`
	Workbook string   `json:"workbook"` // path in the repository
	Sum      string   `json:"sha256"`
	Rows     []string `json:"rows"`
}

// An Account is an account by the name people use.
type Account struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Missing is a listing that was not answered.
type Missing struct {
	Source  string `json:"source"`
	Account string `json:"account"`
	Region  string `json:"region"`
	State   string `json:"state"`
	Reason  string `json:"reason,omitempty"`
}

// AccountName is an account as the sheet shows it: "444455556666 production".
func (o Opening) AccountName(id string) string {
	for _, a := range o.Accounts {
		if a.ID == id && a.Name != "" && a.Name != id {
			return id + " " + a.Name
		}
	}
	return id
}

// A Decision is one line of decisions.jsonl. The last line of a row counts; those
// before it are its history.
type Decision struct {
	Row           string    `json:"row"`
	Decision      string    `json:"decision"`
	Justification string    `json:"justification,omitempty"`
	Reviewer      string    `json:"reviewer"`
	Received      time.Time `json:"received"` // when the workbook was imported
	Workbook      string    `json:"workbook"` // path in the repository
	Line          int       `json:"line"`     // row of the sheet, from 1
	Replaces      string    `json:"replaces,omitempty"`
}

// The decisions there are.
const (
	Keep    = "Keep"
	Revoke  = "Revoke"
	Modify  = "Modify"
	NotMine = "Not mine"
)

// Words are the decisions in the order of the drop-down.
func Words() []string { return []string{Keep, Revoke, Modify, NotMine} }

// A Receipt is one line of received.jsonl: a workbook that came back.
type Receipt struct {
	Reviewer string    `json:"reviewer"`
	Path     string    `json:"path"`
	Sum      string    `json:"sha256"`
	Received time.Time `json:"received"`
	File     string    `json:"file"`    // the name it was given under
	Decided  int       `json:"decided"` // rows with a decision
	Open     int       `json:"open"`    // rows without
	Changed  int       `json:"changed"` // decisions new or other than before
}

// An Assigned is one line of assigned.jsonl: a row given to somebody else.
type Assigned struct {
	Row  string    `json:"row"`
	From string    `json:"from"`
	To   string    `json:"to"`
	By   string    `json:"by"`
	At   time.Time `json:"at"`
	Why  string    `json:"why"`
}

// A Closing is CLOSED.json.
type Closing struct {
	Format   string    `json:"format"`
	ID       string    `json:"id"`
	Closed   time.Time `json:"closed"`
	SignOff  string    `json:"signed_off_by"`
	Second   string    `json:"second,omitempty"` // who signed besides, where the first is an administrator who decided
	Keep     int       `json:"keep"`
	Revoke   int       `json:"revoke"`
	Modify   int       `json:"modify"`
	Decision string    `json:"decisions_sha256"`
	// Gaps says what was done about listings that were not answered; "" when all were.
	Gaps string `json:"gaps,omitempty"`
}

// closedFormat is the first field of CLOSED.json.
const closedFormat = "exhibit access review closed v1"

// NewOpening and NewClosing carry the format's name.
func NewOpening() Opening { return Opening{Format: openFormat, NotEvaluated: []Missing{}} }

// NewClosing carries the format's name.
func NewClosing() Closing { return Closing{Format: closedFormat} }
