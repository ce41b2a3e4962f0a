package sample

import (
	"bytes"
	"slices"

	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/plumbing/format/packfile"
	"github.com/go-git/go-git/v5/plumbing/storer"
	"github.com/go-git/go-git/v5/storage/filesystem"
	"github.com/go-git/go-git/v5/storage/memory"
)

// A packing is a bare repository whose objects are held until they are written as
// one pack: a file for each of some thousands takes longer than all else.
type packing struct {
	*filesystem.Storage // the rest
	objects             memory.ObjectStorage
}

// initPacking makes a bare repository in dir.
func initPacking(dir string) (*git.Repository, *packing, error) {
	p := &packing{filesystem.NewStorage(osfs.New(dir), cache.NewObjectLRUDefault()), memory.NewStorage().ObjectStorage}
	repo, err := git.InitWithOptions(p, nil, git.InitOptions{DefaultBranch: plumbing.NewBranchReferenceName("main")})
	return repo, p, err
}

// write writes the objects.
func (p *packing) write() error {
	var names []plumbing.Hash
	for h := range p.objects.Objects {
		names = append(names, h)
	}
	if len(names) == 0 {
		return nil
	}
	slices.SortFunc(names, func(a, b plumbing.Hash) int { return bytes.Compare(a[:], b[:]) })
	w, err := p.PackfileWriter()
	if err != nil {
		return err
	}
	if _, err := packfile.NewEncoder(w, &p.objects, false).Encode(names, 0); err != nil { // what differs is not looked for
		_ = w.Close() // the first error counts
		return err
	}
	return w.Close()
}

// NewEncodedObject and what follows are of the objects that are held.
func (p *packing) NewEncodedObject() plumbing.EncodedObject { return p.objects.NewEncodedObject() }

// SetEncodedObject takes an object.
func (p *packing) SetEncodedObject(o plumbing.EncodedObject) (plumbing.Hash, error) {
	return p.objects.SetEncodedObject(o)
}

// EncodedObject gives one.
func (p *packing) EncodedObject(t plumbing.ObjectType, h plumbing.Hash) (plumbing.EncodedObject, error) {
	return p.objects.EncodedObject(t, h)
}

// HasEncodedObject looks for one.
func (p *packing) HasEncodedObject(h plumbing.Hash) error { return p.objects.HasEncodedObject(h) }

// EncodedObjectSize is how long one is.
func (p *packing) EncodedObjectSize(h plumbing.Hash) (int64, error) {
	return p.objects.EncodedObjectSize(h)
}

// IterEncodedObjects gives all of a type.
func (p *packing) IterEncodedObjects(t plumbing.ObjectType) (storer.EncodedObjectIter, error) {
	return p.objects.IterEncodedObjects(t)
}
