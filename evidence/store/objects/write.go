package objects

import (
	"bytes"
	"cmp"
	"compress/zlib"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// An Object is one to be written.
type Object struct {
	ID      ID // Sum(Kind, Content)
	Kind    Kind
	Content []byte
	// From is where the content lies that is not at hand; Content is nil then.
	From *io.SectionReader
}

func (o Object) size() int64 {
	if o.From != nil {
		return o.From.Size()
	}
	return int64(len(o.Content))
}

// NewObject names the object with this content.
func NewObject(k Kind, content []byte) Object {
	return Object{ID: Sum(k, content), Kind: k, Content: content}
}

// WritePack writes objects as one pack and its index, which are there whole or
// not at all: both are written beside their place and flushed to the disk, and
// the index, without which git does not look at a pack, is put in place last.
// The objects must differ from each other. The same objects in the same order
// give the same bytes.
func (s *Store) WritePack(objects []Object) (err error) {
	if len(objects) == 0 {
		return nil
	}
	dir := filepath.Join(s.dirs[0], "pack")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("writing pack: %w", err)
	}
	f, err := os.CreateTemp(dir, "tmp_exhibit_pack_")
	if err != nil {
		return fmt.Errorf("writing pack: %w", err)
	}
	defer func() { err = errors.Join(err, discard(f)) }()
	w := packWriter{f: f, sum: sha1.New()}
	if err := w.pack(objects); err != nil {
		return fmt.Errorf("writing pack: %w", err)
	}
	x, err := os.CreateTemp(dir, "tmp_exhibit_idx_")
	if err != nil {
		return fmt.Errorf("writing pack index: %w", err)
	}
	defer func() { err = errors.Join(err, discard(x)) }()
	if _, err := x.Write(w.index()); err != nil {
		return fmt.Errorf("writing pack index: %w", err)
	}
	base := filepath.Join(dir, fmt.Sprintf("pack-%x", w.trailer))
	var packed error
	var both sync.WaitGroup
	both.Go(func() { packed = flush(f, base+".pack") })
	err = flush(x, base+".idx")
	both.Wait()
	if err = cmp.Or(packed, err); err != nil {
		return err
	}
	for _, t := range []struct{ from, to string }{{f.Name(), base + ".pack"}, {x.Name(), base + ".idx"}} {
		if err := os.Rename(t.from, t.to); err != nil {
			return fmt.Errorf("writing %s: %w", t.to, err)
		}
	}
	if err := SyncDir(dir); err != nil {
		return err
	}
	return s.rescan()
}

// flush has a temporary file on the disk before it is renamed.
func flush(f *os.File, to string) error {
	if err := f.Chmod(0o444); err != nil {
		return fmt.Errorf("writing %s: %w", to, err)
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("writing %s: %w", to, err)
	}
	return nil
}

// discard closes a temporary file and removes it where it was not renamed.
func discard(f *os.File) error {
	err := f.Close()
	if rm := os.Remove(f.Name()); rm != nil && !errors.Is(rm, fs.ErrNotExist) {
		err = errors.Join(err, rm)
	}
	return err
}

// SyncDir flushes the names in a folder to the disk.
func SyncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // folders cannot be flushed there
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

type packWriter struct {
	f       *os.File
	sum     hash.Hash
	at      int64
	trailer []byte
	written []packed
}

type packed struct {
	id     ID
	offset int64
	crc    uint32
}

func (w *packWriter) write(b []byte) error {
	w.sum.Write(b)
	n, err := w.f.Write(b)
	w.at += int64(n)
	return err
}

func (w *packWriter) pack(objects []Object) error {
	head := []byte("PACK\x00\x00\x00\x02")
	if err := w.write(binary.BigEndian.AppendUint32(head, uint32(len(objects)))); err != nil {
		return err
	}
	w.written = make([]packed, 0, len(objects))
	// Deflated on all processors a batch at a time, written in order.
	batch := make([]bytes.Buffer, 512)
	deflaters := make([]*zlib.Writer, runtime.GOMAXPROCS(0))
	for i := range deflaters {
		z, err := zlib.NewWriterLevel(nil, zlib.BestSpeed)
		if err != nil {
			return err
		}
		deflaters[i] = z
	}
	var out []byte
	for len(objects) > 0 {
		n, bytes := 0, int64(0)
		for n < min(len(objects), len(batch)) && (n == 0 || bytes < batchBytes) {
			bytes += objects[n].size()
			n++
		}
		if err := deflate(objects[:n], batch, deflaters); err != nil {
			return err
		}
		out = out[:0]
		for i := range n {
			b := batch[i].Bytes()
			w.written = append(w.written, packed{objects[i].ID, w.at + int64(len(out)), crc32.ChecksumIEEE(b)})
			out = append(out, b...)
		}
		if err := w.write(out); err != nil {
			return err
		}
		objects = objects[n:]
	}
	w.trailer = w.sum.Sum(nil)
	_, err := w.f.Write(w.trailer)
	return err
}

// batchBytes bounds what is deflated in memory at a time.
const batchBytes = 64 << 20

func deflate(objects []Object, batch []bytes.Buffer, deflaters []*zlib.Writer) error {
	var next atomic.Int64
	var wait sync.WaitGroup
	errs := make([]error, len(deflaters))
	for i, z := range deflaters {
		wait.Go(func() {
			for {
				n := int(next.Add(1)) - 1
				if n >= len(objects) {
					return
				}
				b := &batch[n]
				b.Reset()
				b.Write(entryHeader(objects[n].Kind, int(objects[n].size())))
				z.Reset(b)
				err := objects[n].writeTo(z)
				if err = errors.Join(err, z.Close()); err != nil {
					errs[i] = err
					return
				}
			}
		})
	}
	wait.Wait()
	return errors.Join(errs...)
}

// writeTo writes the content. One that was read elsewhere a moment ago must
// still be what its id says: a pack must not hold another object under it.
func (o Object) writeTo(z io.Writer) error {
	if o.From == nil {
		_, err := z.Write(o.Content)
		return err
	}
	h := newHash(o.Kind, o.From.Size())
	if _, err := Copy(io.MultiWriter(z, h), io.NewSectionReader(o.From, 0, o.From.Size())); err != nil {
		return err
	}
	if ID(h.Sum(nil)) != o.ID {
		return fmt.Errorf("object %s is no longer what it was when it was named", o.ID)
	}
	return nil
}

func entryHeader(k Kind, size int) []byte {
	c := byte(k)<<4 | byte(size&15)
	size >>= 4
	var b []byte
	for size > 0 {
		b = append(b, c|0x80)
		c = byte(size & 0x7f)
		size >>= 7
	}
	return append(b, c)
}

// index is the .idx, version 2.
func (w *packWriter) index() []byte {
	slices.SortFunc(w.written, func(a, b packed) int { return bytes.Compare(a.id[:], b.id[:]) })
	b := make([]byte, 0, idxNames+len(w.written)*28+idxFooter)
	b = append(b, "\xfftOc\x00\x00\x00\x02"...)
	n := 0
	for first := range 256 {
		for n < len(w.written) && int(w.written[n].id[0]) == first {
			n++
		}
		b = binary.BigEndian.AppendUint32(b, uint32(n))
	}
	for _, o := range w.written {
		b = append(b, o.id[:]...)
	}
	for _, o := range w.written {
		b = binary.BigEndian.AppendUint32(b, o.crc)
	}
	var large []byte
	for _, o := range w.written {
		if o.offset < 1<<31 {
			b = binary.BigEndian.AppendUint32(b, uint32(o.offset))
			continue
		}
		b = binary.BigEndian.AppendUint32(b, 1<<31|uint32(len(large)/8))
		large = binary.BigEndian.AppendUint64(large, uint64(o.offset))
	}
	b = append(b, large...)
	b = append(b, w.trailer...)
	sum := sha1.Sum(b)
	return append(b, sum[:]...)
}
