package seal

import (
	"archive/zip"
	"bufio"
	"cmp"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"io"
	"io/fs"
	"math"
	"path"
	"slices"
	"strings"
)

// OpenZip opens the zip of a package without unpacking it. It refuses every
// zip that two programs could unpack differently, or that unpacks to something
// other than plain files in plain folders:
//
//   - names that CheckPath refuses, twice the same, or alike but for case;
//   - links, devices, encrypted entries, methods other than store and deflate;
//   - a local header that disagrees with the directory at the end;
//   - entries that overlap, or bytes between, before or after them, or after the
//     end of what is packed in them;
//   - extra fields other than dates, owners and long sizes: there is one that gives
//     the entry another name, which some programs follow and others do not; a kind
//     twice; long sizes where the short ones already say it, which some programs
//     believe and others do not;
//   - sizes that no deflated data can unpack to. What is read is never more
//     than the size that was declared.
func OpenZip(r io.ReaderAt, size int64) (fs.FS, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("opening the zip: %w", err)
	}
	var end [22]byte
	if _, err := r.ReadAt(end[:], size-22); err != nil || string(end[:4]) != "PK\x05\x06" || z.Comment != "" {
		return nil, fmt.Errorf("opening the zip: there is a comment, or bytes after the end")
	}
	dirAt, err := directory(end, size)
	if err != nil {
		return nil, fmt.Errorf("opening the zip: %w", err)
	}
	z.RegisterDecompressor(zip.Deflate, inflate)
	seen := newTwins(len(z.File))
	folders := map[string]bool{}
	for _, f := range z.File {
		if err := checkEntry(f, size > math.MaxUint32); err != nil {
			return nil, fmt.Errorf("opening the zip: %s: %w", Visible(f.Name), err)
		}
		if f.Mode().IsDir() {
			if folders[f.Name] {
				return nil, fmt.Errorf("opening the zip: %s is there twice", f.Name)
			}
			folders[f.Name] = true
			continue
		}
		if err := seen.add(f.Name); err != nil {
			return nil, fmt.Errorf("opening the zip: %w", err)
		}
	}
	for name := range folders {
		if err := seen.addFolder(name); err != nil {
			return nil, fmt.Errorf("opening the zip: %w", err)
		}
	}
	if err := checkLayout(r, size, dirAt, z.File); err != nil {
		return nil, fmt.Errorf("opening the zip: %w", err)
	}
	return z, nil
}

// directory is where the directory lies, by the record at the end; -1 for a zip too
// large for that record. archive/zip looks for the directory right before the
// record, whatever the record says; other programs believe it.
func directory(end [22]byte, size int64) (at int64, err error) {
	le := binary.LittleEndian
	disks, here, all := le.Uint32(end[4:]), le.Uint16(end[8:]), le.Uint16(end[10:])
	long, at := int64(le.Uint32(end[12:])), int64(le.Uint32(end[16:]))
	if all == math.MaxUint16 || long == math.MaxUint32 || at == math.MaxUint32 {
		return -1, nil
	}
	if disks != 0 || here != all || at+long+int64(len(end)) != size {
		return 0, fmt.Errorf("its directory does not lie where its end says")
	}
	return at, nil
}

// maxRatio is what deflate can reach at most: 258 bytes for two bits.
const maxRatio = 1032

// checkEntry looks at an entry of the directory; large is of a zip in which places
// take more than 32 bits.
func checkEntry(f *zip.File, large bool) error {
	name, mode := f.Name, f.Mode()
	if mode.IsDir() {
		trimmed, ok := strings.CutSuffix(name, "/")
		if !ok || f.UncompressedSize64 != 0 {
			return fmt.Errorf("a folder that holds bytes, or does not end with /")
		}
		name = trimmed
	}
	switch err := CheckPath(name); {
	case err != nil:
		return err
	case !mode.IsDir() && !mode.IsRegular():
		return fmt.Errorf("neither a plain file nor a folder")
	case f.Flags&(1<<0|1<<6|1<<13) != 0:
		return fmt.Errorf("encrypted")
	case !plainExtra(f.Extra, f.CompressedSize == math.MaxUint32 || f.UncompressedSize == math.MaxUint32 || large):
		return fmt.Errorf("an extra field that could give it another name or size")
	case f.Method != zip.Store && f.Method != zip.Deflate:
		return fmt.Errorf("packed with method %d, not stored or deflated", f.Method)
	case f.Method == zip.Store && f.CompressedSize64 != f.UncompressedSize64:
		return fmt.Errorf("stored with two different sizes")
	case f.UncompressedSize64/maxRatio > f.CompressedSize64 || f.UncompressedSize64 > math.MaxInt64/2:
		return fmt.Errorf("says it unpacks from %d to %d bytes, which no data can", f.CompressedSize64, f.UncompressedSize64)
	}
	return nil
}

// checkLayout walks the local headers, which archive/zip does not compare with
// the directory, and asks that the entries lie end to end.
func checkLayout(r io.ReaderAt, size, dirAt int64, files []*zip.File) error {
	type entry struct {
		f    *zip.File
		data int64
	}
	var entries []entry
	for _, f := range files {
		at, err := f.DataOffset()
		if err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
		entries = append(entries, entry{f, at})
	}
	slices.SortStableFunc(entries, func(a, b entry) int { return cmp.Compare(a.data, b.data) })
	at := int64(0)
	for _, e := range entries {
		data, err := localHeader(r, at, e.f)
		if err != nil {
			return fmt.Errorf("%s: %w", e.f.Name, err)
		}
		if data != e.data || e.f.CompressedSize64 > uint64(size-data) {
			return fmt.Errorf("%s: entries overlap, or there are bytes between them", e.f.Name)
		}
		if at, err = skipDescriptor(r, data+int64(e.f.CompressedSize64), e.f); err != nil {
			return fmt.Errorf("%s: %w", e.f.Name, err)
		}
	}
	if len(entries) > 0 && (!directoryAt(r, at) || dirAt >= 0 && at != dirAt) {
		return fmt.Errorf("there are bytes between the last entry and the directory")
	}
	return nil
}

// localHeader reads the header at an offset and gives the offset of its data.
func localHeader(r io.ReaderAt, at int64, f *zip.File) (int64, error) {
	var h [30]byte
	if _, err := r.ReadAt(h[:], at); err != nil {
		return 0, fmt.Errorf("reading its local header: %w", err)
	}
	le := binary.LittleEndian
	if le.Uint32(h[:]) != 0x04034b50 {
		return 0, fmt.Errorf("entries overlap, or there are bytes between them")
	}
	flags, method := le.Uint16(h[6:]), le.Uint16(h[8:])
	crc, packed, unpacked := le.Uint32(h[14:]), le.Uint32(h[18:]), le.Uint32(h[22:])
	name := make([]byte, le.Uint16(h[26:]))
	if _, err := r.ReadAt(name, at+30); err != nil {
		return 0, fmt.Errorf("reading its local header: %w", err)
	}
	if string(name) != f.Name || flags != f.Flags || method != f.Method {
		return 0, fmt.Errorf("its local header disagrees with the directory")
	}
	later := flags&8 != 0 // sizes and checksum follow the data
	agree := func(local uint32, central uint64) bool {
		return uint64(local) == central || local == math.MaxUint32 || later && local == 0
	}
	if crc != f.CRC32 && !(later && crc == 0) || !agree(packed, f.CompressedSize64) || !agree(unpacked, f.UncompressedSize64) {
		return 0, fmt.Errorf("its local header disagrees with the directory")
	}
	extra := make([]byte, le.Uint16(h[28:]))
	if _, err := r.ReadAt(extra, at+30+int64(len(name))); err != nil {
		return 0, fmt.Errorf("reading its local header: %w", err)
	}
	if !plainExtra(extra, later || packed == math.MaxUint32 || unpacked == math.MaxUint32) {
		return 0, fmt.Errorf("an extra field that could give it another name or size")
	}
	return at + 30 + int64(len(name)) + int64(len(extra)), nil
}

// plainExtra says that extra fields are whole, each there once, and of the kinds that
// zip programs write for every file: dates (NTFS, UT, UX), owners (ux), and, where
// the short ones do not say it, long sizes.
func plainExtra(b []byte, long bool) bool {
	le := binary.LittleEndian
	seen := []uint16{}
	for len(b) > 0 {
		if len(b) < 4 {
			return false
		}
		kind, n := le.Uint16(b), int(le.Uint16(b[2:]))
		if len(b) < 4+n || !slices.Contains([]uint16{0x0001, 0x000a, 0x5455, 0x5855, 0x7875}, kind) || kind == 0x0001 && !long || slices.Contains(seen, kind) {
			return false
		}
		seen = append(seen, kind)
		b = b[4+n:]
	}
	return true
}

// inflate unpacks like archive/zip, and refuses bytes after the end of the packed data.
func inflate(r io.Reader) io.ReadCloser {
	packed := bufio.NewReader(r) // flate takes no byte too many from a ByteReader
	return &inflated{packed, flate.NewReader(packed)}
}

type inflated struct {
	packed *bufio.Reader
	io.ReadCloser
}

func (f *inflated) Read(p []byte) (int, error) {
	n, err := f.ReadCloser.Read(p)
	if err == io.EOF {
		if _, more := f.packed.ReadByte(); more != io.EOF {
			return n, fmt.Errorf("there are bytes after the end of the packed data")
		}
	}
	return n, err
}

// skipDescriptor steps over the checksum and sizes that may follow the data:
// with or without a signature, with sizes of 4 or 8 bytes.
func skipDescriptor(r io.ReaderAt, at int64, f *zip.File) (int64, error) {
	if f.Flags&8 == 0 {
		return at, nil
	}
	le := binary.LittleEndian
	short := le.AppendUint32(le.AppendUint32(le.AppendUint32(nil, f.CRC32), uint32(f.CompressedSize64)), uint32(f.UncompressedSize64))
	long := le.AppendUint64(le.AppendUint64(le.AppendUint32(nil, f.CRC32), f.CompressedSize64), f.UncompressedSize64)
	signature := []byte("PK\x07\x08")
	for _, want := range [][]byte{slices.Concat(signature, long), slices.Concat(signature, short), long, short} {
		got := make([]byte, len(want))
		if _, err := r.ReadAt(got, at); err == nil && slices.Equal(got, want) && headerAt(r, at+int64(len(want))) {
			return at + int64(len(want)), nil
		}
	}
	return 0, fmt.Errorf("its sizes after the data disagree with the directory")
}

func headerAt(r io.ReaderAt, at int64) bool {
	var h [4]byte
	_, err := r.ReadAt(h[:], at)
	return err == nil && (string(h[:]) == "PK\x03\x04" || string(h[:]) == "PK\x01\x02")
}

func directoryAt(r io.ReaderAt, at int64) bool {
	var h [4]byte
	_, err := r.ReadAt(h[:], at)
	return err == nil && string(h[:]) == "PK\x01\x02"
}

// Inside is the one folder at the top of a file system that has nothing else
// at its top and no seal there, as when a folder was zipped and not its
// contents; else the file system itself.
func Inside(fsys fs.FS) fs.FS {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil || len(entries) != 1 || !entries[0].IsDir() {
		return fsys
	}
	if _, err := fs.Stat(fsys, path.Join(entries[0].Name(), SealName)); err != nil {
		return fsys
	}
	if sub, err := fs.Sub(fsys, entries[0].Name()); err == nil {
		return sub
	}
	return fsys
}
