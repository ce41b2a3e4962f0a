package table

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// names gives each id of one folder a file name that means the same on every
// system. An id that is not plainly a name, is a device on Windows, or differs
// only in case from an earlier one becomes (part of it and) a hash: what a
// resource, policy or vendor is called never chooses a path.
type names struct {
	of    map[string]string
	taken map[string]bool // lower-cased
}

func newNames() *names { return &names{of: map[string]string{}, taken: map[string]bool{}} }

func (n *names) name(id string) string {
	if got, ok := n.of[id]; ok {
		return got
	}
	name := slug(id)
	if !plainName(name) || n.taken[strings.ToLower(name)] {
		name = "x-" + Hash(id)
	}
	n.of[id] = name
	n.taken[strings.ToLower(name)] = true
	return name
}

// plainName accepts letters, digits, dot, underscore and hyphen, starting and
// ending with a letter or digit, at most 64 bytes, and no Windows device.
func plainName(id string) bool {
	if id == "" || len(id) > 64 {
		return false
	}
	for i := range len(id) {
		c := id[i]
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		if !letter && (i == 0 || i == len(id)-1 || c != '.' && c != '_' && c != '-') {
			return false
		}
	}
	if strings.HasPrefix(id, "x-") || strings.Contains(id, "..") {
		return false
	}
	stem, _, _ := strings.Cut(strings.ToLower(id), ".")
	switch stem {
	case "con", "prn", "aux", "nul", "index":
		return false
	}
	return !(len(stem) == 4 && (stem[:3] == "com" || stem[:3] == "lpt") && stem[3] >= '0' && stem[3] <= '9')
}

// Hash is the first twelve hex digits of the SHA-256 of parts joined by NUL:
// enough to tell apart what one package holds, short enough to cite.
func Hash(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:6])
}

// FileName is a file name for an id from outside: the id itself where it is
// plainly a name, a hash otherwise.
func FileName(id string) string { return newNames().name(id) }

// slug is a source as a file name: "kms/key" is "kms-key".
func slug(source string) string { return strings.ReplaceAll(source, "/", "-") }
