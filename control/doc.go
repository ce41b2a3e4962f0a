// Package control says what the organisation promised and judges evidence
// against it. It never asks anything: it reads evidence at a commit.
//
// Glossary, in the auditor's words:
//
//   - A criterion is one of the Trust Services Criteria (CC1.1 … P8.1).
//   - A control is what the organisation does to meet criteria: id, owner,
//     statement, and the checks and records that show it.
//   - A check is one automated test of a control on a whole population.
//   - A finding is one check's verdict on one item, with the value that decided.
//   - An exception is a deviation management has accepted in writing; it
//     compensates a finding and never hides it.
//
// Rules: an unanswered question is unknown, and an unknown is never a pass; the
// counts of a check always add up to its population; a check never mentions
// criteria, policies/soc2 maps criteria to controls to checks in one direction.
package control
