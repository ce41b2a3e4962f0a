//go:build !linux

package main

import "os"

// identifyFile says nothing: what other file systems keep of a file was not looked at.
func identifyFile(*os.File, string) (filed, bool) { return filed{}, false }
