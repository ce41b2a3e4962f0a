package forgetest

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A Forge is a real Gitea on loopback with nothing in it.
type Forge struct {
	t       testing.TB
	Address string // http://127.0.0.1:port
	dir     string
}

const password = "correct-horse-9"

// Gitea starts the Gitea that EXHIBIT_GITEA names, with a folder of its own, until
// the test ends; without that the test is skipped. A binary that has its files beside
// it and not in it is started with those. "carol" administers it.
func Gitea(t testing.TB) *Forge {
	t.Helper()
	binary := os.Getenv("EXHIBIT_GITEA")
	if binary == "" {
		t.Skip("EXHIBIT_GITEA names no Gitea")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	_ = l.Close() // Gitea takes it over
	f := &Forge{t: t, Address: fmt.Sprintf("http://127.0.0.1:%d", port), dir: t.TempDir()}
	root, user := "", os.Getenv("USER")
	if os.Getuid() == 0 {
		root, user = "I_AM_BEING_UNSAFE_RUNNING_AS_ROOT = true\n", "root"
	}
	static := ""
	if beside := filepath.Dir(binary); exists(filepath.Join(beside, "options")) {
		static = "STATIC_ROOT_PATH = " + beside + "\n"
	}
	ini := fmt.Sprintf(`APP_NAME = Gitea
RUN_USER = %s
%s[server]
PROTOCOL = http
HTTP_ADDR = 127.0.0.1
HTTP_PORT = %d
ROOT_URL = %s/
DISABLE_SSH = true
OFFLINE_MODE = true
%s[database]
DB_TYPE = sqlite3
PATH = %s/gitea.db
[security]
INSTALL_LOCK = true
SECRET_KEY = not-a-secret
[service]
DISABLE_REGISTRATION = true
[log]
MODE = console
LEVEL = error
[cron]
ENABLED = false
[cron.update_checker]
ENABLED = false
[actions]
ENABLED = false
[mailer]
ENABLED = false
[repository]
DEFAULT_BRANCH = main
[session]
PROVIDER = memory
`, user, root, port, f.Address, static, f.dir)
	config := filepath.Join(f.dir, "app.ini")
	if err := os.WriteFile(config, []byte(ini), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) *exec.Cmd {
		cmd := exec.Command(binary, append(args, "--config", config, "--work-path", f.dir)...)
		cmd.Env = append(os.Environ(), "HOME="+f.dir, "USER="+user)
		return cmd
	}
	if out, err := run("migrate").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if out, err := run("admin", "user", "create", "--admin", "--username", "carol", "--password", password, "--email", "carol@example.com", "--must-change-password=false").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	web := run("web")
	var said bytes.Buffer
	web.Stdout, web.Stderr = &said, &said
	if err := web.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = web.Process.Kill() // gone already is as good
		_ = web.Wait()
	})
	for range 300 {
		if resp, err := http.Get(f.Address + "/api/healthz"); err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return f
			}
		}
		time.Sleep(200 * time.Millisecond)
	}
	t.Fatalf("Gitea did not start:\n%s", said.String())
	return nil
}

// Call asks the API as somebody, and fails the test unless it is done. Gitea takes in
// what was pushed after it answers: so what it refuses is tried again for a while.
func (f *Forge) Call(who, method, path string, body any) map[string]any {
	f.t.Helper()
	var status int
	var answer []byte
	for range 30 {
		var b []byte
		if body != nil {
			b, _ = json.Marshal(body) // maps of plain values
		}
		req, err := http.NewRequest(method, f.Address+"/api/v1"+path, bytes.NewReader(b))
		if err != nil {
			f.t.Fatal(err)
		}
		req.SetBasicAuth(who, password)
		req.Header.Set("Content-Type", "application/json")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			f.t.Fatal(err)
		}
		answer, _ = io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if status = resp.StatusCode; status < 300 {
			var out map[string]any
			_ = json.Unmarshal(answer, &out) // an empty body is as good
			return out
		}
		time.Sleep(500 * time.Millisecond)
	}
	f.t.Fatalf("%s %s as %s: %d %s", method, path, who, status, answer)
	return nil
}

// Person makes an account.
func (f *Forge) Person(login string) {
	f.t.Helper()
	f.Call("carol", "POST", "/admin/users", map[string]any{"username": login, "email": login + "@example.com", "password": password, "must_change_password": false, "full_name": strings.ToUpper(login[:1]) + login[1:]})
}

// Token makes a token of somebody with scopes.
func (f *Forge) Token(who string, scopes ...string) string {
	f.t.Helper()
	token, _ := f.Call(who, "POST", "/users/"+who+"/tokens", map[string]any{"name": strings.Join(scopes, " "), "scopes": scopes})["sha1"].(string)
	return token
}

// A Clone is a working copy.
type Clone struct {
	f    *Forge
	dir  string
	repo string
}

// Clone clones a repository.
func (f *Forge) Clone(repo string) *Clone {
	f.t.Helper()
	c := &Clone{f: f, dir: filepath.Join(f.dir, "clones", strings.ReplaceAll(repo, "/", "-")), repo: repo}
	if err := os.MkdirAll(c.dir, 0o700); err != nil {
		f.t.Fatal(err)
	}
	c.Git("carol", "init", "-q", "-b", "main")
	c.Git("carol", "remote", "add", "origin", f.Address+"/"+repo+".git")
	return c
}

// Git runs git as somebody: its author, its committer, and who it signs in as.
func (c *Clone) Git(who string, args ...string) string {
	c.f.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = c.dir
	login := "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(who+":"+password))
	cmd.Env = append(os.Environ(), "HOME="+c.f.dir, "GIT_CONFIG_NOSYSTEM=1", "GIT_TERMINAL_PROMPT=0", "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=http.extraHeader", "GIT_CONFIG_VALUE_0="+login,
		"GIT_AUTHOR_NAME="+who, "GIT_AUTHOR_EMAIL="+who+"@example.com", "GIT_COMMITTER_NAME="+who, "GIT_COMMITTER_EMAIL="+who+"@example.com")
	out, err := cmd.CombinedOutput()
	if err != nil {
		c.f.t.Fatalf("git %s as %s: %v\n%s", strings.Join(args, " "), who, err, out)
	}
	return strings.TrimSpace(string(out))
}

// Commit writes a file and commits it, and returns the commit.
func (c *Clone) Commit(who, file, message string) string {
	c.f.t.Helper()
	if err := os.WriteFile(filepath.Join(c.dir, file), []byte(message+"\n"), 0o600); err != nil {
		c.f.t.Fatal(err)
	}
	c.Git(who, "add", file)
	c.Git(who, "commit", "-q", "-m", message)
	return c.Git(who, "rev-parse", "HEAD")
}
