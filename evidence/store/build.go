package store

import (
	"crypto/sha256"
	"errors"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"exhibit/evidence"
	"exhibit/evidence/store/objects"
	"exhibit/seal"
)

// A builder collects the objects of one commit that the repository lacks.
type builder struct {
	objs *objects.Store
	out  []objects.Object
	have map[objects.ID]bool
}

func (b *builder) add(o objects.Object) error {
	if b.have[o.ID] {
		return nil
	}
	b.have[o.ID] = true
	there, err := b.objs.Has(o.ID)
	if err == nil && !there {
		b.out = append(b.out, o)
	}
	return err
}

// tree is a tree after the writes, which are sorted by path and relative to it
// from byte skip on. Only folders that change are read.
func (b *builder) tree(id objects.ID, writes []write, skip int) (objects.ID, error) {
	entries, err := b.objs.ReadTree(id)
	if err != nil {
		return id, err
	}
	at := make(map[string]int, len(entries))
	for i, e := range entries {
		at[e.Name] = i
	}
	set := func(e objects.Entry) {
		if i, ok := at[e.Name]; ok {
			entries[i] = e
			return
		}
		at[e.Name] = len(entries)
		entries = append(entries, e)
	}
	for len(writes) > 0 {
		w := writes[0]
		name, _, deeper := strings.Cut(w.path[skip:], "/")
		if !deeper {
			if w.gone {
				set(objects.Entry{Name: name})
			} else {
				set(objects.Entry{Mode: w.mode, Name: name, ID: w.id})
			}
			writes = writes[1:]
			continue
		}
		prefix := w.path[:skip] + name + "/"
		n := 1
		for n < len(writes) && strings.HasPrefix(writes[n].path, prefix) {
			n++
		}
		var old objects.ID
		if i, ok := at[name]; ok && entries[i].IsDir() {
			old = entries[i].ID
		}
		sub, err := b.tree(old, writes[:n], len(prefix))
		if err != nil {
			return id, err
		}
		if sub.IsZero() {
			set(objects.Entry{Name: name})
		} else {
			set(objects.Entry{Mode: objects.ModeDir, Name: name, ID: sub})
		}
		writes = writes[n:]
	}
	entries = slices.DeleteFunc(entries, func(e objects.Entry) bool { return e.Mode == 0 })
	if len(entries) == 0 {
		return objects.ID{}, nil
	}
	content, err := objects.FormatTree(entries)
	if err != nil {
		return id, err
	}
	o := objects.NewObject(objects.Tree, content)
	if o.ID == id {
		return id, nil
	}
	return o.ID, b.add(o)
}

// manifest lists what a run seals: every file of the tree, but for the folders
// of other runs. The sums of what the run collected are known; all else is read,
// from what is to be written or from the repository.
func (r *Repository) manifest(files []file, known map[string][sha256.Size]byte, writes []write) (seal.Manifest, error) {
	type job struct {
		path    string
		id      objects.ID
		content evidence.Content
	}
	jobs := make([]job, 0, len(files)+len(writes))
	touched := make(map[string]bool, len(writes))
	for _, w := range writes {
		touched[w.path] = true
		if !w.gone {
			jobs = append(jobs, job{w.path, w.id, w.content})
		}
	}
	for _, f := range files {
		if !touched[f.path] && !strings.HasPrefix(f.path, "runs/") {
			jobs = append(jobs, job{path: f.path, id: f.ID})
		}
	}
	slices.SortFunc(jobs, func(a, b job) int { return strings.Compare(a.path, b.path) })
	m := make(seal.Manifest, len(jobs))
	err := parallel(len(jobs), func(i int) error {
		j := jobs[i]
		m[i].Path = j.path
		if sum, ok := known[j.path]; ok {
			m[i].Sum = sum
			return nil
		}
		content := j.content
		if !content.Exists() {
			b, err := r.objs.ReadKind(j.id, objects.Blob)
			if err != nil {
				return err
			}
			content = evidence.InMemory(b)
		}
		sum, err := sumOf(content)
		m[i].Sum = sum
		return err
	})
	return m, err
}

// sumOf is the SHA-256 of a content.
func sumOf(c evidence.Content) (sum [sha256.Size]byte, err error) {
	h := sha256.New()
	_, err = objects.Copy(h, c.Open())
	h.Sum(sum[:0])
	return sum, err
}

// parallel calls do for 0 to n-1 on all processors.
func parallel(n int, do func(i int) error) error {
	workers := min(runtime.GOMAXPROCS(0), n)
	errs := make([]error, workers)
	var next atomic.Int64
	var wait sync.WaitGroup
	for w := range workers {
		wait.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if err := do(i); err != nil {
					errs[w] = err
					return
				}
			}
		})
	}
	wait.Wait()
	return errors.Join(errs...)
}
