package identity

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aksim/aksim/internal/suggest"
	"github.com/aksim/aksim/pkg/model"
)

// findPods returns the pods that a name means: NAMESPACE/NAME of a pod or else of a
// workload, or WORD/NAMESPACE/NAME with the word for pods or for a kind of workload.
// The error has the nearest names.
func (g *Graph) findPods(name string) ([]*model.Pod, error) {
	parts := strings.Split(name, "/")
	if len(parts) < 2 || len(parts) > 3 || slices.Contains(parts, "") {
		return nil, fmt.Errorf("%q names no pod: want NAMESPACE/NAME or KIND/NAMESPACE/NAME", name)
	}
	kind := model.Kind{}
	if len(parts) == 3 {
		var ok bool
		if kind, ok = model.KindByWord(parts[0]); !ok {
			return nil, fmt.Errorf("%q: unknown kind %q", name, parts[0])
		}
		parts = parts[1:]
	}
	found := map[model.Ref][]*model.Pod{} // by what the name may mean
	var refs []model.Ref
	var known []string
	for p := range g.estate.cluster.Pods() {
		for _, ref := range meanings(p) {
			if kind.Name != "" && ref.Kind != kind.Name || kind.Name == "" && ref.Kind != "Pod" && ref != p.Workload() {
				continue
			}
			known = append(known, ref.QualifiedName())
			if ref.Namespace == parts[0] && ref.Name == parts[1] {
				if found[ref] == nil {
					refs = append(refs, ref)
				}
				found[ref] = append(found[ref], p)
			}
		}
	}
	slices.SortFunc(refs, model.Ref.Compare)
	own := model.Ref{Kind: "Pod", Namespace: parts[0], Name: parts[1]}
	switch {
	case found[own] != nil:
		return found[own], nil
	case len(refs) == 1:
		return found[refs[0]], nil
	case len(refs) > 1:
		var names []string
		for _, r := range refs {
			names = append(names, strings.ToLower(r.Kind)+"/"+r.QualifiedName())
		}
		return nil, fmt.Errorf("%s is ambiguous: say %s", name, strings.Join(names, " or "))
	}
	what := "pod or workload"
	if kind.Name != "" {
		what = kind.Name
	}
	qualified := parts[0] + "/" + parts[1]
	clause := suggest.Clause(qualified, known)
	if _, ok := g.estate.cluster.Namespace(parts[0]); !ok && clause == "" {
		return nil, fmt.Errorf("no %s %s in the input, nor a namespace %s", what, qualified, parts[0])
	}
	return nil, fmt.Errorf("no %s %s in the input%s", what, qualified, clause)
}

// meanings returns the objects by whose name a pod is called: itself, unless a template
// stands for it, and its workloads.
func meanings(p *model.Pod) []model.Ref {
	refs := slices.Clone(p.Owners)
	if !p.Template {
		refs = append(refs, model.Ref{Kind: "Pod", Namespace: p.Namespace, Name: p.Name})
	}
	return refs
}
