package evidence

import (
	"bytes"
	"io"
)

// A Snapshot is what one run collected, ready to be kept as one commit by
// evidence/store. What grows with what was collected, the files and the calls,
// need not be in memory: whoever made the snapshot keeps it readable until it is
// committed.
type Snapshot struct {
	Run   Run
	Cells []Cell
	// Calls is calls.jsonl, as it will be kept.
	Calls Content
	// Files are the evidence files of the cells that were answered, by path from
	// the repository's root ("evidence/aws/…/kms-key.jsonl"). A cell of this run
	// whose path is not here has no file after the commit; files of cells this
	// run did not plan stay as they are.
	Files map[string]Content
}

// A Content is the bytes of one file: in memory, or a part of something larger.
// The zero value is that there is none.
type Content struct {
	from     io.ReaderAt
	at, size int64
}

// InMemory is a content that is at hand.
func InMemory(b []byte) Content { return Content{bytes.NewReader(b), 0, int64(len(b))} }

// Within is a content that lies in something larger.
func Within(r io.ReaderAt, at, size int64) Content { return Content{r, at, size} }

// Exists reports whether there is a content, an empty one included.
func (c Content) Exists() bool { return c.from != nil }

// Size is how many bytes there are.
func (c Content) Size() int64 { return c.size }

// Open reads the content from its beginning. Several may read at a time.
func (c Content) Open() *io.SectionReader {
	if c.from == nil {
		return io.NewSectionReader(bytes.NewReader(nil), 0, 0)
	}
	return io.NewSectionReader(c.from, c.at, c.size)
}

// Bytes reads all of it.
func (c Content) Bytes() ([]byte, error) {
	b := make([]byte, c.size)
	_, err := io.ReadFull(c.Open(), b)
	return b, err
}
