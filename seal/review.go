package seal

import (
	"fmt"
	"path"
	"slices"
)

// A Review is a second signature that counts: somebody else than the one who sealed
// signed the same seal.
type Review struct {
	Of  string `json:"of"` // "package", or the name of a run
	By  string `json:"by"` // who, as the allowed signers name them
	Key string `json:"key"`
}

// reviewed is what the second signatures beside a seal come to.
type reviewed struct {
	by      []Review // those that count, each by another name
	unknown []string // keys of which nothing is known, because no list was given
}

// reviewsOf reads the second signatures beside a seal. One that does not fit, or by
// somebody who may not, is a problem; one that is missing is not, here.
func (v *verifier) reviewsOf(s sealed, of, dir string) (out reviewed) {
	for n := 1; n <= MaxReviews; n++ {
		file := path.Join(dir, ReviewName(n))
		if !v.tree.regular[file] || s.seal.Kind == "" {
			continue
		}
		sig, ok := v.read(file, maxSeal)
		if !ok {
			continue
		}
		key, err := VerifySignature(sig, s.text, NamespaceReview)
		if err != nil {
			v.r.problem(Unsigned, file, "%v", err)
			continue
		}
		who, err := v.judgeReview(key, s)
		switch {
		case err == errNoList:
			out.unknown = append(out.unknown, Fingerprint(key))
		case err == errUnlisted:
			v.r.problem(Unlisted, file, "%v: %s", err, Fingerprint(key))
		case err != nil:
			v.r.problem(Unsigned, file, "%v", err)
		case slices.ContainsFunc(out.by, func(r Review) bool { return r.By == who }):
			v.r.problem(Unsigned, file, "signed by %s, who signed a second time already", who)
		default:
			out.by = append(out.by, Review{of, who, Fingerprint(key)})
		}
	}
	return out
}

// judgeReview says who signed a second time. When they did is not known: a key whose
// time had run out before the seal was made could not have, and one that is revoked
// does not count.
func (v *verifier) judgeReview(key PublicKey, s sealed) (who string, err error) {
	if key == s.key {
		return "", fmt.Errorf("signed with the key that sealed: a second signature is by somebody else")
	}
	if slices.Contains(v.revoked, key) {
		return "", fmt.Errorf("signed by a key that is revoked, and nothing proves that it was signed before")
	}
	if !v.given {
		return "", errNoList
	}
	at := s.seal.Claimed
	if s.stamp != nil {
		at = s.stamp.Time
	}
	err = errUnlisted
	for _, l := range v.signers {
		if l.Key != key {
			continue
		}
		later := at
		if later.Before(l.ValidAfter) {
			later = l.ValidAfter // they may have signed later than it was sealed
		}
		if refusal := l.Allows(NamespaceReview, later); refusal != nil {
			err = fmt.Errorf("the key on line %d of the allowed signers is %w", l.Line, refusal)
			continue
		}
		for _, first := range v.signers {
			if first.Key == s.key && first.Principal == l.Principal {
				return "", fmt.Errorf("signed by %s, who sealed: a second signature is by somebody else", Visible(l.Principal))
			}
		}
		return l.Principal, nil
	}
	return "", err
}

// missing says what a seal asks for and does not have; "" where nothing is missing.
func (r reviewed) missing(s Seal) string {
	n := len(r.by) + len(r.unknown)
	if n >= s.Reviewers {
		return ""
	}
	return fmt.Sprintf("the seal asks for %s of a reviewer, and %s there", signatures(s.Reviewers), areThere(n))
}

func signatures(n int) string {
	if n == 1 {
		return "1 signature"
	}
	return fmt.Sprintf("%d signatures", n)
}

func areThere(n int) string {
	switch n {
	case 0:
		return "none is"
	case 1:
		return "1 is"
	}
	return fmt.Sprintf("%d are", n)
}

// packageReviews is the level of second signatures of a package. Its own is the one
// that counts: its seal names the newest run, and each run the one before.
func (v *verifier) packageReviews(p sealed, links []link) {
	if p.seal.Kind == "" {
		return
	}
	own := v.reviewsOf(p, "package", ".")
	if why := own.missing(p.seal); why != "" {
		v.r.problem(Unreviewed, SealName, "%s", why)
	}
	v.reviewLevel(own, p.seal, links)
}

// runReviews is the level of second signatures of an evidence repository.
func (v *verifier) runReviews(links []link) {
	if len(links) == 0 {
		return
	}
	v.reviewLevel(reviewed{}, Seal{}, links)
}

func (v *verifier) reviewLevel(own reviewed, s Seal, links []link) {
	ofPackage := s.Kind == KindPackage
	asks, signed, lacking, unknown := s.Reviewers > 0, 0, 0, own.unknown
	v.r.Reviews = append(v.r.Reviews, own.by...)
	for _, l := range links {
		r := v.reviewsOf(l.sealed, l.name, l.dir())
		v.r.Reviews = append(v.r.Reviews, r.by...)
		unknown = append(unknown, r.unknown...)
		asks = asks || l.seal.Reviewers > 0
		if len(r.by)+len(r.unknown) > 0 {
			signed++
		}
		if why := r.missing(l.seal); why != "" {
			if lacking++; !ofPackage {
				v.r.problem(Unreviewed, path.Join(l.dir(), SealName), "%s; exhibit countersign adds it", why)
			}
		}
	}
	if !asks && signed == 0 && len(own.by)+len(own.unknown) == 0 {
		return
	}
	runs := ""
	if len(links) > 0 {
		runs = fmt.Sprintf("; of its %d runs %s signed by a reviewer", len(links), areThere(signed))
		if ofPackage && lacking > 0 {
			runs += fmt.Sprintf(", and %d ask for it and are not: this seal names the newest run, and each run the one before", lacking)
		}
	}
	switch why := own.missing(s); {
	case why != "":
		v.r.level(LevelReview, Failed, "%s%s", why, runs)
	case !ofPackage && lacking > 0:
		v.r.level(LevelReview, Failed, "%d runs ask for a reviewer's signature and lack it%s", lacking, runs)
	case len(unknown) > 0:
		v.r.level(LevelReview, Unknown, "signed a second time with the key %s; no list of allowed signers was given, so whose it is, is not known%s", unknown[0], runs)
	case len(own.by) > 0:
		names := ""
		for i, r := range own.by {
			if i > 0 {
				names += ", "
			}
			names += Visible(r.By) + ", key " + r.Key
		}
		v.r.level(LevelReview, Held, "signed a second time by %s%s; when is not proved", names, runs)
	case ofPackage:
		v.r.level(LevelReview, NotChecked, "nobody signed this seal a second time, and it does not ask for it%s", runs)
	default:
		v.r.level(LevelReview, Held, "every run that asks for a reviewer's signature has it%s; when is not proved", runs)
	}
}

// Waits says that nothing is wrong but that reviewers have not signed yet.
func (r *Result) Waits() bool {
	for _, p := range r.Problems {
		if p.Kind != Unreviewed {
			return false
		}
	}
	return len(r.Problems) > 0
}

// Countersign makes a second signature over a SEAL.txt.
func Countersign(text []byte, key Key) ([]byte, error) {
	if _, err := ParseSeal(text); err != nil {
		return nil, fmt.Errorf("signing a second time: %w", err)
	}
	sig, err := key.Signed(NamespaceReview, text)
	if err != nil {
		return nil, fmt.Errorf("signing a second time: %w", err)
	}
	return sig, nil
}
