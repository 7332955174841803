package manifest

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"

	"github.com/aksim/aksim/pkg/model"
)

// gathering puts the outcomes of all parts together, in order.
type gathering struct {
	version  model.KubeVersion // zero: the input's own
	objects  []*object
	azure    estate
	errs     []*Error
	refused  []refusal // of objects that are not among these
	findings []model.Finding
	files    map[string]*fileTally
	noted    map[string]bool // files that have a note already
}

func (g *gathering) add(outcomes ...outcome) {
	if g.files == nil {
		g.files = map[string]*fileTally{}
	}
	for _, o := range outcomes {
		g.objects = append(g.objects, o.objects...)
		for _, a := range o.azure {
			g.azure.add(a)
		}
		g.errs = append(g.errs, o.errs...)
		g.refused = append(g.refused, o.refused...)
		g.findings = append(g.findings, o.findings...)
		f := g.files[o.file]
		if f == nil {
			f = &fileTally{}
			g.files[o.file] = f
		}
		f.skipped = append(f.skipped, o.skipped...)
		f.types += o.types
		f.errs += len(o.errs)
	}
}

// fileTally counts what a file holds.
type fileTally struct {
	skipped []skipped
	types   int // documents that say their type
	errs    int
}

// judgeFiles decides about documents that are no objects. Files that a directory
// happens to hold may be for other tools; but in a file that was named, nothing but
// such is likely the complaint of a program that should have written objects, and
// among objects such is a part of one, cut off by a stray "---".
func (g *gathering) judgeFiles(sources []source) {
	for _, s := range sources {
		f := g.files[s.name]
		if f == nil || len(f.skipped) == 0 {
			continue
		}
		for _, d := range f.skipped {
			switch {
			case d.typeless && f.types > 0:
				g.errs = append(g.errs, &Error{Place: d.at, Text: "apiVersion and kind are missing, and the other documents here are objects", Hint: `is the "---" before it meant?`})
			case d.typeless && s.named && f.errs == 0:
				g.errs = append(g.errs, &Error{Place: d.at, Text: "no Kubernetes object: it says no apiVersion and kind"})
				f.errs++ // once
			default:
				g.notObjects(d.at, "not a Kubernetes object: ignored")
			}
		}
	}
}

// notObjects notes, once per file, that something in it is no object.
func (g *gathering) notObjects(at model.Place, text string) {
	if g.noted == nil {
		g.noted = map[string]bool{}
	}
	if !g.noted[at.File] {
		g.noted[at.File] = true
		g.findings = append(g.findings, model.Finding{Rule: "not-an-object", Place: at, Text: text, Note: true})
	}
}

// cluster builds the cluster of the sound objects and joins the errors about
// the others.
func (g *gathering) cluster() (*model.Cluster, error) {
	version := g.kubeVersion()
	var b model.Builder
	b.SetKubeVersion(version)
	first := make(map[model.Ref]*object, len(g.objects))
	ignored := map[model.Ref]*tally{}
	g.refuse(g.refused, version)
	for _, o := range g.objects {
		if g.refuse(o.refused, version) || g.duplicate(first, o) {
			continue
		}
		first[o.ref] = o
		for _, f := range o.findings {
			b.AddFinding(f)
		}
		if o.api != nil {
			goTypes[o.kind.name].add(&b, o.ref, o.api, o.origin)
			continue
		}
		model.Add(&b, &model.Object[model.Unmodelled]{Ref: o.ref, API: o.other, Origin: o.origin})
		if _, matters := policyGroups[o.kind.group]; !matters {
			count(ignored, o)
		}
	}
	for _, f := range slices.Concat(g.findings, notes(ignored)) {
		b.AddFinding(f)
	}
	g.azure.addTo(&b)
	return b.Cluster(), joinErrors(append(g.errs, g.azure.errs...))
}

// kubeVersion returns the version set, the newest kubelet's or that of the only
// managed cluster, within the modelled range.
func (g *gathering) kubeVersion() model.KubeVersion {
	if g.version != (model.KubeVersion{}) {
		return g.version
	}
	var newest model.KubeVersion
	for _, o := range g.objects {
		if node, ok := o.api.(*corev1.Node); ok {
			if v, err := model.ParseKubeVersion(node.Status.NodeInfo.KubeletVersion); err == nil && v.Compare(newest) > 0 {
				newest = v
			}
		}
	}
	if newest == (model.KubeVersion{}) {
		newest, _ = g.azure.clusterVersion()
	}
	oldestModelled, newestModelled := model.OldestKubeVersion(), model.NewestKubeVersion()
	switch {
	case newest == (model.KubeVersion{}) || newest.Compare(newestModelled) > 0:
		return newestModelled
	case newest.Compare(oldestModelled) < 0:
		return oldestModelled
	}
	return newest
}

// refuse reports whether a server of the version would refuse an object for one
// of the errors.
func (g *gathering) refuse(errs []refusal, version model.KubeVersion) bool {
	refused := false
	for _, r := range errs {
		if version.Compare(r.since) >= 0 {
			g.errs = append(g.errs, r.err)
			refused = true
		}
	}
	return refused
}

// duplicate reports whether there is an object of that name already. Which of
// two that differ is in force cannot be known (NP42).
func (g *gathering) duplicate(first map[model.Ref]*object, o *object) bool {
	before, ok := first[o.ref]
	if !ok {
		return false
	}
	at := ""
	if !before.origin.Place.IsZero() {
		at = ", also at " + before.origin.Place.String()
	}
	if equality.Semantic.DeepEqual(before.api, o.api) && equality.Semantic.DeepEqual(before.other, o.other) && o.origin.Server == before.origin.Server {
		g.findings = append(g.findings, model.Finding{
			Rule: "duplicate", Object: o.ref, Place: o.origin.Place, Text: "the same object is given twice" + at, Note: true,
		})
	} else {
		g.errs = append(g.errs, &Error{
			Place: o.origin.Place, Object: o.ref,
			Text: fmt.Sprintf("two different objects are %s%s", o.ref, at),
			Hint: "if one is a patch or an overlay, load what is rendered instead",
		})
	}
	return true
}

// tally counts the objects of a kind.
type tally struct {
	n     int
	first *object
}

func count(kinds map[model.Ref]*tally, o *object) {
	key := model.Ref{Group: o.ref.Group, Kind: o.ref.Kind}
	if kinds[key] == nil {
		kinds[key] = &tally{first: o}
	}
	kinds[key].n++
}

func notes(kinds map[model.Ref]*tally) []model.Finding {
	var notes []model.Finding
	for _, t := range kinds {
		text := fmt.Sprintf("kind %s (%s) is not modelled: 1 object ignored", t.first.kind.name, t.first.kind.apiVersion)
		if t.n > 1 {
			text = fmt.Sprintf("kind %s (%s) is not modelled: %d objects ignored, this is the first", t.first.kind.name, t.first.kind.apiVersion, t.n)
		}
		notes = append(notes, model.Finding{Rule: "unmodelled-kind", Object: t.first.ref, Place: t.first.origin.Place, Text: text, Note: true})
	}
	return notes
}
