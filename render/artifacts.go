package render

import "exhibit/render/table"

type artifact struct{ path, title string }

func (b *binder) artifacts() {}

func (b *binder) artifactsPage() *table.Paper {
	return &table.Paper{Title: "Artifacts", Crumbs: crumbs()}
}

func (b *binder) artifactsFor(string) []table.Link { return nil }

func recordBook(kind string) string   { return "artifacts/records/" + table.FileName(kind) + ".xlsx" }
func populationBook(id string) string { return "artifacts/populations/" + table.FileName(id) + ".xlsx" }

func (b *binder) haveFiles(paths ...string) []table.Link { return nil }
