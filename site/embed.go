// Package site is the static files that stand beside every page: one
// stylesheet and a script each for pages, search, tables and citations. They are copied as they are.
package site

import "embed"

// FS holds exhibit.css, exhibit.js, search.js, table.js and cite.js.
//
//go:embed exhibit.css exhibit.js search.js table.js cite.js
var FS embed.FS
