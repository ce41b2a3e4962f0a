package site

import (
	"bytes"
	"regexp"
	"testing"
)

// The policy of the page allows the style and the script that stand in it, and a
// change of either changes the policy with it.
func TestVerifyPage(t *testing.T) {
	page := VerifyPage()
	if bytes.Contains(page, []byte("{{")) || bytes.Contains(page, []byte("\r")) {
		t.Error("a part is missing, or has line ends that browsers convert before they hash it")
	}
	for _, tag := range []string{"style", "script"} {
		inside := regexp.MustCompile(`(?s)<`+tag+`>(.*?)</`+tag+`>`).FindAllSubmatch(page, -1)
		if len(inside) != 1 || !bytes.Contains(page, []byte(tag+"-src '"+cspHash(string(inside[0][1]))+"'")) {
			t.Errorf("%d of <%s>, or another one than the policy names", len(inside), tag)
		}
	}
	for _, outside := range []string{"http:", "https:", "src=", "href=\"/", "fetch(", "innerHTML", "XMLHttpRequest", "import("} {
		if bytes.Contains(page, []byte(outside)) {
			t.Errorf("the page says %q", outside)
		}
	}
}
