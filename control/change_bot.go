package control

import "strings"

// botChangesReviewed: one finding for each change a program proposed, on whether a
// person approved it. It reads what changesReviewed reads.
func botChangesReviewed(in joining) []Finding {
	return judgeChanges(in, func(c change, f *Finding, value map[string]any) {
		switch {
		case c.pull == nil && c.unknown != "":
			f.Verdict, f.Reason = NotEvaluated, c.unknown
		case c.byBot():
			c.reviewed(f, value, 1)
		default:
			f.Verdict, f.Reason = NotApplicable, "no program proposed it"
		}
	})
}

// byBot reports whether a program proposed the change: by the forge, or where it came
// by no pull request by the address the commit gives as its author's.
func (c change) byBot() bool {
	if c.pull != nil {
		return c.pull.byBot()
	}
	return c.unknown == "" && strings.HasSuffix(strings.ToLower(c.how.text("author")), "[bot]@users.noreply.github.com")
}

// signature says in words what a commit carries. Nothing is verified: the key is what
// the signature itself names.
//
// The two keys GitHub signs with are those it gives at github.com/web-flow.gpg; it
// signs with them what is merged or edited on its own pages.
func (c change) signature() string {
	s := written(fieldsOf(c.commit["signature"]))
	key := s.text("key")
	switch kind := s.text("kind"); kind {
	case "", "none":
		return kind
	case "ssh":
		return strings.TrimSpace("SSH " + key)
	case "pgp":
		if strings.HasSuffix(key, "B5690EEEBB952194") || strings.HasSuffix(key, "4AEE18F83AFDEB23") {
			return "OpenPGP " + key + ", by name GitHub's own key"
		}
		return strings.TrimSpace("OpenPGP " + key)
	case "x509":
		return "X.509"
	}
	return "of a kind that is not known"
}
