// Package table holds what the renderer shows before it is HTML, PDF, XLSX,
// CSV or JSON: each table and each page is defined once, here or by a caller
// in these types, and every writer shows the same cells.
//
// Glossary:
//
//   - A Table is columns with a kind each, rows of typed cells, and the
//     Provenance an auditor needs before relying on it (IPE).
//   - A Paper is a page or a document: a title and blocks, some of them tables.
//   - A Stamp is what stands on everything that leaves: organisation, period,
//     run, commit, and the word SAMPLE where the data are invented.
//   - The Book is the report with its indexes and the path of every page.
//
// Rules: a string from outside is shown, never obeyed (Visible), and never
// becomes a path (names). The same report gives the same tables for ever: no
// clock, no randomness, no order by map.
package table
