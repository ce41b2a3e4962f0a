// Package withheld reads what people keep encrypted in an evidence repository:
// personal data of registers and records, as NAME.age beside or in place of NAME.
//
// Glossary:
//
//   - The ciphertext is what git keeps and what runs seal. It stays as it is.
//   - An identity is the key that opens it (age's word), X25519 or ssh-ed25519.
//     Whoever destroys the identity destroys the data, in every commit at once,
//     and no seal breaks.
//   - A view is the repository with the opened files in their places.
//
// Rules: what cannot be opened is said to be withheld, never to be absent; a
// file opened here is read like any other and written nowhere.
package withheld

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"filippo.io/age"
	"filippo.io/age/agessh"
)

// Keys are identities that may open files.
type Keys []age.Identity

// A File is one encrypted file.
type File struct {
	Path string // with .age
	Sum  string // hex sha256 of the ciphertext
	// Why says why it was not opened; "" when it was.
	Why string
}

// largest is the largest ciphertext read, in bytes: that of the largest table.
const largest = 17 << 20

// Identities reads a file of identities: age's own (AGE-SECRET-KEY-1…, one a
// line), or an unencrypted OpenSSH Ed25519 key.
func Identities(b []byte) (Keys, error) {
	if bytes.Contains(b, []byte("OPENSSH PRIVATE KEY")) {
		id, err := agessh.ParseIdentity(b)
		if err != nil {
			return nil, fmt.Errorf("reading an OpenSSH key: %w; write an age identity with age-keygen, or use a key without a passphrase", err)
		}
		return Keys{id}, nil
	}
	ids, err := age.ParseIdentities(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("reading age identities: %w", err)
	}
	return Keys(ids), nil
}

// Open gives the repository with what the identities open in its place, and lists
// all encrypted files, by path. destroyed says of paths that they count as gone,
// and why; they are not opened even where they could be.
func Open(repo fs.FS, identities Keys, destroyed map[string]string) (fs.FS, []File, error) {
	v := &view{FS: repo, files: map[string][]byte{}}
	var list []File
	for _, root := range []string{"registers", "records", "exceptions"} {
		err := fs.WalkDir(repo, root, func(p string, e fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) && p == root {
				return nil
			}
			if err != nil || e.IsDir() || path.Ext(p) != ".age" {
				return err
			}
			b, err := read(repo, p)
			if err != nil {
				return fmt.Errorf("reading %s: %w", p, err)
			}
			sum := sha256.Sum256(b)
			f := File{Path: p, Sum: hex.EncodeToString(sum[:])}
			plain := strings.TrimSuffix(p, ".age")
			_, statErr := fs.Stat(repo, plain)
			switch {
			case destroyed[p] != "":
				f.Why = destroyed[p]
			case statErr == nil:
				f.Why = "is not opened, because " + plain + " stands beside it unencrypted; take one away"
			case len(identities) == 0:
				f.Why = "no identity was given (EXHIBIT_AGE_IDENTITY, or people.age_identity in exhibit.yaml)"
			default:
				v.files[plain], f.Why = open(b, identities)
				if f.Why != "" {
					delete(v.files, plain)
				}
			}
			list = append(list, f)
			return nil
		})
		if err != nil {
			return nil, nil, err
		}
	}
	if len(v.files) == 0 {
		return repo, list, nil
	}
	return v, list, nil
}

// open is the plain text; why says why there is none.
func open(b []byte, identities Keys) (plain []byte, why string) {
	if len(b) > largest {
		return nil, fmt.Sprintf("is larger than %d bytes", largest)
	}
	r, err := age.Decrypt(bytes.NewReader(b), identities...)
	if err == nil {
		plain, err = io.ReadAll(io.LimitReader(r, largest))
	}
	var none *age.NoIdentityMatchError
	switch {
	case errors.As(err, &none):
		return nil, "none of the identities given opens it"
	case err != nil:
		return nil, "cannot be opened: " + strings.ReplaceAll(err.Error(), "\n", " ")
	}
	return plain, ""
}

func read(repo fs.FS, p string) ([]byte, error) {
	f, err := repo.Open(p)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, largest+1))
}

// A view is a repository with opened files in it.
type view struct {
	fs.FS
	files map[string][]byte // by path
}

// Open opens a file of the view.
func (v *view) Open(name string) (fs.File, error) {
	if b, ok := v.files[name]; ok {
		return &opened{Reader: bytes.NewReader(b), name: path.Base(name), size: int64(len(b))}, nil
	}
	f, err := v.FS.Open(name)
	if dir, ok := f.(fs.ReadDirFile); err == nil && ok {
		for p := range v.files {
			if path.Dir(p) == name {
				return &folder{ReadDirFile: dir, v: v, name: name}, nil
			}
		}
	}
	return f, err
}

// A folder is one in which a file was opened.
type folder struct {
	fs.ReadDirFile
	v    *view
	name string
	list []fs.DirEntry // what is left to be read; nil before the first time
	read bool
}

// ReadDir lists the folder as the view does.
func (f *folder) ReadDir(n int) ([]fs.DirEntry, error) {
	if !f.read {
		list, err := f.v.ReadDir(f.name)
		if err != nil {
			return nil, err
		}
		f.list, f.read = list, true
	}
	if n <= 0 {
		out := f.list
		f.list = nil
		return out, nil
	}
	if len(f.list) == 0 {
		return nil, io.EOF
	}
	out := f.list[:min(n, len(f.list))]
	f.list = f.list[len(out):]
	return out, nil
}

// ReadDir lists a folder with the opened files in it.
func (v *view) ReadDir(name string) ([]fs.DirEntry, error) {
	list, err := fs.ReadDir(v.FS, name)
	if err != nil {
		return nil, err
	}
	for p, b := range v.files {
		if path.Dir(p) == name {
			list = append(list, fs.FileInfoToDirEntry(&opened{name: path.Base(p), size: int64(len(b))}))
		}
	}
	slices.SortFunc(list, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return list, nil
}

// Lstat keeps what the repository says of symbolic links.
func (v *view) Lstat(name string) (fs.FileInfo, error) {
	if b, ok := v.files[name]; ok {
		return &opened{name: path.Base(name), size: int64(len(b))}, nil
	}
	return fs.Lstat(v.FS, name)
}

// ReadLink is the repository's.
func (v *view) ReadLink(name string) (string, error) { return fs.ReadLink(v.FS, name) }

// opened is a file of the view, and what is to be said of it.
type opened struct {
	*bytes.Reader
	name string
	size int64
}

func (o *opened) Stat() (fs.FileInfo, error) { return o, nil }
func (o *opened) Close() error               { return nil }
func (o *opened) Name() string               { return o.name }
func (o *opened) Size() int64                { return o.size }
func (o *opened) Mode() fs.FileMode          { return 0o444 }
func (o *opened) ModTime() time.Time         { return time.Time{} }
func (o *opened) IsDir() bool                { return false }
func (o *opened) Sys() any                   { return nil }
