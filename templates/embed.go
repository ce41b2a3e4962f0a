// Package templates is the page templates: layout.tmpl is the frame of every
// page, blocks.tmpl has one template for each kind of block of a Paper.
package templates

import "embed"

// FS holds *.tmpl.
//
//go:embed *.tmpl
var FS embed.FS
