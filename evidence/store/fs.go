package store

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"exhibit/evidence/store/objects"
)

// treeFS is a tree as a file system.
type treeFS struct {
	r    *Repository
	root objects.ID
	when time.Time
}

var (
	_ fs.ReadDirFS  = (*treeFS)(nil)
	_ fs.ReadFileFS = (*treeFS)(nil)
	_ fs.StatFS     = (*treeFS)(nil)
)

func (t *treeFS) lookup(op, name string) (e objects.Entry, err error) {
	if !fs.ValidPath(name) {
		return e, &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	if name == "." {
		return objects.Entry{Mode: objects.ModeDir, Name: ".", ID: t.root}, nil
	}
	e, err = t.r.objs.Lookup(t.root, name)
	if err == nil && e.Mode == 0 {
		err = fs.ErrNotExist
	}
	if err != nil {
		return e, &fs.PathError{Op: op, Path: name, Err: err}
	}
	return e, nil
}

var errIrregular = errors.New("a symbolic link or submodule, which is not followed")

func (t *treeFS) content(op, name string, e objects.Entry) ([]byte, error) {
	var err error
	switch e.Mode {
	case objects.ModeSymlink, objects.ModeSubmodule:
		err = errIrregular
	case objects.ModeDir:
		err = errors.New("is a folder")
	default:
		var b []byte
		if b, err = t.r.objs.ReadKind(e.ID, objects.Blob); err == nil {
			return b, nil
		}
	}
	return nil, &fs.PathError{Op: op, Path: name, Err: err}
}

// Open opens a file or folder.
func (t *treeFS) Open(name string) (fs.File, error) {
	e, err := t.lookup("open", name)
	if err != nil {
		return nil, err
	}
	if e.IsDir() {
		list, err := t.ReadDir(name)
		if err != nil {
			return nil, err
		}
		return &openDir{info: t.info(e, 0), list: list}, nil
	}
	b, err := t.content("open", name, e)
	if err != nil {
		return nil, err
	}
	return &openFile{Reader: bytes.NewReader(b), info: t.info(e, int64(len(b)))}, nil
}

// ReadFile returns a copy of a file's content.
func (t *treeFS) ReadFile(name string) ([]byte, error) {
	e, err := t.lookup("read", name)
	if err != nil {
		return nil, err
	}
	b, err := t.content("read", name, e)
	return slices.Clone(b), err
}

// ReadDir lists a folder, sorted by name.
func (t *treeFS) ReadDir(name string) ([]fs.DirEntry, error) {
	e, err := t.lookup("readdir", name)
	if err != nil {
		return nil, err
	}
	if !e.IsDir() {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: errors.New("not a folder")}
	}
	entries, err := t.r.objs.ReadTree(e.ID)
	if err != nil {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: err}
	}
	out := make([]fs.DirEntry, len(entries))
	for i, e := range entries {
		out[i] = dirEntry{t, path.Join(name, e.Name), e}
	}
	slices.SortFunc(out, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return out, nil
}

// Stat describes a file or folder.
func (t *treeFS) Stat(name string) (fs.FileInfo, error) {
	e, err := t.lookup("stat", name)
	if err != nil {
		return nil, err
	}
	return dirEntry{t, name, e}.Info()
}

func (t *treeFS) info(e objects.Entry, size int64) fs.FileInfo {
	return &fileInfo{e, size, t.when}
}

type fileInfo struct {
	e    objects.Entry
	size int64
	when time.Time
}

func (i *fileInfo) Name() string       { return i.e.Name }
func (i *fileInfo) Size() int64        { return i.size }
func (i *fileInfo) ModTime() time.Time { return i.when }
func (i *fileInfo) IsDir() bool        { return i.e.IsDir() }
func (i *fileInfo) Sys() any           { return nil }
func (i *fileInfo) Mode() fs.FileMode {
	switch i.e.Mode {
	case objects.ModeDir:
		return fs.ModeDir | 0o755
	case objects.ModeExecutable:
		return 0o755
	case objects.ModeSymlink:
		return fs.ModeSymlink | 0o777
	case objects.ModeSubmodule:
		return fs.ModeIrregular
	}
	return 0o644
}

type dirEntry struct {
	t    *treeFS
	path string
	e    objects.Entry
}

func (d dirEntry) Name() string      { return d.e.Name }
func (d dirEntry) IsDir() bool       { return d.e.IsDir() }
func (d dirEntry) Type() fs.FileMode { return d.t.info(d.e, 0).Mode().Type() }
func (d dirEntry) Info() (fs.FileInfo, error) {
	if !d.Type().IsRegular() {
		return d.t.info(d.e, 0), nil
	}
	b, err := d.t.content("stat", d.path, d.e)
	return d.t.info(d.e, int64(len(b))), err
}

type openFile struct {
	*bytes.Reader
	info fs.FileInfo
}

func (f *openFile) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *openFile) Close() error               { return nil }

type openDir struct {
	info fs.FileInfo
	list []fs.DirEntry
}

func (d *openDir) Stat() (fs.FileInfo, error) { return d.info, nil }
func (d *openDir) Close() error               { return nil }
func (d *openDir) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: d.info.Name(), Err: errors.New("is a folder")}
}

// ReadDir is that of fs.ReadDirFile.
func (d *openDir) ReadDir(n int) ([]fs.DirEntry, error) {
	if n <= 0 {
		n = len(d.list)
	} else if len(d.list) == 0 {
		return nil, io.EOF
	}
	n = min(n, len(d.list))
	out := d.list[:n]
	d.list = d.list[n:]
	return out, nil
}
