// Package seal fixes a set of files so that somebody who trusts none of us can
// see whether anything was changed, added, removed, renamed or put in another
// order since. It imports the standard library only, takes no clock and no
// randomness, and is the whole of what the auditor's verifier runs.
//
// # Words
//
//   - manifest: the file SHA256SUMS, one line for each sealed file;
//   - seal: the small text SEAL.txt, which fixes one manifest and says what it
//     is, who made it, when they claim to have made it and what came before;
//   - signature: SEAL.txt.sig, an OpenSSH signature (SSHSIG) over the seal;
//   - run: one collection, sealed in the evidence repository under runs/<name>/;
//   - package: the rendered site handed to the auditor, sealed at its root;
//   - chain: the runs in order, each naming the seal of the one before; a
//     package names the newest run it was made from;
//   - allowed signers: the list, kept by the auditor and received by another
//     way than the package, of whose key is whose;
//   - review: a second signature over a seal, by somebody else than the one who sealed;
//   - full package: the one that withholds nothing, of which a package for one
//     recipient keeps something back (withheld.go);
//   - level: one separate thing a verifier can say: content, signer, chain,
//     origin, time. A level never borrows from another one.
//
// # A manifest looks like this
//
//	5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03  README.txt
//	1121cfccd5913f0a63fec40a6ffd44ea64f9dc135c66634ba001d10bcf4302a2  artifacts/users.csv
//
// It is what GNU sha256sum prints and checks, in a stricter form: sorted by the
// bytes of the path, each path once, no two paths that differ only in case,
// LF after every line, and only paths that mean the same on every system.
//
// # A seal looks like this
//
//	# Exhibit seal v1
//	# kind: package
//	# organisation: Example Ltd
//	# period: 2026-01-01..2026-12-31
//	# run: 0004-20261001T060000Z
//	# commit: 1b7c0f7ad0f1e9f4f0a5b2a6c7d8e9fa0b1c2d3e
//	# chain: 4fd1…(64 hex digits: SHA-256 of runs/0004-20261001T060000Z/SEAL.txt)
//	# previous: none
//	# previous token: none
//	# claimed: 2026-10-01T06:00:03Z
//	# tool: exhibit 0.1.0
//	# files: 412
//	# root: 9a0e…(64 hex digits: RFC 6962 tree hash over the lines of the manifest)
//	c0ff…(64 hex digits)  SHA256SUMS
//
// sha256sum skips lines that start with #, so "sha256sum -c SEAL.txt" checks
// the manifest. A run's last line names runs/<name>/SHA256SUMS, and its paths
// are relative to the root of the evidence repository. A seal over invented
// data has a second line "# SAMPLE: …", which every verifier shows.
//
// Some seals have further headers behind the root: "# reviewers: 1" where the one who
// sealed asks for a second signature, "# for: NAME" and "# full: …" (64 hex digits:
// SHA-256 of full/SEAL.txt) in a package that withholds something.
//
// # A signature looks like this
//
//	-----BEGIN SSH SIGNATURE-----
//	U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAg…
//	-----END SSH SIGNATURE-----
//
// It is OpenSSH's PROTOCOL.sshsig: Ed25519 over SHA-512, in the namespace
// exhibit-seal-v1 for a seal and exhibit-review-v1 for a reviewer.
//
// # What lies where
//
//	package/SHA256SUMS SEAL.txt SEAL.txt.sig         seal of the package
//	package/SEAL.txt.review1.sig                     a reviewer's signature, where there is one
//	package/full/                                    what a package withholds (withheld.go)
//	package/runs/<name>/SHA256SUMS SEAL.txt SEAL.txt.sig   copies, for the chain
//	repository/runs/<name>/SHA256SUMS SEAL.txt SEAL.txt.sig   beside RUN.json …
//
// # Rules
//
// Every reader is strict: what it accepts, the writer would have written, byte
// for byte. The manifest lists every file of a package but the seal's own
// (SHA256SUMS, SEAL.txt, SEAL.txt.sig, SEAL.txt.sig.tsr, SEAL.txt.review1.sig and on). Nothing in a package
// says whom to trust. What cannot be known is Unknown, never Held.
package seal
