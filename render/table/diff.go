package table

import (
	"slices"
	"strings"
	"unicode"
)

// Compare says line by line what changed from one text to the next, with three
// lines kept around each change and, in a line that was changed into another,
// the words.
func Compare(before, after []byte) []DiffLine {
	a, b := lines(before), lines(after)
	var all []DiffLine
	for _, op := range script(a, b) {
		all = append(all, DiffLine{Kind: op.kind, Text: op.text})
	}
	markWords(all)
	return around(all, 3)
}

func lines(text []byte) []string {
	s := strings.TrimRight(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n")
	if s == "" {
		return nil
	}
	return strings.Split(s, "\n")
}

type edit struct {
	kind byte
	text string
}

// mostCells bounds the table of the longest common subsequence: 16 MB.
const mostCells = 1 << 22

// script is the shortest list of edits from a to b; where the middle is too
// large to compare, all of it is shown as gone and new, which is true if long.
func script(a, b []string) []edit {
	var out []edit
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		out = append(out, edit{' ', a[0]})
		a, b = a[1:], b[1:]
	}
	var tail []edit
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		tail = append(tail, edit{' ', a[len(a)-1]})
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	slices.Reverse(tail)
	if (len(a)+1)*(len(b)+1) > mostCells {
		for _, s := range a {
			out = append(out, edit{'-', s})
		}
		for _, s := range b {
			out = append(out, edit{'+', s})
		}
		return append(out, tail...)
	}
	w := len(b) + 1
	common := make([]int32, (len(a)+1)*w)
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				common[i*w+j] = common[(i+1)*w+j+1] + 1
			} else {
				common[i*w+j] = max(common[(i+1)*w+j], common[i*w+j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			out = append(out, edit{' ', a[i]})
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && common[(i+1)*w+j] >= common[i*w+j+1]:
			out = append(out, edit{'-', a[i]})
			i++
		default:
			out = append(out, edit{'+', b[j]})
			j++
		}
	}
	return append(out, tail...)
}

// markWords pairs each run of gone lines with the new lines that follow it.
func markWords(all []DiffLine) {
	for i := 0; i < len(all); {
		if all[i].Kind != '-' {
			i++
			continue
		}
		j := i
		for j < len(all) && all[j].Kind == '-' {
			j++
		}
		k := j
		for k < len(all) && all[k].Kind == '+' {
			k++
		}
		for n := 0; n < min(j-i, k-j); n++ {
			old, now := &all[i+n], &all[j+n]
			for _, op := range script(words(old.Text), words(now.Text)) {
				switch op.kind {
				case ' ':
					old.Words = joinWord(old.Words, op.text, false)
					now.Words = joinWord(now.Words, op.text, false)
				case '-':
					old.Words = joinWord(old.Words, op.text, true)
				case '+':
					now.Words = joinWord(now.Words, op.text, true)
				}
			}
		}
		i = k
	}
}

func joinWord(ws []DiffWord, text string, changed bool) []DiffWord {
	if n := len(ws); n > 0 && ws[n-1].Changed == changed {
		ws[n-1].Text += text
		return ws
	}
	return append(ws, DiffWord{text, changed})
}

// words splits a line so that the parts joined are the line.
func words(s string) []string {
	var out []string
	start, space := 0, false
	for i, r := range s {
		if i > start && unicode.IsSpace(r) != space {
			out = append(out, s[start:i])
			start = i
		}
		space = unicode.IsSpace(r)
	}
	if start < len(s) {
		out = append(out, s[start:])
	}
	return out
}

// around keeps n lines about each change and says how many it left out.
func around(all []DiffLine, n int) []DiffLine {
	keep := make([]bool, len(all))
	for i, l := range all {
		if l.Kind != ' ' {
			for j := max(0, i-n); j <= min(len(all)-1, i+n); j++ {
				keep[j] = true
			}
		}
	}
	var out []DiffLine
	for i := 0; i < len(all); i++ {
		if keep[i] {
			out = append(out, all[i])
			continue
		}
		j := i
		for j < len(all) && !keep[j] {
			j++
		}
		out = append(out, DiffLine{Kind: '@', Text: Plural(j-i, "line", "lines") + " unchanged"})
		i = j - 1
	}
	return out
}
