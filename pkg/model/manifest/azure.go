package manifest

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest/internal/azure"
	"github.com/aksim/aksim/pkg/model/manifest/internal/document"
	"github.com/aksim/aksim/pkg/model/manifest/internal/terraform"
	"github.com/aksim/aksim/pkg/model/manifest/internal/tree"
)

// azure reads a document about Azure, if it is one. The error is one of syntax.
func (r reader) azure(s *sheet) (isAzure bool, err error) {
	root := tree.Of(s.doc)
	read := azure.Read
	switch {
	case azure.Recognise(root):
	case terraform.Recognise(root):
		read = readTerraform
	default:
		return false, nil
	}
	if !json.Valid(s.doc.JSON) {
		var content json.RawMessage
		return true, s.syntax(json.Unmarshal(s.doc.JSON, &content))
	}
	s.out.types++
	s.out.take(s.file, read(s.file, root))
	return true, nil
}

func readTerraform(file string, n tree.Node) azure.Result {
	var all azure.Result
	for _, r := range terraform.Resources(n) {
		all.Append(azure.Decode(file, r))
	}
	return all
}

// take adds what a document about Azure gave.
func (o *outcome) take(file string, read azure.Result) {
	o.azure = append(o.azure, read.Objects...)
	o.findings = append(o.findings, read.Findings...)
	for _, p := range read.Problems {
		o.errs = append(o.errs, &Error{
			Place: model.Place{File: file, Line: p.Line, Col: p.Col}, Object: p.Object, Path: p.Path, Text: p.Text, Hint: p.Hint,
		})
	}
}

// isDate tells the versions of Azure's API from those of Kubernetes.
var isDate = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}`)

// estate puts the facts about Azure together. Exports overlap: az role assignment list
// prints an inherited assignment for every scope that it is asked about.
type estate struct {
	known   map[model.Ref]*azure.Object
	order   []model.Ref
	parts   []azure.Object
	repeats map[string]*repeats // by file
	errs    []*Error
}

type repeats struct {
	n     int
	first azure.Object
}

func (e *estate) add(o azure.Object) {
	if e.known == nil {
		e.known, e.repeats = map[model.Ref]*azure.Object{}, map[string]*repeats{}
	}
	if o.Join != nil {
		e.parts = append(e.parts, o)
		return
	}
	if o.Invented {
		o.Ref = e.unused(o.Ref)
	}
	before, ok := e.known[o.Ref]
	if !ok {
		e.known[o.Ref] = &o
		e.order = append(e.order, o.Ref)
		return
	}
	if difference := azure.Merge(before, o); difference != "" {
		e.errs = append(e.errs, &Error{
			Place: o.Origin.Place, Object: o.Ref,
			Text: fmt.Sprintf("two different objects are %s, also at %s: %s", o.Ref, before.Origin.Place, difference),
			Hint: "load the exports of one time only",
		})
		return
	}
	if _, ok := o.API.(*model.DirectoryObject); ok {
		return // whoever is in two groups is listed twice
	}
	file := o.Origin.Place.File
	if e.repeats[file] == nil {
		e.repeats[file] = &repeats{first: o}
	}
	e.repeats[file].n++
}

// unused returns the reference with a number behind it, if there is an object already.
func (e *estate) unused(r model.Ref) model.Ref {
	name := r.Name
	for i := 2; e.known[r] != nil; i++ {
		r.Name = fmt.Sprintf("%s#%d", name, i)
	}
	return r
}

// addTo adds everything to the cluster.
func (e *estate) addTo(b *model.Builder) {
	for _, p := range e.parts {
		if p.Invented { // nobody knows what it is a part of
			p.Ref = e.unused(p.Ref)
		}
		if whole := e.known[p.Ref]; whole != nil {
			p.Join(whole.API)
			continue
		}
		e.known[p.Ref] = &p
		e.order = append(e.order, p.Ref)
	}
	unmodelled := map[[2]string]*repeats{} // by file and type
	for _, ref := range e.order {
		o := e.known[ref]
		o.Ref = ref
		o.Add(b)
		if typ, ok := o.Unmodelled(); ok {
			key := [2]string{o.Origin.Place.File, strings.ToLower(typ)}
			if unmodelled[key] == nil {
				unmodelled[key] = &repeats{first: *o}
			}
			unmodelled[key].n++
		}
	}
	for _, r := range unmodelled {
		typ, _ := r.first.Unmodelled()
		text := fmt.Sprintf("type %s is not modelled: 1 object ignored", typ)
		if r.n > 1 {
			text = fmt.Sprintf("type %s is not modelled: %d objects ignored, this is the first", typ, r.n)
		}
		b.AddFinding(model.Finding{Rule: "unmodelled-kind", Place: r.first.Origin.Place, Text: text, Note: true})
	}
	for _, file := range slices.Sorted(maps.Keys(e.repeats)) {
		r := e.repeats[file]
		text := "the same object is given elsewhere, too"
		if r.n > 1 {
			text = fmt.Sprintf("%d objects of this file are given elsewhere, too, this is the first", r.n)
		}
		b.AddFinding(model.Finding{Rule: "duplicate", Object: r.first.Ref, Place: r.first.Origin.Place, Text: text, Note: true})
	}
}

// clusterVersion returns the version of the cluster that the exports are about, if
// there is one and no more.
func (e *estate) clusterVersion() (model.KubeVersion, bool) {
	var only *model.ManagedCluster
	for _, ref := range e.order {
		if c, ok := e.known[ref].API.(*model.ManagedCluster); ok {
			if only != nil {
				return model.KubeVersion{}, false
			}
			only = c
		}
	}
	if only == nil {
		return model.KubeVersion{}, false
	}
	text, ok := only.CurrentVersion.Get()
	if !ok {
		text, ok = only.KubernetesVersion.Get()
	}
	v, err := model.ParseKubeVersion(text)
	return v, ok && err == nil
}

// isEmptyList reports whether a stream holds an empty array and nothing else.
func isEmptyList(text []byte, parts []*document.Part) bool {
	if len(parts) > 0 {
		return false
	}
	bare := strings.Join(strings.Fields(string(text[:min(len(text), 64)])), "")
	return strings.TrimPrefix(bare, "\ufeff") == "[]"
}
