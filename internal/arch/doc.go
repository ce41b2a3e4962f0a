// Package arch holds the direction of imports as a test. Change its table by
// discussion, never to make a build pass.
package arch
