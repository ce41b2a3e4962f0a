package site

import (
	"crypto/sha256"
	_ "embed" // for the four parts of the page
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// The parts of verify.html: the page, its style, what checks, and what shows.
var (
	//go:embed verify/page.html
	verifyPage string
	//go:embed verify/verify.css
	verifyStyle string
	//go:embed verify/core.js
	verifyCore string
	//go:embed verify/page.js
	verifyShow string
)

// VerifyPage is verify.html: one file that checks a package in a browser. It is
// the same in every package of a release, so that an auditor may keep one and
// compare its sum. The page allows itself one style and one script, by their
// hashes, and nothing else.
func VerifyPage() []byte {
	script := verifyCore + verifyShow
	return []byte(strings.NewReplacer(
		"{{style-hash}}", cspHash(verifyStyle), "{{script-hash}}", cspHash(script),
		"{{style}}", verifyStyle, "{{script}}", script,
	).Replace(verifyPage))
}

// VerifyPageSum is the hex SHA-256 of VerifyPage.
func VerifyPageSum() string {
	sum := sha256.Sum256(VerifyPage())
	return hex.EncodeToString(sum[:])
}

// cspHash is a text as a Content-Security-Policy names it.
func cspHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}
