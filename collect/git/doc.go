// Package git collects what the history of a repository says about changes:
// the first-parent commits of the branch that goes to production, and the tips
// of its branches and tags.
//
// Glossary:
//
//   - A change is one commit on the first-parent line of a branch: a merged
//     pull request, a squashed one, or a commit that was pushed directly.
//   - A mark is text by which a forge or a person says something, such as
//     "Merge pull request #12". A mark is not an approval.
//   - A tip is the commit a branch names. One that does not descend from the
//     tip an earlier run saw shows that history was rewritten.
//
// An item of git/change looks like this (evidence/git/shop/changes-main.jsonl):
//
//	{"change":{"author":"ada@example.com","branch":"main","committed":"2026-03-02T10:00:00Z","files_changed":1,"in_period":true,"merge":true,"number":412,"pull_request":{"kind":"merge","mark":"Merge pull request #12 from shop/till","number":12},"subject":"Merge pull request #12 from shop/till"},
//	 "commit":{"author":{"email":"ada@example.com","name":"Ada","when":"2026-03-02T11:00:00+01:00"},"body":"…","committer":{…},"parents":["…","…"],"sha":"…","signature":{"kind":"ssh","key":"SHA256:…","key_type":"ssh-ed25519"},"subject":"…","trailers":[{"key":"Reviewed-by","value":"Bo <bo@example.com>"}],"tree":"…"},
//	 "files":[{"path":"till.go","status":"M"}],
//	 "id":"<the commit's sha>"}
//
// "commit" is what the commit itself says; "change" is how it is read here;
// "files" are those that differ from the first parent, renames as a deletion and
// an addition. change.number counts first-parent commits from the first one.
//
// An item of git/ref (evidence/git/shop/refs.jsonl):
//
//	{"descends":{"descends":true,"previous":"<the tip an earlier run saw>"},"id":"refs/heads/main","ref":{"commit":"…","kind":"branch","production":true,"sha":"…"}}
//
// "descends" is null where no earlier run saw the ref, and a gap where it could
// not be told.
//
// Rules: names, dates and signatures in a commit are claims; a signature is
// described and never called verified. Which commits belong to the period is
// decided by their place in the line and not by their date alone, because a date
// can be written freely. A history that is not all there (a shallow clone,
// missing objects) is a truncated listing, never a shorter population. A clone
// that could not be brought up to date is not read.
package git
