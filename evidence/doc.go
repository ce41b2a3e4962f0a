// Package evidence holds the words every other package speaks: what was asked
// of AWS, git and people, what was answered, and what was not.
//
// Glossary:
//
//   - An item is one resource with the answers a source gave about it, each
//     kept under the name of the operation that gave it.
//   - A gap is a question that was not answered, and why. A gap is data, never
//     an error and never a zero value.
//   - A source names what a collector lists: "kms/key", "iam/user",
//     "git/change", "record/incident".
//   - A cell is account x region x source, the unit of coverage. Each planned
//     cell ends in exactly one state.
//   - A run is one collection.
//
// Rules: payload and metadata never mix. An Item holds only what the source
// said, so that an unchanged account gives unchanged bytes; when, by whom and in
// which call is said by Cell, Call and Run. Everything here is written in one
// canonical encoding (see Canonical).
package evidence
