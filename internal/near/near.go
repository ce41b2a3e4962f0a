// Package near finds the word somebody meant when they mistyped one.
package near

import "strings"

// Word is the one of words that differs least from word, or "" when none is near:
// more letters than two, and a third of the word, are another word and no slip.
func Word(word string, words []string) string {
	// A long list would cost more than the advice is worth.
	if len(words) > 1000 {
		return ""
	}
	best, at := "", 1+min(len(word)/3, 2)
	for _, w := range words {
		if d := Distance(strings.ToLower(word), strings.ToLower(w)); d <= at && (best == "" || d < at) {
			best, at = w, d
		}
	}
	return best
}

// Distance is the number of letters to add, drop, change or swap with their
// neighbour to come from a to b. Long words are not compared: they are no typing
// mistake of each other, and the cost grows with both lengths.
func Distance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return max(len(a), len(b))
	}
	x, y := []rune(a), []rune(b)
	before, row := make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(x); i++ {
		next := make([]int, len(y)+1)
		next[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			next[j] = min(row[j]+1, next[j-1]+1, row[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, row = row, next
	}
	return row[len(y)]
}
