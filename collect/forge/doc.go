// Package forge asks a code forge what it knows of the changes that git lists:
// who proposed, approved and merged each, what was checked, and which rules stood
// over the branch.
//
// Glossary:
//
//   - A forge is GitHub, GitLab, Gitea or Forgejo.
//   - A pull request is a proposed change, whatever the forge calls it.
//   - A review is what one person said of it, about one commit.
//   - The merged head is the last commit of the pull request when it was merged.
//
// An item of forge/pull-request looks like this (evidence/git/shop/pull-requests-main.jsonl),
// shortened; the fields are those of GitHub's GraphQL API:
//
//	{"id":"example/shop#12","pullRequest":{"author":{"__typename":"User","login":"ada"},"baseRefName":"main","commits":{"nodes":[{"commit":{"authors":{…},"oid":"…"}}],"totalCount":1},
//	 "headRefOid":"…","mergeCommit":{"oid":"…"},"mergedAt":"2026-03-02T10:00:00Z","mergedBy":{…},"number":12,
//	 "reviews":{"nodes":[{"author":{…},"commit":{"oid":"…"},"state":"APPROVED","submittedAt":"…"}],"totalCount":1},"title":"…",…}}
//
// A field the forge gave as null is left out: an author who is not there is an
// account that was deleted.
//
// Rules: no token is a gap, never "approved by nobody" and never "approved". Every
// listing is paged to its end; a part of one is no listing. Requests that GitHub
// finds too heavy are asked again in halves. A rate limit is waited for, within
// bounds. What somebody pasted into a title that is a credential is withheld.
package forge
