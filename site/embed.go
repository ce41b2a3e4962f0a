// Package site is the static files that stand beside every page: one
// stylesheet, one script. They are copied as they are.
package site

import "embed"

// FS holds exhibit.css and exhibit.js.
//
//go:embed exhibit.css exhibit.js
var FS embed.FS
