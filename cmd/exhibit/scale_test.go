package main

import (
	"encoding/json"
	"flag"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// TestRecipes reads the recipes of docs/scale.md as those who run them would, and
// every command of exhibit's in them with the flags it has.
func TestRecipes(t *testing.T) {
	text, err := os.ReadFile("../../docs/scale.md")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, m := range regexp.MustCompile("(?ms)^```(yaml|json|sh)\n(.*?)^```$").FindAllSubmatch(text, -1) {
		kind := string(m[1])
		seen[kind]++
		switch kind {
		case "yaml":
			var v map[string]any
			d := yaml.NewDecoder(strings.NewReader(string(m[2])))
			if err := d.Decode(&v); err != nil || len(v) < 4 {
				t.Errorf("%v in\n%s", err, m[2])
			}
			if jobs, ok := v["jobs"].(map[string]any); ok {
				for _, name := range []string{"plan", "shard", "merge"} {
					if job, ok := jobs[name].(map[string]any); !ok || job["runs-on"] == nil || job["steps"] == nil {
						t.Errorf("the job %s is not whole: %v", name, jobs[name])
					}
				}
			} else if v["kind"] != "Job" || v["spec"].(map[string]any)["completionMode"] != "Indexed" {
				t.Errorf("neither a workflow nor an Indexed Job:\n%s", m[2])
			}
		case "json":
			var v struct {
				ContainerProperties struct {
					Command []string `json:"command"`
				} `json:"containerProperties"`
			}
			if err := json.Unmarshal(m[2], &v); err != nil || len(v.ContainerProperties.Command) != 3 {
				t.Errorf("%v in\n%s", err, m[2])
			}
		}
	}
	if seen["yaml"] != 2 || seen["json"] != 1 || seen["sh"] != 2 {
		t.Errorf("the blocks are %v", seen)
	}
	asked := 0
	for _, line := range regexp.MustCompile(`exhibit (collect|merge|evidence) [^\n"`+"`"+`&|]*`).FindAllString(string(text), -1) {
		line = strings.ReplaceAll(strings.ReplaceAll(line, "${{ matrix.n }}", "1"), "$i/$SHARDS", "1/2")
		words := strings.Fields(line)
		for _, c := range commands() {
			if c.name != words[1] {
				continue
			}
			asked++
			fs := flag.NewFlagSet("", flag.ContinueOnError)
			fs.SetOutput(io.Discard)
			c.setup(fs)
			if _, err := parseMixed(fs, words[2:]); err != nil && !strings.Contains(line, "---") {
				t.Errorf("%s: %v", line, err)
			}
		}
	}
	if asked < 10 {
		t.Errorf("%d commands of exhibit's", asked)
	}
}
