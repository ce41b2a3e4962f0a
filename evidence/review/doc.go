// Package review holds what an access review is made of, and judges what comes
// back from the people asked.
//
// An entitlement is one way in: a password, a key, a role somebody may assume, a
// permission set in an account. A review freezes all entitlements that evidence
// shows at one commit (its population), gives each to one reviewer, and takes a
// decision about each: Keep, Revoke, Modify or Not mine. It lies in the evidence
// repository like this:
//
//	reviews/2026-Q3/OPEN.json            what was frozen, from which commit, and who decides what
//	reviews/2026-Q3/population.jsonl     an entitlement a line; never changed
//	reviews/2026-Q3/workbooks/ada.xlsx   what was handed out
//	reviews/2026-Q3/received/ada-1.xlsx  what came back, byte for byte
//	reviews/2026-Q3/received.jsonl       a workbook that came back a line
//	reviews/2026-Q3/assigned.jsonl       rows given to somebody else than OPEN.json says
//	reviews/2026-Q3/decisions.jsonl      a decision a line, those that replaced another included
//	reviews/2026-Q3/CLOSED.json          who signed the result, and when
//
// Nothing is imported by halves: a workbook with one thing wrong gives no decision
// at all, and every problem in it with sheet, row, column and the mend. A row
// nobody decided is no Keep. The package knows nothing of workbooks' bytes; see
// render/xlsx.
package review
