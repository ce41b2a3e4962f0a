package objects

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
)

// A Store reads the objects of one repository.
type Store struct {
	dirs  []string // this repository's objects folder, then its alternates'
	cache cache

	mu    sync.Mutex
	packs []*pack
	known map[string]bool // paths of the packs opened
}

// Open reads the list of packs of an objects folder (".git/objects") and of
// its alternates. Close it when done.
func Open(dir string) (*Store, error) {
	s := &Store{known: map[string]bool{}, cache: newCache(16 << 20)}
	if err := s.addDir(dir, 0); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if err := s.rescan(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Store) addDir(dir string, depth int) error {
	if depth > 5 {
		return fmt.Errorf("opening %s: alternates more than five deep", dir)
	}
	if fi, err := os.Stat(dir); err != nil {
		return fmt.Errorf("opening objects: %w", err)
	} else if !fi.IsDir() {
		return fmt.Errorf("opening objects: %s is not a folder", dir)
	}
	s.dirs = append(s.dirs, dir)
	b, err := os.ReadFile(filepath.Join(dir, "info", "alternates"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("opening objects: %w", err)
	}
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		if !filepath.IsAbs(line) {
			line = filepath.Join(dir, line)
		}
		if err := s.addDir(line, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// rescan opens packs that appeared since the last look.
func (s *Store) rescan() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, dir := range s.dirs {
		names, err := filepath.Glob(filepath.Join(globEscape(dir), "pack", "pack-*.idx"))
		if err != nil {
			return fmt.Errorf("opening objects: %w", err)
		}
		for _, name := range names {
			if s.known[name] {
				continue
			}
			p, err := openPack(name)
			if errors.Is(err, fs.ErrNotExist) {
				continue // git gc removed it between the listing and now
			}
			if err != nil {
				return fmt.Errorf("opening %s: %w", name, err)
			}
			s.known[name] = true
			s.packs = append(s.packs, p)
		}
	}
	return nil
}

// globEscape keeps a folder's own name from being read as a pattern.
func globEscape(dir string) string {
	if filepath.Separator == '\\' {
		return dir // Glob has no escape there
	}
	return strings.NewReplacer("*", `\*`, "?", `\?`, "[", `\[`, `\`, `\\`).Replace(dir)
}

// Close closes the packs.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, p := range s.packs {
		errs = append(errs, p.close())
	}
	s.packs = nil
	return errors.Join(errs...)
}

// locate finds the pack that holds an object.
func (s *Store) locate(id ID) (*pack, int64, error) {
	s.mu.Lock()
	packs := s.packs
	s.mu.Unlock()
	for i, p := range packs {
		offset, ok, err := p.index.find(id)
		if err != nil {
			return nil, 0, err
		}
		if ok {
			if i > 0 {
				s.front(p)
			}
			return p, offset, nil
		}
	}
	return nil, 0, nil
}

// front makes the pack that answered last the first one asked.
func (s *Store) front(p *pack) {
	s.mu.Lock()
	defer s.mu.Unlock()
	packs := make([]*pack, 0, len(s.packs))
	packs = append(packs, p)
	for _, q := range s.packs {
		if q != p {
			packs = append(packs, q)
		}
	}
	s.packs = packs
}

// Has reports whether an object is there, without reading it.
func (s *Store) Has(id ID) (bool, error) {
	p, _, err := s.locate(id)
	if err != nil || p != nil {
		return p != nil, err
	}
	for _, dir := range s.dirs {
		if _, err := os.Stat(loosePath(dir, id)); err == nil {
			return true, nil
		}
	}
	return false, nil
}

// Read returns the kind and content of an object.
func (s *Store) Read(id ID) (Kind, []byte, error) {
	k, b, err := s.read(id, 0)
	if err != nil {
		return 0, nil, fmt.Errorf("reading object %s: %w", id, err)
	}
	return k, b, nil
}

// ReadKind returns the content of an object that must be of one kind.
func (s *Store) ReadKind(id ID, want Kind) ([]byte, error) {
	k, b, err := s.Read(id)
	if err != nil {
		return nil, err
	}
	if k != want {
		return nil, fmt.Errorf("reading object %s: %w: a %s where a %s belongs", id, ErrCorrupt, k, want)
	}
	return b, nil
}

func (s *Store) read(id ID, depth int) (Kind, []byte, error) {
	for pass := range 2 {
		p, offset, err := s.locate(id)
		if err != nil {
			return 0, nil, err
		}
		if p != nil {
			return s.readPacked(p, offset, depth)
		}
		for _, dir := range s.dirs {
			k, b, err := readLoose(loosePath(dir, id))
			if !errors.Is(err, fs.ErrNotExist) {
				return k, b, err
			}
		}
		// It may have been packed since the packs were listed.
		if pass == 0 {
			if err := s.rescan(); err != nil {
				return 0, nil, err
			}
		}
	}
	return 0, nil, ErrMissing
}

func loosePath(dir string, id ID) string {
	name := id.String()
	return filepath.Join(dir, name[:2], name[2:])
}

// maxObject bounds what one object may ask to be allocated.
const maxObject = 1 << 31

func readLoose(path string) (Kind, []byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, nil, err
	}
	defer f.Close()
	z, err := zlib.NewReader(f)
	if err != nil {
		return 0, nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	b, err := io.ReadAll(io.LimitReader(z, maxObject))
	if err != nil {
		return 0, nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	head, content, ok := bytes.Cut(b, []byte{0})
	word, size, spaced := strings.Cut(string(head[:min(len(head), 32)]), " ")
	k, err := parseKind(word)
	if !ok || !spaced || err != nil || size != strconv.Itoa(len(content)) {
		return 0, nil, fmt.Errorf("%w: %s", ErrCorrupt, path)
	}
	return k, content, nil
}
