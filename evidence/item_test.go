package evidence

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func TestItems(t *testing.T) {
	items := []Item{
		{ID: "b", Answers: map[string]any{"GetX": nil, "DescribeX": map[string]any{"Z": json.Number("9007199254740993"), "A": "<&>"}}},
		{ID: "a", Answers: map[string]any{"ListX": []any{}}, Gaps: []Gap{{Question: "GetY", Code: "AccessDenied", Message: "no"}}},
	}
	got, err := WriteItems(items)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"ListX":[],"gaps":[{"code":"AccessDenied","message":"no","question":"GetY"}],"id":"a"}
{"DescribeX":{"A":"<&>","Z":9007199254740993},"GetX":null,"id":"b"}
`
	if string(got) != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	back, err := ReadItems(got)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := WriteItems(back); err != nil || !bytes.Equal(again, got) {
		t.Errorf("read and written again: %v\n%s", err, again)
	}
	if v, asked := back[1].Answers["GetX"]; v != nil || !asked {
		t.Errorf("there is none must stay a fact: %v %t", v, asked)
	}
	if g, ok := back[0].Gap("GetY"); !ok || g.Code != "AccessDenied" {
		t.Errorf("the gap is lost: %+v", g)
	}
	if items[0].ID != "b" {
		t.Error("writing reordered the caller's items")
	}
}

func TestItemsRefused(t *testing.T) {
	for name, x := range map[string]struct {
		items []Item
		says  string
	}{
		"two with one id":        {[]Item{{ID: "a"}, {ID: "b"}, {ID: "a"}}, `two items with the id "a"`},
		"an operation called id": {[]Item{{ID: "a", Answers: map[string]any{"id": 1}}}, "cannot be the name of an operation"},
	} {
		if _, err := WriteItems(x.items); err == nil || !strings.Contains(err.Error(), x.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, x := range map[string]struct{ file, says string }{
		"cut in a line":    {`{"id":"a"}` + "\n" + `{"id":"b"`, "line 2: not ended by a newline"},
		"cut after a line": {`{"id":"a"}`, "line 1: not ended by a newline"},
		"no id":            {`{"ListX":{}}` + "\n", "line 1: item without an id"},
		"an empty line":    {`{"id":"a"}` + "\n\n", "line 2: "},
		"two on a line":    {`{"id":"a"} {"id":"b"}` + "\n", "line 1: "},
		"not an object":    {"[]\n", "line 1: "},
	} {
		if _, err := ReadItems([]byte(x.file)); err == nil || !strings.Contains(err.Error(), x.says) {
			t.Errorf("%s: %v, want %q", name, err, x.says)
		}
	}
}

func TestAnswered(t *testing.T) {
	supports := map[State]bool{Collected: true, Empty: true, NotInUse: true, RegionNotEnabled: true, ServiceNotInRegion: true, AccountSuspended: true, OutOfScope: true, Partial: true}
	for _, s := range []State{Collected, Empty, NotInUse, RegionNotEnabled, ServiceNotInRegion, AccountSuspended, OutOfScope, DeniedSCP, DeniedIdentity, DeniedResource,
		AccountUnreachable, Throttled, CredentialExpired, Partial, Truncated, Cancelled, Lost, Failed, "", "a state of a later version"} {
		if s.Answered() != supports[s] {
			t.Errorf("%q: answered %t", s, s.Answered())
		}
	}
}

// Whatever can be read can be written, and is then read as the same.
func FuzzReadItems(f *testing.F) {
	f.Add([]byte(`{"ListX":{"a":1.50,"b":[null,true]},"gaps":[{"question":"q","code":"c"}],"id":"a"}` + "\n"))
	f.Add([]byte("{}\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		items, err := ReadItems(b)
		if err != nil {
			return
		}
		one, err := WriteItems(items)
		if err != nil {
			return // two with one id
		}
		again, err := ReadItems(one)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v\n%s", err, one)
		}
		two, err := WriteItems(again)
		if err != nil || !bytes.Equal(one, two) {
			t.Fatalf("not canonical: %v\n%s%s", err, one, two)
		}
	})
}
