package control

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"exhibit/collect"
	"exhibit/collect/git"
	"exhibit/evidence"
)

// A script is a repository made by the real git, and what a forge would say of it, in
// the shape collect/forge writes.
type script struct {
	*testing.T
	dir     string
	at      time.Time
	number  int
	pulls   []map[string]any
	records map[string][]map[string]any // by kind
	suites  []map[string]any            // pushes past the rules
	looks   []joining                   // the runs of the period, oldest first
}

func newScript(t *testing.T) *script {
	s := &script{T: t, dir: t.TempDir(), at: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC), records: map[string][]map[string]any{}}
	s.git("init", "-q", "-b", "main")
	return s
}

func (s *script) git(args ...string) string { s.Helper(); return s.as("ada", args...) }

// as runs git for somebody.
func (s *script) as(who string, args ...string) string {
	s.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = s.dir
	when := s.at.Format(time.RFC3339)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1", "LC_ALL=C", "TZ=UTC", "GIT_MERGE_AUTOEDIT=no", "GNUPGHOME="+filepath.Join(s.dir, ".gnupg"),
		"GIT_AUTHOR_NAME="+who, "GIT_AUTHOR_EMAIL="+addressOf(who), "GIT_COMMITTER_NAME="+who, "GIT_COMMITTER_EMAIL="+addressOf(who), "GIT_AUTHOR_DATE="+when, "GIT_COMMITTER_DATE="+when)
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			err = fmt.Errorf("%w\n%s%s", err, out, exit.Stderr)
		}
		s.Fatalf("git %s: %v", strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out))
}

func addressOf(who string) string {
	if who == "dependabot" {
		return "49699333+dependabot[bot]@users.noreply.github.com"
	}
	return who + "@example.com"
}

func (s *script) tip() string { return s.git("rev-parse", "HEAD") }

func (s *script) write(name, text string) {
	s.Helper()
	name = filepath.Join(s.dir, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, []byte(text), 0o644)); err != nil {
		s.Fatal(err)
	}
}

// commit writes a file that no other commit has.
func (s *script) commit(who, message string, files ...string) string {
	s.Helper()
	s.at = s.at.Add(10 * time.Minute)
	if len(files) == 0 {
		files = []string{fmt.Sprintf("src/f%d.go", s.at.Unix())}
	}
	for _, f := range files {
		s.write(f, message+"\n")
	}
	s.git("add", "--", ".", ":!.gnupg")
	s.as(who, "commit", "-q", "-m", message)
	return s.tip()
}

// A proposal is a pull request while it is told.
type proposal struct {
	s       *script
	n       int
	item    map[string]any
	reviews []any
	commits []any
	checks  []any
}

func accountOf(who string) map[string]any {
	kind := "User"
	if who == "dependabot" || who == "mergebot" {
		kind = "Bot"
	}
	return map[string]any{"__typename": kind, "login": who}
}

// propose begins a branch.
func (s *script) propose(who string) *proposal {
	s.number++
	s.git("switch", "-q", "-c", fmt.Sprint("topic", s.number), "main")
	return &proposal{s: s, n: s.number, item: map[string]any{"number": s.number, "title": fmt.Sprintf("SHOP-%d change", s.number), "author": accountOf(who), "headRefName": fmt.Sprint("topic", s.number)}}
}

// push commits on the branch.
func (p *proposal) push(who string, files ...string) *proposal {
	sha := p.s.commit(who, fmt.Sprintf("SHOP-%d part %d", p.n, len(p.commits)+1), files...)
	return p.told(who, sha, fmt.Sprintf("SHOP-%d part %d", p.n, len(p.commits)+1), 1)
}

// told lists a commit of the branch as the forge does.
func (p *proposal) told(who, sha, title string, parents int, authors ...string) *proposal {
	people := []any{}
	for _, a := range append([]string{who}, authors...) {
		person := map[string]any{"email": addressOf(a), "name": a}
		if accountOf(a)["__typename"] == "User" && a != "stranger" {
			person["user"] = map[string]any{"login": a}
		}
		people = append(people, person)
	}
	p.commits = append(p.commits, map[string]any{"commit": map[string]any{"oid": sha, "messageHeadline": title, "parents": map[string]any{"totalCount": parents}, "authors": map[string]any{"totalCount": len(people), "nodes": people}, "committer": people[0]}})
	p.item["headRefOid"] = sha
	return p
}

func (p *proposal) review(who, state string) *proposal {
	p.s.at = p.s.at.Add(time.Minute)
	p.reviews = append(p.reviews, map[string]any{"author": accountOf(who), "state": state, "submittedAt": p.s.at.Format(time.RFC3339), "authorCanPushToRepository": who != "guest", "commit": map[string]any{"oid": p.item["headRefOid"]}})
	return p
}

func (p *proposal) approve(who string) *proposal { return p.review(who, "APPROVED") }

func (p *proposal) check(name, conclusion string, required bool) *proposal {
	p.checks = append(p.checks, map[string]any{"__typename": "CheckRun", "name": name, "status": "COMPLETED", "conclusion": conclusion, "completedAt": p.s.at.Format(time.RFC3339), "isRequired": required})
	return p
}

// update merges main into the branch; within says what else is changed by the merge.
func (p *proposal) update(who string, within func()) *proposal {
	p.s.at = p.s.at.Add(time.Minute)
	p.s.as(who, "merge", "-q", "--no-ff", "-m", "Merge branch 'main' into topic", "main")
	if within != nil {
		within()
		p.s.git("add", "--", ".", ":!.gnupg")
		p.s.as(who, "commit", "-q", "--amend", "--no-edit")
	}
	return p.told(who, p.s.tip(), "Merge branch 'main' into topic", 2)
}

// elsewhere makes a commit on main while the branch waits.
func (p *proposal) elsewhere(make func()) *proposal {
	p.s.git("switch", "-q", "main")
	make()
	p.s.git("switch", "-q", fmt.Sprint("topic", p.n))
	return p
}

// merge merges the branch; how is merge, squash or rebase.
func (p *proposal) merge(how string) string {
	s := p.s
	s.at = s.at.Add(time.Minute)
	title := fmt.Sprintf("SHOP-%d change (#%d)", p.n, p.n)
	s.git("switch", "-q", "main")
	parents := 1
	switch how {
	case "squash":
		s.git("merge", "-q", "--squash", fmt.Sprint("topic", p.n))
		s.git("commit", "-q", "-m", title)
	case "rebase":
		s.commit("cy", "SHOP-0 meanwhile") // so that the commits are other ones; a change of its own
		s.git("switch", "-q", fmt.Sprint("topic", p.n))
		s.git("rebase", "-q", "main")
		s.git("switch", "-q", "main")
		s.git("merge", "-q", "--ff-only", fmt.Sprint("topic", p.n))
	default:
		parents = 2
		s.git("merge", "-q", "--no-ff", "-m", fmt.Sprintf("Merge pull request #%d from shop/topic%d", p.n, p.n), "-m", title, fmt.Sprint("topic", p.n))
	}
	p.end(parents)
	return s.tip()
}

// end is what the forge says once it was merged.
func (p *proposal) end(parents int) {
	s := p.s
	s.at = s.at.Add(time.Minute)
	nodes := func(l []any) map[string]any { return map[string]any{"totalCount": len(l), "nodes": l} }
	p.item["mergedAt"], p.item["mergedBy"], p.item["mergeCommit"] = s.at.Format(time.RFC3339), accountOf("bo"), map[string]any{"oid": s.tip(), "parents": map[string]any{"totalCount": parents}}
	p.item["commits"], p.item["timelineItems"] = nodes(p.commits), nodes([]any{})
	p.item["mergedHead"] = nodes([]any{map[string]any{"commit": map[string]any{"oid": p.item["headRefOid"], "statusCheckRollup": map[string]any{"contexts": nodes(p.checks)}}}})
	p.item["reviews"] = nodes(p.reviews)
	s.pulls = append(s.pulls, p.item)
}

// afterwards is a review that came once it was merged.
func (p *proposal) afterwards(who string, days int) {
	before := p.s.at
	p.s.at = p.s.at.AddDate(0, 0, days)
	p.approve(who)
	p.s.at = before
	p.item["reviews"] = map[string]any{"totalCount": len(p.reviews), "nodes": p.reviews}
}

// A plant is one case of the rules, planted once.
type plant struct {
	name string
	make func(s *script) string // brings it to main; the change's commit
	want map[string]string      // by rule, where it is not as a good change has it
	says string                 // what must stand in the values or reasons
}

// good is what a change has that was proposed, approved, tested and names its ticket.
func good() map[string]string {
	return map[string]string{"changes-by-pull-request": "met", "changes-reviewed": "met", "changes-checked": "met", "changes-name-ticket": "met", "infrastructure-reviewed": "does not apply",
		"bot-changes-reviewed": "does not apply", "code-owners-approved": "met", "emergencies-in-time": "does not apply", "changes-not-bypassed": "met"}
}

// direct is what a commit has that was pushed to the branch.
func direct(ticket string) map[string]string {
	return map[string]string{"changes-by-pull-request": "exception", "changes-reviewed": "exception", "changes-checked": "does not apply", "code-owners-approved": "does not apply", "changes-name-ticket": ticket}
}

func plants() []plant {
	green := func(p *proposal) *proposal { return p.check("build", "SUCCESS", true) }
	usual := func(s *script, files ...string) *proposal {
		return green(s.propose("ada").push("ada", files...).approve("bo"))
	}
	unreviewed := map[string]string{"changes-reviewed": "exception", "code-owners-approved": "exception"}
	unknown := map[string]string{"changes-reviewed": "not evaluated", "code-owners-approved": "not evaluated"}
	record := func(s *script, kind string, r map[string]any) {
		s.records[kind] = append(s.records[kind], r)
	}
	return []plant{
		{"merged", func(s *script) string { return usual(s).merge("merge") }, nil, "bo on 2026"},
		{"squashed", func(s *script) string { return usual(s).merge("squash") }, nil, ""},
		{"rebased", func(s *script) string {
			p := usual(s)
			p.push("ada").approve("bo")
			return p.merge("rebase")
		}, nil, ""},
		{"pushed directly", func(s *script) string { return s.commit("eve", "Quick mend") }, direct("exception"), ""},
		{"pushed past the rules", func(s *script) string {
			before := s.tip()
			sha := s.commit("eve", "SHOP-9 by force")
			s.suites = append(s.suites, map[string]any{"actor_name": "eve", "before_sha": before, "after_sha": sha, "pushed_at": s.at.Format(time.RFC3339)})
			return sha
		}, merged(direct("met"), map[string]string{"changes-not-bypassed": "exception"}), "by:eve"},
		{"a pull request named in the title alone", func(s *script) string { return s.commit("eve", "SHOP-9 mend (#4711)") }, direct("met"), ""},
		{"a reviewer named in the message alone", func(s *script) string {
			return s.commit("eve", "SHOP-9 mend\n\nReviewed-by: Bo <bo@example.com>")
		}, direct("met"), ""},
		{"approved by nobody", func(s *script) string { return green(s.propose("ada").push("ada")).merge("squash") }, unreviewed, ""},
		{"approved by its author", func(s *script) string { return green(s.propose("ada").push("ada").approve("ada")).merge("squash") }, unreviewed, "wrote or pushed it"},
		{"approved by a co-author", func(s *script) string {
			p := s.propose("ada")
			sha := s.commit("ada", "SHOP-1 together\n\nCo-authored-by: Bo <bo@example.com>")
			return green(p.told("ada", sha, "SHOP-1 together", 1, "bo").approve("bo")).merge("squash")
		}, unreviewed, "wrote or pushed it"},
		{"approved by the last pusher", func(s *script) string {
			return green(s.propose("ada").push("ada").push("bo").approve("bo")).merge("squash")
		}, unreviewed, "wrote or pushed it"},
		{"approved by who may not write", func(s *script) string { return green(s.propose("ada").push("ada").approve("guest")).merge("squash") }, unreviewed, "may not write"},
		{"approved by a program", func(s *script) string { return green(s.propose("ada").push("ada").approve("mergebot")).merge("squash") }, unreviewed, "is no person"},
		{"approved, then changed", func(s *script) string { return usual(s).push("ada").check("build", "SUCCESS", true).merge("squash") }, unreviewed, "was merged"},
		{"approved after the merge", func(s *script) string {
			p := green(s.propose("ada").push("ada"))
			sha := p.merge("squash")
			p.afterwards("bo", 1)
			return sha
		}, unreviewed, "only after it was merged"},
		{"approval taken back", func(s *script) string { return usual(s).review("bo", "CHANGES_REQUESTED").merge("squash") }, unreviewed, "changes requested"},
		{"approval dismissed", func(s *script) string {
			return green(s.propose("ada").push("ada").review("bo", "DISMISSED")).merge("squash")
		}, unreviewed, "dismissed"},
		{"an author without an account", func(s *script) string {
			p := s.propose("ada")
			return green(p.told("stranger", s.commit("stranger", "SHOP-1 x"), "SHOP-1 x", 1).approve("bo")).merge("squash")
		}, map[string]string{"changes-reviewed": "not evaluated"}, "stranger@example.com"},
		{"approved, then the base merged in", func(s *script) string {
			return usual(s).elsewhere(func() { s.commit("eve", "SHOP-2 meanwhile a") }).update("ada", nil).check("build", "SUCCESS", true).merge("merge")
		}, nil, "then the base was merged in"},
		{"approved, then the base merged in with a change", func(s *script) string {
			return usual(s).elsewhere(func() { s.commit("eve", "SHOP-2 meanwhile b") }).update("ada", func() { s.write("src/evil.go", "evil") }).merge("merge")
		}, unreviewed, "was merged"},
		{"approved, then the base merged in where both changed a file", func(s *script) string {
			body := strings.Repeat("line\n", 30)
			s.write("src/both.go", "first\n"+body+"last\n")
			s.commit("eve", "SHOP-2 both")
			s.write("src/both.go", "FIRST\n"+body+"last\n")
			s.git("add", "--", ".", ":!.gnupg")
			p := green(s.propose("ada").push("ada").approve("bo"))
			return p.elsewhere(func() {
				s.git("checkout", "-q", "main", "--", "src/both.go")
				s.write("src/both.go", "first\n"+body+"LAST\n")
				s.git("add", "--", ".", ":!.gnupg")
				s.commit("eve", "SHOP-2 meanwhile c")
			}).update("ada", nil).merge("merge")
		}, unknown, "both sides changed"},
		{"approved, then the base merged in, and squashed", func(s *script) string {
			return usual(s).elsewhere(func() { s.commit("eve", "SHOP-2 meanwhile d") }).update("ada", nil).merge("squash")
		}, unknown, "its branch was not kept"},
		{"approved, then the base merged in by the approver", func(s *script) string {
			return usual(s).elsewhere(func() { s.commit("eve", "SHOP-2 meanwhile e") }).update("bo", nil).merge("merge")
		}, unreviewed, "wrote or pushed it"},
		{"a required check failed", func(s *script) string { return usual(s).check("test", "FAILURE", true).merge("squash") }, map[string]string{"changes-checked": "exception"}, "test: failure"},
		{"a check that was not required failed", func(s *script) string { return usual(s).check("lint", "FAILURE", false).merge("squash") }, nil, ""},
		{"no check was required", func(s *script) string { return s.propose("ada").push("ada").approve("bo").merge("squash") }, map[string]string{"changes-checked": "does not apply"}, ""},
		{"a required check never ran", func(s *script) string {
			s.look()
			s.look("build", "scan")
			sha := usual(s).merge("squash")
			s.look("build", "scan")
			s.look()
			return sha
		}, map[string]string{"changes-checked": "exception"}, "scan: required by the branch's rules, and it never ran"},
		{"a required check whose rule came meanwhile never ran", func(s *script) string {
			s.look()
			sha := usual(s).merge("squash")
			s.look("audit")
			s.look()
			return sha
		}, map[string]string{"changes-checked": "not evaluated"}, "whether audit was required when it was merged (it never ran)"},
		{"a required check failed, which the rules of today do not ask for", func(s *script) string {
			s.look()
			s.look("build", "scan")
			sha := usual(s).check("scan", "FAILURE", false).merge("squash")
			s.look("build", "scan")
			s.look()
			return sha
		}, map[string]string{"changes-checked": "exception"}, "scan: required by the branch's rules, and it ended otherwise than well: failure"},
		{"a required check failed, whose rule went meanwhile", func(s *script) string {
			s.look("build", "scan")
			sha := usual(s).check("scan", "FAILURE", false).merge("squash")
			s.look()
			return sha
		}, map[string]string{"changes-checked": "not evaluated"}, "whether scan was required when it was merged (it ended otherwise than well: failure)"},
		{"no ticket", func(s *script) string {
			p := usual(s)
			p.item["title"] = "Mend the till"
			s.git("switch", "-q", "main")
			s.git("merge", "-q", "--squash", fmt.Sprint("topic", p.n))
			s.git("commit", "-q", "-m", "Mend the till")
			p.end(1)
			return s.tip()
		}, map[string]string{"changes-name-ticket": "exception"}, ""},
		{"infrastructure with one reviewer", func(s *script) string { return usual(s, "infra/one.tf").merge("squash") }, map[string]string{"infrastructure-reviewed": "exception", "code-owners-approved": "exception"}, "infra/one.tf"},
		{"infrastructure with two", func(s *script) string { return usual(s, "infra/two.tf").approve("cy").merge("squash") }, map[string]string{"infrastructure-reviewed": "met"}, "cy (@org/ops) for infra/"},
		{"a bot's, approved by a person", func(s *script) string {
			return green(s.propose("dependabot").push("dependabot").approve("bo")).merge("squash")
		}, map[string]string{"bot-changes-reviewed": "met"}, ""},
		{"a bot's, approved by a bot", func(s *script) string {
			return green(s.propose("dependabot").push("dependabot").approve("mergebot")).merge("squash")
		}, map[string]string{"changes-reviewed": "exception", "code-owners-approved": "exception", "bot-changes-reviewed": "exception"}, "is no person"},
		{"a bot's, pushed directly", func(s *script) string { return s.commit("dependabot", "SHOP-7 bump") }, merged(direct("met"), map[string]string{"bot-changes-reviewed": "exception"}), ""},
		{"an emergency with a record", func(s *script) string {
			sha := s.commit("eve", "SHOP-8 stop the loss")
			record(s, "change-emergency", map[string]any{"id": "shop " + sha, "made_by": "eve", "made": s.at.Format(time.RFC3339), "approved_after_by": "bo", "approved_after": s.at.AddDate(0, 0, 1).Format(time.RFC3339)})
			return sha
		}, merged(direct("met"), map[string]string{"changes-by-pull-request": "explained", "changes-reviewed": "explained", "emergencies-in-time": "met"}), "an emergency, looked at by bo"},
		{"an emergency looked at too late", func(s *script) string {
			sha := s.commit("eve", "SHOP-8 stop it again")
			record(s, "change-emergency", map[string]any{"id": "shop " + sha, "made_by": "eve", "made": s.at.Format(time.RFC3339), "approved_after_by": "bo", "approved_after": s.at.AddDate(0, 0, 9).Format(time.RFC3339)})
			return sha
		}, merged(direct("met"), map[string]string{"emergencies-in-time": "exception"}), "after 2026-"},
		{"an emergency by its label", func(s *script) string {
			p := green(s.propose("ada").push("ada"))
			p.item["labels"] = map[string]any{"nodes": []any{map[string]any{"name": "hotfix"}}}
			sha := p.merge("squash")
			p.afterwards("bo", 1)
			return sha
		}, map[string]string{"changes-reviewed": "explained", "code-owners-approved": "explained", "emergencies-in-time": "met"}, "by its label hotfix, approved by bo"},
		{"an approval on paper", func(s *script) string {
			record(s, "change-approval", map[string]any{"id": "shop: SHOP-8 by hand", "requester": "eve", "approver": "bo", "approved": s.at.Format(time.RFC3339), "commits": []any{}})
			sha := s.commit("eve", "SHOP-8 by hand")
			s.records["change-approval"][len(s.records["change-approval"])-1]["id"] = "shop " + sha
			return sha
		}, merged(direct("met"), map[string]string{"changes-by-pull-request": "explained", "changes-reviewed": "explained"}), "by the record"},
		{"a change that is taken back", func(s *script) string { return usual(s).merge("squash") }, nil, ""},
		{"a revert", func(s *script) string {
			s.at = s.at.Add(time.Minute)
			s.git("revert", "--no-edit", "HEAD")
			return s.tip()
		}, direct("met"), ""},
		{"a revert of the revert", func(s *script) string {
			s.at = s.at.Add(time.Minute)
			s.git("revert", "--no-edit", "HEAD")
			return s.tip()
		}, direct("met"), ""},
		{"a cherry-pick", func(s *script) string {
			s.git("switch", "-q", "-c", "hot", "main~2")
			picked := s.commit("eve", "SHOP-3 picked", "src/picked.go")
			s.git("switch", "-q", "main")
			s.git("cherry-pick", "-x", picked)
			return s.tip()
		}, direct("met"), ""},
		{"an octopus", func(s *script) string {
			for _, b := range []string{"o1", "o2"} {
				s.git("switch", "-q", "-c", b, "main")
				s.commit("eve", "SHOP-4 "+b, b)
			}
			s.git("switch", "-q", "main")
			s.git("merge", "-q", "--no-ff", "-m", "SHOP-4 octopus", "o1", "o2")
			return s.tip()
		}, direct("met"), ""},
		{"a rename", func(s *script) string {
			p := s.propose("ada")
			s.at = s.at.Add(time.Minute)
			s.git("mv", "src/picked.go", "src/moved.go")
			s.git("commit", "-q", "-m", "SHOP-5 rename")
			return green(p.told("ada", s.tip(), "SHOP-5 rename", 1).approve("bo")).merge("squash")
		}, nil, ""},
		{"owners of its own", func(s *script) string {
			p := s.propose("eve")
			s.write("CODEOWNERS", "* @eve\n")
			return green(p.push("eve").approve("cy")).merge("squash")
		}, map[string]string{"code-owners-approved": "exception"}, "@bo"},
		{"owners as before again", func(s *script) string {
			p := s.propose("ada")
			s.write("CODEOWNERS", owners)
			return green(p.push("ada").approve("eve")).merge("squash")
		}, nil, "eve (@eve) for *"},
		{"signed with SSH", func(s *script) string {
			key := filepath.Join(s.TempDir(), "key")
			if out, err := exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key).CombinedOutput(); err != nil {
				s.Fatalf("ssh-keygen: %v %s", err, out)
			}
			s.git("-c", "gpg.format=ssh", "-c", "user.signingkey="+key, "commit", "-q", "--allow-empty", "-S", "-m", "SHOP-6 signed")
			return s.tip()
		}, direct("met"), ""},
	}
}

const owners = "* @bo @eve\nsrc/ @bo @eve # people\ninfra/ @org/ops\n"

func merged(a, b map[string]string) map[string]string {
	out := maps.Clone(a)
	maps.Copy(out, b)
	return out
}

// Every case of the rules over changes is planted once in a repository; each is found
// with its data, and nothing is found that was not planted.
func TestScriptedForge(t *testing.T) {
	s := newScript(t)
	s.write("CODEOWNERS", owners)
	s.look()
	root := s.commit("ada", "SHOP-0 begin")
	planted := map[string]plant{root: {name: "the first commit", want: direct("met")}}
	for _, p := range plants() {
		before := s.tip()
		sha := p.make(s)
		// What was pushed meanwhile is a change of its own, pushed directly; all commits
		// of a rebase came by its pull request.
		for _, c := range strings.Fields(s.git("rev-list", "--first-parent", before+".."+sha)) {
			subject := s.git("log", "-1", "--format=%s", c)
			if strings.Contains(subject, "meanwhile") || subject == "SHOP-2 both" {
				planted[c] = plant{name: p.name + ", meanwhile", want: direct("met")}
			} else {
				planted[c] = p
			}
		}
	}
	if _, err := exec.LookPath("gpg"); err == nil {
		sha := s.signPGP()
		planted[sha] = plant{name: "signed with OpenPGP", want: direct("met")}
	}
	s.look()
	in := s.collected(t)
	in.With["rules"], in.Past = s.looks[len(s.looks)-1].With["rules"], s.looks
	rules := joins()
	got := map[string]map[string]Finding{}
	for rule := range good() {
		in.Params = written{"ticket": `\b[A-Z][A-Z0-9]{1,9}-[1-9][0-9]*\b`, "reviewers": json.Number("2"), "paths": `(^|/)infra/`}
		for _, f := range rules[rule](in) {
			if got[f.Item] == nil {
				got[f.Item] = map[string]Finding{}
			}
			got[f.Item][rule] = f
		}
	}
	for sha, p := range planted {
		all := ""
		for rule, usually := range merged(good(), p.want) {
			f, found := got[sha][rule]
			if usually == "met" && rule == "changes-name-ticket" && strings.HasPrefix(subjectOf(in, sha), "SHOP-0") {
				usually = "exception" // no ticket has the number 0
			}
			if !found || f.word() != usually {
				t.Errorf("%s: %s is %q, want %q: %s %v", p.name, rule, f.word(), usually, f.Reason, f.Value)
			}
			all += fmt.Sprint(f.Reason, f.Value)
		}
		if !strings.Contains(all, p.says) {
			t.Errorf("%s: nothing says %q: %s", p.name, p.says, all)
		}
	}
	if len(got) != len(planted) {
		t.Errorf("%d changes, planted were %d", len(got), len(planted))
	}
	s.flows(t, in)
}

func subjectOf(in joining, sha string) string {
	for _, it := range in.Of.Items {
		if it.ID == sha {
			return written(fieldsOf(it.Answers["commit"])).text("subject")
		}
	}
	return ""
}

// signPGP makes a commit with a signature of OpenPGP.
func (s *script) signPGP() string {
	home := filepath.Join(s.dir, ".gnupg")
	if err := os.MkdirAll(home, 0o700); err != nil {
		s.Fatal(err)
	}
	cmd := exec.Command("gpg", "--homedir", home, "--batch", "--quiet", "--passphrase", "", "--quick-gen-key", "ada@example.com", "ed25519", "sign")
	if out, err := cmd.CombinedOutput(); err != nil {
		s.Fatalf("gpg: %v %s", err, out)
	}
	s.Cleanup(func() { _ = exec.Command("gpgconf", "--homedir", home, "--kill", "all").Run() })
	s.git("-c", "user.signingkey=ada@example.com", "commit", "-q", "--allow-empty", "-S", "-m", "SHOP-6 signed too")
	return s.tip()
}

// look is a run that saw which checks the rules of the branch ask for.
func (s *script) look(checks ...string) {
	s.at = s.at.Add(time.Second)
	rule := evidence.Item{ID: "example/shop@main", Answers: map[string]any{"branchProtectionRule": nil, "rules": nil}}
	if len(checks) > 0 {
		rule.Answers["branchProtectionRule"] = map[string]any{"requiresStatusChecks": true, "requiredStatusCheckContexts": anys(checks)}
	}
	at := evidence.Cell{Region: "shop", Source: "forge/branch-rule", State: evidence.Collected}
	s.looks = append(s.looks, joining{At: s.at, Run: fmt.Sprint("run ", len(s.looks)+1), Of: listing{Cells: []evidence.Cell{{Region: "shop", Source: git.Changes}}},
		With: map[string]listing{"rules": {Source: at.Source, Cells: []evidence.Cell{at}, Items: []Located{{Item: rule, Region: "shop", Source: at.Source}}}}})
	s.at = s.at.Add(time.Second)
}

// collected lists the repository as a run does and puts what the forge says beside it.
func (s *script) collected(t *testing.T) joining {
	t.Helper()
	period := Period{time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC)}
	snap, err := collect.Run(t.Context(), func() time.Time { return s.at }, collect.Plan{Tasks: git.Tasks(git.Config{
		Repositories: []git.Repository{{Name: "shop", Path: s.dir, Branch: "main"}}, Period: git.Period{Start: period.Start, End: period.End.AddDate(0, 0, 1)}, Now: func() time.Time { return s.at }})}, nil)
	if err != nil {
		t.Fatal(err)
	}
	in := joining{With: map[string]listing{}, Period: period, AsOf: s.at, At: s.at}
	for _, c := range snap.Cells {
		if c.Source != git.Changes {
			continue
		}
		b, err := snap.Files[c.Path].Bytes()
		if err != nil {
			t.Fatal(err)
		}
		items, err := evidence.ReadItems(b)
		if err != nil {
			t.Fatal(err)
		}
		in.Of = listing{Source: c.Source, Cells: []evidence.Cell{c}}
		for _, it := range items {
			in.Of.Items = append(in.Of.Items, Located{Item: it, Region: "shop", Source: c.Source})
		}
	}
	list := func(source string, items []evidence.Item) listing {
		l := listing{Source: source, Cells: []evidence.Cell{{Region: "shop", Source: source, State: evidence.Collected}}}
		for _, it := range items {
			l.Items = append(l.Items, Located{Item: it, Region: "shop", Source: source})
		}
		return l
	}
	var pulls, members []evidence.Item
	for _, p := range s.pulls {
		pulls = append(pulls, evidence.Item{ID: fmt.Sprintf("example/shop#%d", p["number"]), Answers: map[string]any{"pullRequest": plainJSON(t, p)}})
	}
	for who, team := range map[string]string{"ada": "web", "bo": "web", "cy": "ops", "eve": "web"} {
		members = append(members, evidence.Item{ID: "example/shop/" + who, Answers: map[string]any{"collaborator": plainJSON(t, map[string]any{"node": map[string]any{"login": who},
			"permissionSources": []any{map[string]any{"source": map[string]any{"__typename": "Team", "slug": team}}}})}})
	}
	in.With["pulls"], in.With["members"] = list("forge/pull-request", pulls), list("forge/member", members)
	suites := []evidence.Item{{ID: "example/shop@main", Answers: map[string]any{"asked": map[string]any{"from": "2026-02-20T00:00:00Z", "until": "2026-03-20T00:00:00Z"}}}}
	for i, one := range s.suites {
		suites = append(suites, evidence.Item{ID: fmt.Sprintf("example/shop/rule-suite/%d", i), Answers: map[string]any{"ruleSuite": plainJSON(t, one),
			"ruleEvaluations": []any{map[string]any{"result": "fail", "rule_type": "pull_request"}, map[string]any{"result": "pass", "rule_type": "deletion"}}}})
	}
	in.With["bypasses"] = list("forge/rule-suite", suites)
	for v, kind := range map[string]string{"approvals": "change-approval", "emergencies": "change-emergency"} {
		var items []evidence.Item
		for _, r := range s.records[kind] {
			items = append(items, evidence.Item{ID: r["id"].(string), Answers: map[string]any{"record": plainJSON(t, r)}})
		}
		in.With[v] = list("record/"+kind, items)
	}
	return in
}

// plainJSON is a value as it comes out of the evidence.
func plainJSON(t *testing.T, v any) map[string]any {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var out map[string]any
	if err := d.Decode(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

// flows holds the counts and the links between changes against git's own.
func (s *script) flows(t *testing.T, in joining) {
	t.Helper()
	f := flowsOf(in, nil)[0]
	want := strings.Fields(s.git("rev-list", "--first-parent", "main"))
	var got []string
	for _, l := range f.Lines {
		got = append(got, l.ID)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%d changes, git lists %d", len(got), len(want))
	}
	if f.ByPull+f.Direct+f.NotKnown != len(f.Lines) || f.NotKnown != 0 || f.Bots != 3 || f.Reverts != 2 || f.Merged != len(s.pulls) || len(f.Elsewhere) != 0 {
		t.Errorf("counts %d %d %d, %d by bots, %d reverts; the forge lists %d, %v of them elsewhere", f.ByPull, f.Direct, f.NotKnown, f.Bots, f.Reverts, f.Merged, f.Elsewhere)
	}
	line := map[string]ChangeLine{}
	for _, l := range f.Lines {
		line[l.ID] = l
	}
	for _, l := range f.Lines {
		switch {
		case strings.HasPrefix(l.Subject, `Revert "Revert`), strings.HasPrefix(l.Subject, `Reapply`):
			first := line[l.Undoes[0]]
			if len(first.Undoes) != 1 || !slices.Equal(line[first.Undoes[0]].UndoneBy, []string{first.ID}) || !slices.Equal(first.UndoneBy, []string{l.ID}) {
				t.Errorf("%s undoes %v, which undoes %v", l.Subject, l.Undoes, first.Undoes)
			}
		case l.Subject == "SHOP-3 picked" && l.PickedFrom == "":
			t.Error("nothing says that it was picked")
		case l.Subject == "SHOP-6 signed" && !strings.HasPrefix(l.Signature, "SSH SHA256:"), l.Subject == "SHOP-6 signed too" && !strings.HasPrefix(l.Signature, "OpenPGP "):
			t.Errorf("%s: signature %q", l.Subject, l.Signature)
		}
	}
}
