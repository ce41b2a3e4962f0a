package sample

const all = "2025-q4 2026-q1 2026-q2 2026-q3"

var planted = []struct{ path, id, has, in string }{}
