package render_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// A browser is a Chromium that opens pages from a folder, as an auditor's does. It
// is spoken to over two pipes (--remote-debugging-pipe): JSON ended by a zero byte.
type browser struct {
	tb      testing.TB
	in      *os.File
	mu      sync.Mutex
	last    int
	waits   map[int]chan answer
	session string
	said    []string // what went wrong on the pages: exceptions, console errors, refusals of the policy
	asked   []string // every address a page loaded
}

type answer struct {
	ID     int             `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
	Result json.RawMessage `json:"result"`
	Error  *struct {
		Message string `json:"message"`
	} `json:"error"`
}

// chromium starts one, or skips the test by its name where there is none.
func chromium(tb testing.TB) *browser {
	tb.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		if os.Getenv("EXHIBIT_REQUIRE_CHROMIUM") == "1" {
			tb.Fatal("no Chromium, and EXHIBIT_REQUIRE_CHROMIUM asks for one")
		}
		tb.Skip("no Chromium: what scripts do on the pages was not tested (Debian: chromium)")
	}
	theirIn, in, err := os.Pipe()
	if err != nil {
		tb.Fatal(err)
	}
	out, theirOut, err := os.Pipe()
	if err != nil {
		tb.Fatal(err)
	}
	profile := tb.TempDir()
	cmd := exec.Command(path, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
		"--disable-extensions", "--user-data-dir="+profile, "--remote-debugging-pipe", "--window-size=1280,900", "about:blank")
	cmd.ExtraFiles = []*os.File{theirIn, theirOut}
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	theirIn.Close()
	theirOut.Close()
	b := &browser{tb: tb, in: in, waits: map[int]chan answer{}}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		r := bufio.NewReaderSize(out, 1<<20)
		for {
			line, err := r.ReadBytes(0)
			if err != nil {
				return
			}
			var a answer
			if json.Unmarshal(line[:len(line)-1], &a) != nil {
				continue
			}
			b.mu.Lock()
			wait := b.waits[a.ID]
			delete(b.waits, a.ID)
			b.note(a)
			b.mu.Unlock()
			if wait != nil {
				wait <- a
			}
		}
	}()
	tb.Cleanup(func() {
		b.send("", "Browser.close", nil)
		_ = cmd.Wait() // it was told to close
		in.Close()
		out.Close()
		<-ended
	})
	var target struct{ TargetID string }
	b.do("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var s struct{ SessionID string }
	b.do("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &s)
	b.session = s.SessionID
	for _, domain := range []string{"Page", "Runtime", "Log", "Network"} {
		b.do(domain+".enable", nil, nil)
	}
	return b
}

// note keeps what went wrong and what was loaded.
func (b *browser) note(a answer) {
	switch a.Method {
	case "Runtime.exceptionThrown", "Log.entryAdded":
		b.said = append(b.said, string(a.Params))
	case "Network.requestWillBeSent":
		var p struct{ Request struct{ URL string } }
		if json.Unmarshal(a.Params, &p) == nil {
			b.asked = append(b.asked, p.Request.URL)
		}
	}
}

func (b *browser) send(session, method string, params any) chan answer {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.last++
	msg := map[string]any{"id": b.last, "method": method}
	if params != nil {
		msg["params"] = params
	}
	if session != "" {
		msg["sessionId"] = session
	}
	data, err := json.Marshal(msg)
	if err != nil {
		b.tb.Fatal(err)
	}
	wait := make(chan answer, 1)
	b.waits[b.last] = wait
	_, _ = b.in.Write(append(data, 0)) // a browser that is gone shows as an answer that does not come
	return wait
}

func (b *browser) do(method string, params, into any) {
	b.tb.Helper()
	select {
	case a := <-b.send(b.session, method, params):
		if a.Error != nil {
			b.tb.Fatalf("%s: %s", method, a.Error.Message)
		}
		if into != nil {
			if err := json.Unmarshal(a.Result, into); err != nil {
				b.tb.Fatalf("%s: %v", method, err)
			}
		}
	case <-time.After(time.Minute):
		b.tb.Fatalf("%s: no answer", method)
	}
}

// eval runs a script in the page, beside its policy, and returns what it gives as text.
func (b *browser) eval(script string) string {
	b.tb.Helper()
	var r struct {
		Result           struct{ Value any }
		ExceptionDetails any
	}
	b.do("Runtime.evaluate", map[string]any{"expression": script, "returnByValue": true, "awaitPromise": true, "userGesture": true}, &r)
	if r.ExceptionDetails != nil {
		b.tb.Fatalf("%s: %v", script, r.ExceptionDetails)
	}
	switch v := r.Result.Value.(type) {
	case string:
		return v
	case nil:
		return ""
	default:
		return fmt.Sprint(v)
	}
}

// open loads a page and waits until its scripts have run.
func (b *browser) open(url string) {
	b.tb.Helper()
	b.do("Page.navigate", map[string]any{"url": "about:blank"}, nil) // so that another fragment is another page
	b.do("Page.navigate", map[string]any{"url": url}, nil)
	page, _, _ := strings.Cut(url, "#")
	b.until(`document.readyState === 'complete' && location.href.split('#')[0] === ` + fmt.Sprintf("%q", page))
}

// until waits for a condition of the page.
func (b *browser) until(script string) {
	b.tb.Helper()
	for range 600 {
		if b.eval("Boolean("+script+")") == "true" {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	b.tb.Fatalf("it never became so: %s\non %s: %s", script, b.eval("location.href"), b.eval("document.body.innerText.slice(0, 600)"))
}

// key presses a key, or types a character.
func (b *browser) key(key string) {
	b.tb.Helper()
	down := map[string]any{"type": "keyDown", "key": key}
	codes := map[string]int{"Enter": 13, "Escape": 27, "ArrowDown": 40, "ArrowUp": 38, "Tab": 9}
	if code := codes[key]; code > 0 {
		down["windowsVirtualKeyCode"] = code
	} else {
		down["text"] = key
	}
	if key == "Enter" {
		down["text"] = "\r"
	}
	b.do("Input.dispatchKeyEvent", down, nil)
	b.do("Input.dispatchKeyEvent", map[string]any{"type": "keyUp", "key": key, "windowsVirtualKeyCode": codes[key]}, nil)
}

func (b *browser) typed(text string) {
	b.tb.Helper()
	for _, r := range text {
		b.key(string(r))
	}
}

// clean fails where a page said something went wrong, or loaded what is not in the folder.
func (b *browser) clean(folder string) {
	b.tb.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, s := range b.said {
		b.tb.Errorf("a page said: %s", s)
	}
	for _, u := range b.asked {
		if !strings.HasPrefix(u, "file://"+folder+"/") && u != "data:," && u != "about:blank" {
			b.tb.Errorf("a page loaded %s", u)
		}
	}
}

// onDisk writes a package to a folder.
func onDisk(tb testing.TB, files map[string][]byte) string {
	tb.Helper()
	dir := tb.TempDir()
	for p, data := range files {
		to := filepath.Join(dir, filepath.FromSlash(p))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(to, data, 0o644); err != nil {
			tb.Fatal(err)
		}
	}
	return dir
}
