package main

import (
	"fmt"
	"path/filepath"
	"strings"
)

// completion prints a script that completes the commands' names.
func completion(w world, args []string) int {
	var names []string
	for _, c := range commands() {
		names = append(names, c.name)
	}
	words := strings.Join(append(names, "help", "version", "completion"), " ")
	shell := ""
	if len(args) == 1 {
		shell = args[0]
	}
	switch shell {
	case "bash":
		fmt.Fprintf(w.Stdout, "complete -o default -W %q exhibit\n", words)
	case "zsh":
		fmt.Fprintf(w.Stdout, "#compdef exhibit\n_arguments '1:command:(%s)' '*:file:_files'\n", words)
	case "fish":
		for _, c := range commands() {
			fmt.Fprintf(w.Stdout, "complete -c exhibit -n __fish_use_subcommand -a %s -d %q\n", c.name, c.short)
		}
	default:
		return newUI(w, false).fail(usageError("completion: say which shell: bash, zsh or fish"))
	}
	return exitOK
}

// absolute resolves what a person typed against the folder they typed it in.
func absolute(dir, p string) string {
	if filepath.IsAbs(p) {
		return filepath.Clean(p)
	}
	return filepath.Join(dir, p)
}
