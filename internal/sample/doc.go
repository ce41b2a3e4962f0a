// Package sample is the organisation exhibit shows itself on: an invented
// company with two AWS accounts, three regions, one audit period of four
// quarters, and what its people wrote and its cloud answered in that time.
//
// Glossary:
//
//   - A step is one commit by people, or one collection run (see Steps).
//   - A tape is what AWS answered at one quarter's end; Serve gives it over
//     loopback HTTP to the same SDK and collectors that ask the real AWS.
//   - The application is the company's product: a git repository with the
//     changes of the period (see BuildApplication).
//
// Rules: everything here is invented; nothing in the rest of exhibit knows that
// this package exists but the commands that offer it; the same steps, tapes and
// commits come out every time, on every machine; a sample proves nothing, and
// says so wherever it is shown (Notice, Key).
package sample

import (
	"embed"
	"slices"
	"strings"
	"time"
)

// Notice stands wherever the sample is shown.
const Notice = "SAMPLE: an invented organisation with recorded answers; it is evidence of nothing."

//go:embed history tapes key application
var content embed.FS

// The two accounts, and the access keys the sample signs with. None of them is
// a credential of anything.
const (
	SharedAccount     = "111122223333"
	ProductionAccount = "444455556666"
	// AccessKeyID and SecretAccessKey are what a collection of the sample signs
	// with; the tape answers as the shared account.
	AccessKeyID     = "AKIASAMPLESHARED0000"
	SecretAccessKey = "SampleOnlyNotASecretSampleOnlyNotASecret"
	// Role is assumed in the production account.
	Role = "exhibit-evidence"
	// TrailDays is how many days of CloudTrail's files are validated, digests and log
	// files: one, so that the tapes stay small.
	TrailDays = 1
)

// Period is the audit period; its end is not part of it. It and TrailDays stand in
// the sample's exhibit.yaml; the tapes are recorded and tested by them here.
func Period() (start, end time.Time) {
	return time.Date(2025, 10, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
}

// accountOf is the account an access key of the sample belongs to. Any other key
// asks as the shared account, so that a tape answers whatever one signs with.
func accountOf(accessKey string) string {
	if accessKey == "ASIASAMPLEPROD000000" { // as recorded from AssumeRole
		return ProductionAccount
	}
	return SharedAccount
}

// AccountOf is accountOf for the recorder of tapes.
func AccountOf(accessKey string) string { return accountOf(accessKey) }

// Tapes are the names Serve knows, oldest first.
func Tapes() []string { return slices.Clone(tapes[:]) }

// Quarters are the tapes of whole runs; the others are captures.
func Quarters() []string { return slices.DeleteFunc(Tapes(), Capture) }

// Capture reports whether a tape answers a run that asks only for what is
// deleted. Such a tape is named after its day.
func Capture(name string) bool { return !strings.Contains(name, "q") }

// HostAlone reports whether such a run asks only for what the code host deletes: the
// sample began with that long before it captured what AWS does.
func HostAlone(name string) bool { return Capture(name) && name < "2026-07" }

var tapes = [...]string{
	"2025-10-27", "2025-11-24", "2025-q4", "2026-01-29", "2026-02-26", "2026-q1", "2026-04-28", "2026-05-26", "2026-q2",
	"2026-07-20", "2026-07-27", "2026-08-10", "2026-08-24", "2026-09-07", "2026-09-21",
	"2026-q3",
}
