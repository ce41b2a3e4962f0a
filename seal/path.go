package seal

import (
	"fmt"
	"strings"
)

// CheckPath refuses a path that does not mean the same file on every system
// the package may be opened on, or that a stock tool could misread:
//
//	artifacts/CC6-access-control/users.csv   accepted
//	../x  /x  a//b  ./a                      not local
//	a\b   a b  é                             outside [A-Za-z0-9._/@=+-]
//	con.txt  x/NUL                           a device on Windows
//	-rf   dir./x                             read as a flag; loses its dot on Windows
func CheckPath(p string) error {
	if p == "" {
		return fmt.Errorf("empty path")
	}
	for i := range len(p) {
		if !pathByte(p[i]) {
			return fmt.Errorf("path %q: only letters, digits and . _ / @ = + - are allowed", p)
		}
	}
	for element := range strings.SplitSeq(p, "/") {
		switch {
		case element == "":
			return fmt.Errorf("path %q: starts or ends with / or has // in it", p)
		case element == "." || element == "..":
			return fmt.Errorf("path %q: %q in a path", p, element)
		case element[0] == '-':
			return fmt.Errorf("path %q: %q would be read as a flag", p, element)
		case element[len(element)-1] == '.':
			return fmt.Errorf("path %q: %q ends with a dot, which Windows drops", p, element)
		case len(element) > 255:
			return fmt.Errorf("path %q: a name longer than 255 bytes", p)
		case windowsDevice(element):
			return fmt.Errorf("path %q: %q is a device on Windows", p, element)
		}
	}
	return nil
}

func pathByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
		strings.IndexByte("._/@=+-", c) >= 0
}

// windowsDevice knows the names that Windows opens as a device whatever
// follows their first dot.
func windowsDevice(element string) bool {
	stem, _, _ := strings.Cut(strings.ToLower(element), ".")
	switch stem {
	case "con", "prn", "aux", "nul":
		return true
	}
	return len(stem) == 4 && (stem[:3] == "com" || stem[:3] == "lpt") && stem[3] >= '0' && stem[3] <= '9'
}

// twins finds paths that fall together on a system that ignores case, and a
// path used both as a file and as a folder.
type twins struct {
	spelt map[string]string // lower-cased file or folder -> as first spelt; folders end with /
}

func newTwins(n int) *twins { return &twins{spelt: make(map[string]string, n+n/4)} }

func (t *twins) add(path string) error {
	lower := strings.ToLower(path)
	if first, ok := t.spelt[lower]; ok {
		if first == path {
			return fmt.Errorf("path %q is there twice", path)
		}
		return fmt.Errorf("paths %q and %q differ only in case", first, path)
	}
	if folder, ok := t.spelt[lower+"/"]; ok {
		return fmt.Errorf("%q is both a folder and a file", strings.TrimSuffix(folder, "/"))
	}
	t.spelt[lower] = path
	for i := len(path) - 1; i > 0; i-- {
		if path[i] != '/' {
			continue
		}
		if t.spelt[lower[:i+1]] == path[:i+1] {
			return nil // so are the folders above it
		}
		if err := t.addFolder(path[:i+1]); err != nil {
			return err
		}
	}
	return nil
}

// addFolder takes one folder, without those above it; its name ends with /.
func (t *twins) addFolder(folder string) error {
	key := strings.ToLower(folder)
	if first, ok := t.spelt[key]; ok && first != folder {
		return fmt.Errorf("folders %q and %q differ only in case", first, folder)
	}
	if file, ok := t.spelt[key[:len(key)-1]]; ok {
		return fmt.Errorf("%q is both a folder and a file", file)
	}
	t.spelt[key] = folder
	return nil
}
