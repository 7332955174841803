package terraform

import (
	"github.com/aksim/aksim/pkg/model/manifest/internal/azure"
	"github.com/aksim/aksim/pkg/model/manifest/internal/tree"
)

// Recognise reports whether a document is what terraform show -json prints.
func Recognise(n tree.Node) bool {
	return n.Get("format_version").Kind == tree.String && (n.Has("planned_values") || n.Has("values") || n.Has("terraform_version"))
}

// Resources returns the resources of a plan or state.
func Resources(n tree.Node) []azure.Resource { return nil }
