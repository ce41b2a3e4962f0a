package store

import (
	"fmt"
	"os"
	"testing"

	"exhibit/evidence"
	"exhibit/seal"
)

// More calls than one file takes are kept in parts, read as one list, and sealed.
func TestCallsInParts(t *testing.T) {
	var calls []evidence.Call
	for i := range 40_000 {
		calls = append(calls, evidence.Call{Account: "111122223333", Region: "eu-west-1", Source: "kms/key", Service: "kms", Operation: "DescribeKey", RequestID: fmt.Sprintf("request-%06d", i), Page: 1, Started: day(2), Ended: day(2)})
	}
	b, err := evidence.WriteLines(calls)
	if err != nil {
		t.Fatal(err)
	}
	if len(b) <= evidence.CallsBytes {
		t.Fatalf("%d bytes of calls fit into one file", len(b))
	}
	r := newRepo(t)
	s := snapshot(2, map[string][]byte{"111122223333/eu-west-1/kms-key.jsonl": line("a")})
	s.Calls = evidence.InMemory(b)
	s.Run.Calls = len(calls)
	tree, err := r.At(mustCommit(t, r, s))
	if err != nil {
		t.Fatal(err)
	}
	const run = "0001-20260102T060000Z"
	got, err := tree.Calls(run)
	if err != nil || len(got) != len(calls) || got[0].RequestID != calls[0].RequestID || got[len(got)-1].RequestID != calls[len(calls)-1].RequestID {
		t.Errorf("%d calls, %v, want %d in their order", len(got), err, len(calls))
	}
	whole(t, r.dir)
	entries, err := os.ReadDir(r.dir + "/runs/" + run)
	if err != nil {
		t.Fatal(err)
	}
	var parts []string
	for _, e := range entries {
		if evidence.HoldsCalls(e.Name()) {
			parts = append(parts, e.Name())
			if fi, err := e.Info(); err != nil || fi.Size() > evidence.CallsBytes {
				t.Errorf("%s has %d bytes, %v", e.Name(), fi.Size(), err)
			}
		}
	}
	if fmt.Sprint(parts) != "[calls-0001.jsonl calls-0002.jsonl]" {
		t.Errorf("files of calls: %v", parts)
	}
	res, err := seal.VerifyRuns(os.DirFS(r.dir), seal.Options{})
	if err != nil || res.State(seal.LevelContent) != seal.Held {
		t.Errorf("the run does not verify: %v %v", res, err)
	}
}
