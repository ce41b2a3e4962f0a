// Package envoy sends exhibit-aws to ask AWS.
//
// The AWS clients are linked into an executable of their own: what renders and
// verifies need not pay for them, and cannot talk to AWS. This package is what both
// executables know: what there is to ask (Sources, Grants), what a run is asked
// to do (Config), and how they speak (message.go). It links no client.
//
// Glossary:
//
//   - The envoy is a running exhibit-aws. Whoever sent it is exhibit.
//   - An order is one line of JSON that exhibit writes to the envoy's standard
//     input; a report is one that the envoy writes to its standard output.
//
// Rules: what is collected never crosses the pipe, it goes to the folder of the
// run (collect.Work), which the order names. The envoy ends when the pipe does:
// it never outlives whoever sent it. Both are of one release and know the same
// sources, or neither goes on.
package envoy
