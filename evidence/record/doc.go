// Package record reads what people write into an evidence repository: events
// and reviews as Markdown with front matter, registers as YAML lists, accepted
// exceptions, and the front matter of policies.
//
// Glossary:
//
//   - A schema says what one kind of record must hold. Schemas are data:
//     policies/records/<kind>.yaml.
//   - A record is one occurrence of a kind: one Markdown file, or one entry of a
//     register. It becomes an evidence.Item.
//   - A problem is what is wrong with one place in one file, in one line.
//
// Rules: a record with a problem is left out and the problem is listed, so that
// whoever counts records comes to "record needed", never to a pass; nothing is
// guessed or repaired; the order of everything returned is path, then line.
// Files whose name begins with a dot are not read.
package record
