package seal

import (
	"fmt"
	"strings"
)

// VerifyText is the VERIFY.txt of a package: how to check it with tools that
// come with the system, what each command proves and what none can. The
// principal is the name that the allowed signers list for the key; page is the hex
// SHA-256 of the release's verify.html. It is one of the sealed files, so it can
// hold no hash of the seal.
func VerifyText(s Seal, principal, page string) []byte {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	who := principal
	if !shellSafe(principal) {
		who = "PRINCIPAL"
	}
	line("HOW TO VERIFY THIS PACKAGE")
	line("")
	line("Organisation: %s", Visible(s.Organisation))
	line("Period:       %s", s.Period)
	line("Newest run:   %s", s.Run)
	if s.For != "" {
		line("Made for:     %s", Visible(s.For))
		line("")
		line("Something is WITHHELD from this package: withheld.html names it, and step 8 below")
		line("shows that nothing else is.")
	}
	if s.Sample {
		line("")
		line("SAMPLE: this package was made from invented data for demonstration. It is NOT")
		line("evidence about any organisation.")
	}
	b.WriteString(strings.NewReplacer("{tool}", Visible(s.Tool), "{page}", page).Replace(verifyIntro))
	if who != principal {
		line("In the commands below write the name that your allowed_signers file has for the")
		line("key in place of PRINCIPAL.")
		line("")
	}
	withheld := ""
	if s.Full != "" {
		withheld = withheldStep
	}
	fill := strings.NewReplacer("{who}", who, "{namespace}", NamespaceSeal, "{review}", NamespaceReview)
	b.WriteString(fill.Replace(strings.Replace(verifySteps, "{withheld}", withheld, 1)))
	return []byte(b.String())
}

func shellSafe(s string) bool {
	return s != "" && s[0] != '-' && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@._+-") == ""
}

const verifyIntro = `
What is sealed: SHA256SUMS lists every file of this package with its hash.
SEAL.txt holds the hash of SHA256SUMS. SEAL.txt.sig is a signature over SEAL.txt.
Whoever changes one byte must change all three, and needs the private key for
the last.

Before you start: ask the organisation for its allowed_signers file BY ANOTHER
WAY than this package (in a meeting, by telephone, from its repository). It says
whose key is whose. One that came along with this package proves nothing:
whoever forged the one could forge the other. Save it NEXT TO this folder, not in
it, as ../allowed_signers below.

The exhibit-verify program does all of the below in one step:

    exhibit-verify --signers ../allowed_signers .

So does verify.html, in a browser, for the folder or the zip. The one in this
folder proves nothing against somebody who changed the folder: take it from the
release of {tool}, where it is the same file. Its SHA-256 is

    {page}

which the release publishes and "exhibit version" prints. Compare with one of
these: the line above came in this folder too.

The commands below do it without any program of ours. Run them in this folder, in
bash or zsh.
Do not open the folder in the macOS Finder before, or delete the .DS_Store files
it leaves: they would show up as added files.

`

// The commands are run by a test as they stand here: an indented line is a
// command, or goes on with the one before it.
const verifySteps = `LINUX
=====

1. Every listed file is there, unchanged:

    sha256sum --strict --quiet -c SHA256SUMS

   Silence is good. It does not see files that were ADDED, and it follows links;
   so:

2. Nothing was added, and everything is a plain file (prints what is not):

    ! LC_ALL=C comm -13 <({ cut -c67- SHA256SUMS; printf '%s\n' SHA256SUMS SEAL.txt SEAL.txt.sig SEAL.txt.sig.tsr SEAL.txt.review{1..9}.sig; } | LC_ALL=C sort) <(find . ! -type d -o -empty | cut -c3- | LC_ALL=C sort) | grep .

    ! find . ! -type f ! -type d | grep .

3. The list is the one that was sealed:

    sha256sum --strict -c SEAL.txt

4. The seal was signed with a key of {who}:

    ssh-keygen -Y verify -f ../allowed_signers -I {who} -n {namespace} -s SEAL.txt.sig < SEAL.txt

   "Good" is good. It says who signed, not when: see the end of this file. If
   the key has been retired since, add -Overify-time=YYYYMMDDhhmmss with the time
   claimed in SEAL.txt.

5. The runs (collections of evidence) that this package was made from follow each
   other without a break, each with its own seal and signature, and the newest
   is the one this package names (prints the broken ones):

    previous=none; for run in runs/[0-9]*/; do
      { grep -qx "# previous: $previous" "${run}SEAL.txt" && sha256sum --strict --status -c "${run}SEAL.txt" && ssh-keygen -q -Y verify -f ../allowed_signers -I {who} -n {namespace} -s "${run}SEAL.txt.sig" < "${run}SEAL.txt"; } || echo "BROKEN: $run"
      previous=$(sha256sum < "${run}SEAL.txt" | cut -c1-64)
    done | { ! grep .; } && grep -x "# chain: $(cat "$(ls -d runs/[0-9]*/ | tail -n 1)SEAL.txt" | sha256sum | cut -c1-64)" SEAL.txt

   If you kept a SEAL.txt from an earlier package, its "# chain:" must be the
   hash of one of the runs here. If it is not, the chain was rebuilt or
   shortened since:

    sha256sum runs/[0-9]*/SEAL.txt

6. Where there is a SEAL.txt.sig.tsr, a timestamp authority says that the signature
   beside it existed at that time. Get the authority's root certificate from the
   authority itself and save it as ../tsa-roots.pem. This prints each time, and
   NOT GOOD where one does not hold; it prints nothing where there is no timestamp:

    for t in SEAL.txt.sig.tsr runs/[0-9]*/SEAL.txt.sig.tsr; do [ -f "$t" ] || continue
      at=$(openssl ts -reply -in "$t" -text 2>/dev/null | sed -n 's/^Time stamp: //p')
      openssl ts -verify -in "$t" -data "${t%.tsr}" -CAfile ../tsa-roots.pem -attime "$(date -u -d "$at" +%s)" >/dev/null 2>&1 && echo "$t: $at" || echo "NOT GOOD: $t"
    done | awk '{ print } /^NOT GOOD/ { bad = 1 } END { exit bad }'

7. Where there is a SEAL.txt.review1.sig, a reviewer signed the same seal a second time;
   your allowed_signers file says who. This prints who, NOT GOOD where one does not
   hold, and MISSING where the seal asks for more than there are:

    { n=0; for s in SEAL.txt.review{1..9}.sig; do [ -f "$s" ] || continue
      by=$(ssh-keygen -Y find-principals -f ../allowed_signers -s "$s" 2>/dev/null | head -n 1)
      [ -n "$by" ] && [ "$by" != {who} ] && ssh-keygen -Y verify -f ../allowed_signers -I "$by" -n {review} -s "$s" < SEAL.txt && n=$((n+1)) || echo "NOT GOOD: $s"
    done; [ $n -ge $(sed -n 's/^# reviewers: //p' SEAL.txt | grep . || echo 0) ] || echo "MISSING: a second signature"; } | awk '{ print } /^NOT GOOD|^MISSING/ { bad = 1 } END { exit bad }'
{withheld}
MACOS
=====

As on Linux, in Terminal, with "shasum -a 256" for "sha256sum" in 1, 3 and 5; step
2 and step 4 are the same:

    shasum -a 256 --strict --quiet -c SHA256SUMS

    shasum -a 256 --strict -c SEAL.txt

WINDOWS
=======

In PowerShell, in this folder. Silence is good in 1, 2 and 3. For one file at a
time "certutil -hashfile NAME SHA256" prints the hash to compare with its line in
SHA256SUMS.

1.  Get-Content SHA256SUMS | ForEach-Object { $p = $_.Substring(66); if ((Get-FileHash -Algorithm SHA256 -LiteralPath $p).Hash -ne $_.Substring(0,64)) { "CHANGED $p" } }

2.  $listed = New-Object 'System.Collections.Generic.HashSet[string]'; Get-Content SHA256SUMS | ForEach-Object { [void]$listed.Add($_.Substring(66)) }; 'SHA256SUMS','SEAL.txt','SEAL.txt.sig','SEAL.txt.sig.tsr' | ForEach-Object { [void]$listed.Add($_) }; 1..9 | ForEach-Object { [void]$listed.Add("SEAL.txt.review$_.sig") }; Get-ChildItem -Recurse -Force | Where-Object { $_.LinkType -or -not $_.PSIsContainer } | ForEach-Object { $p = $_.FullName.Substring($PWD.Path.Length + 1).Replace('\','/'); if ($_.LinkType -or -not $listed.Contains($p)) { "ADDED $p" } }

3.  Get-Content SEAL.txt | Where-Object { $_ -notmatch '^#' } | ForEach-Object { if ((Get-FileHash -Algorithm SHA256 -LiteralPath SHA256SUMS).Hash -ne $_.Substring(0,64)) { "CHANGED SHA256SUMS" } }

4.  cmd /c "ssh-keygen -Y verify -f ../allowed_signers -I {who} -n {namespace} -s SEAL.txt.sig < SEAL.txt"

ONE FILE ALONE
==============

"exhibit proof NAME --to FOLDER" puts one file of this package into a folder with
what shows that it belongs here, and verify-proof.sh, which checks it there with
stock tools.

WHAT THIS PROVES
================

Steps 1 to 3: these are the files that were sealed, all of them and no others.
Step 4:       the holder of that key sealed them.
Step 5:       the runs are in order and none between them is gone.
Step 6:       those with a timestamp existed then, if you trust the authority.
Step 7:       a second person signed the same seal; when is not known.

WHAT IT DOES NOT PROVE
======================

- That what was sealed was true. Whoever could alter an answer before it was
  sealed, on the machine that collected, leaves no trace here. Compare a sample
  with AWS itself.
- When it was sealed, where there is no timestamp: "claimed" in SEAL.txt is what
  the clock of that machine said.
- That no earlier version of the chain existed. Whoever holds the key can build
  a new chain from the start. Keep SEAL.txt from each package: the next one must
  contain its run.
- That these pages follow from the evidence. "exhibit render --check", run in
  the evidence repository, makes them again and compares every byte.
`

// withheldStep is of a package that withholds something alone.
const withheldStep = `
8. Something is withheld from this package. The folder full/ holds the list, seal and
   signature of the package that withholds nothing; full/WITHHELD names the files of
   it that are not here, full/ALTERED those that are here with something taken out,
   each with the hash it has there. That list was sealed with the same key, and is the
   one this package names:

    ( cd full && sha256sum --strict -c SEAL.txt ) && ssh-keygen -Y verify -f ../allowed_signers -I {who} -n {namespace} -s full/SEAL.txt.sig < full/SEAL.txt && grep -x "# full: $(sha256sum < full/SEAL.txt | cut -c1-64)" SEAL.txt

   Nothing else differs from it (prints what does):

    ! { LC_ALL=C comm -3 <(LC_ALL=C comm -23 <(LC_ALL=C sort full/SHA256SUMS) <(LC_ALL=C sort SHA256SUMS)) <(cat full/WITHHELD full/ALTERED 2>/dev/null | LC_ALL=C sort)
      LC_ALL=C comm -3 <(LC_ALL=C comm -13 <(LC_ALL=C sort full/SHA256SUMS) <(LC_ALL=C sort SHA256SUMS) | cut -c67- | grep -v '^full/' | LC_ALL=C sort) <(cat full/ALTERED 2>/dev/null | cut -c67- | LC_ALL=C sort); } | grep .

   When a withheld file is shown to you after all, its sha256sum is the one that
   full/WITHHELD gives.
`
