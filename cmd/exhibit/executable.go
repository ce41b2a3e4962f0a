package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"exhibit/seal"
)

// RUN.json names the sha256 of what collected it. Hashing two executables takes
// longer than all else a short run does itself, so that a sum is kept in .exhibit
// and taken again as long as the file system says that the file is the same one.
// What is kept is signed with the key that seals: who could forge a sum could as well
// seal a run that names another.

// A filed is what a file system says of a file, by which it is known again. The
// time of the last change of the inode is set by the kernel alone.
type filed struct {
	Path              string
	Device, Inode     uint64
	Size              int64
	Modified, Changed int64 // ns since 1970
}

// A knownSum is what is kept of an executable.
type knownSum struct {
	File      filed
	Sum       string // sha256 in hex
	Signature string // SSHSIG over the two above
}

// settled is how long before it is hashed a file must have been left alone, so that
// no change after it has the same time: file systems count time in steps.
const settled = 2 * time.Second

// hash begins to hash an executable; the channel gives the sum in hex, or "" when
// it cannot be read or there is none. With a key the sum is kept in a folder.
func hash(path, folder string, key seal.Key) <-chan string {
	sum := make(chan string, 1)
	go func() {
		defer close(sum)
		if path == "" {
			return
		}
		f, err := os.Open(path)
		if err != nil {
			return
		}
		defer f.Close()
		was, can := identifyFile(f, path)
		can = can && !key.Public.IsZero()
		kept := filepath.Join(folder, filepath.Base(path)+".sha256")
		if can {
			if s := recall(kept, was, key); s != "" {
				sum <- s
				return
			}
		}
		began := time.Now()
		h := sha256.New()
		if _, err := io.Copy(h, f); err != nil {
			return
		}
		s := hex.EncodeToString(h.Sum(nil))
		sum <- s
		now, same := identifyFile(f, path)
		if can && same && now == was && began.Add(-settled).UnixNano() > max(was.Modified, was.Changed) {
			remember(kept, was, s, key)
		}
	}()
	return sum
}

// recall is the sum that was kept of a file; "" for none that holds.
func recall(kept string, f filed, key seal.Key) string {
	b, err := os.ReadFile(kept)
	if err != nil {
		return ""
	}
	var k knownSum
	if json.Unmarshal(b, &k) != nil || k.File != f {
		return ""
	}
	by, err := seal.VerifySignature([]byte(k.Signature), k.text(), namespaceSum)
	if err != nil || by != key.Public {
		return ""
	}
	return k.Sum
}

// remember keeps a sum. Where that fails the file is hashed again the next time.
func remember(kept string, f filed, sum string, key seal.Key) {
	k := knownSum{File: f, Sum: sum}
	sig, err := key.Sign(namespaceSum, k.text())
	if err != nil {
		return
	}
	k.Signature = string(sig)
	b, err := json.Marshal(k)
	if err != nil || os.MkdirAll(filepath.Dir(kept), 0o700) != nil {
		return
	}
	t, err := os.CreateTemp(filepath.Dir(kept), ".exhibit-sum-")
	if err != nil {
		return
	}
	_, err = t.Write(append(b, '\n'))
	if t.Close() != nil || err != nil || os.Rename(t.Name(), kept) != nil {
		_ = os.Remove(t.Name()) // what could not be written is of no use
	}
}

// namespaceSum is of signatures that no allowed_signers file trusts for anything.
const namespaceSum = "exhibit-executable"

func (k knownSum) text() []byte {
	return fmt.Appendf(nil, "%q %d %d %d %d %d %s", k.File.Path, k.File.Device, k.File.Inode, k.File.Size, k.File.Modified, k.File.Changed, k.Sum)
}

// openKey is the key that seals where it lies open in a file, and no key where
// signing asks a person, an agent or AWS: the executables are hashed each time then.
func (j *job) openKey() seal.Key {
	if s := j.cfg.Signing; s.Agent != "" || s.KMS != "" || j.key.Public.IsZero() || j.key.Public.Kind() != seal.KindEd25519 {
		return seal.Key{}
	}
	return j.key
}
