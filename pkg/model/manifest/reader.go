package manifest

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	sigsjson "sigs.k8s.io/json"

	"github.com/aksim/aksim/internal/admission"
	"github.com/aksim/aksim/internal/suggest"
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest/internal/azure"
	"github.com/aksim/aksim/pkg/model/manifest/internal/document"
)

// reader turns parts of streams into objects. It keeps no state.
type reader struct {
	namespace string // of objects without one
}

// outcome is what one part of a stream gave.
type outcome struct {
	file     string
	objects  []*object
	errs     []*Error
	refused  []refusal // of objects with other errors
	findings []model.Finding
	skipped  []skipped
	azure    []azure.Object
	types    int  // documents that say their type: objects, lists
	miscut   bool // see document.Part.Whole
}

// skipped is a document that is no object of a server's: one of a tool, such as a
// Kustomization, or one that says no type at all.
type skipped struct {
	at       model.Place
	typeless bool
}

// object is one object that was read.
type object struct {
	kind     kind
	ref      model.Ref
	api      metav1.Object     // of a modelled kind
	other    *model.Unmodelled // of any other
	origin   model.Origin
	findings []model.Finding
	refused  []refusal
}

// refusal is an error that only servers from a version on raise.
type refusal struct {
	since model.KubeVersion
	err   *Error
}

func (r reader) read(p piece) outcome {
	out := outcome{file: p.file}
	docs, err := p.part.Documents()
	if err != nil && p.part.Whole != nil {
		return outcome{file: p.file, miscut: true}
	}
	out.fail(p.file, err)
	for _, d := range docs {
		err := r.document(&out, p.file, d)
		if err != nil && p.part.MayBeYAML() {
			if again, yamlErr := p.part.AsYAML(); yamlErr == nil {
				for _, d := range again {
					out.fail(p.file, r.document(&out, p.file, d))
				}
				continue
			}
		}
		out.fail(p.file, err)
	}
	return out
}

// fail records an error of syntax, if it is one.
func (o *outcome) fail(file string, err error) {
	if err == nil {
		return
	}
	e := &Error{Place: model.Place{File: file}, Text: err.Error()}
	if de, ok := errors.AsType[*document.Error](err); ok {
		e.Place.Line, e.Place.Col, e.Hint = de.Line, de.Col, de.Hint
	}
	o.errs = append(o.errs, e)
}

// document reads one document, which may be a list of others, into the outcome.
// The error is one of syntax.
func (r reader) document(out *outcome, file string, d *document.Document) error {
	s := &sheet{doc: d, file: file, namespace: r.namespace, out: out}
	root := d.Root()
	switch root.Kind() {
	case '{':
	case '[':
		return r.items(out, file, d, root, "", "")
	default:
		s.fail(root.Offset(), "", "want a Kubernetes object, got "+describe(root, true), "")
		return nil
	}
	h := headOf(root)
	if h.apiVersion.Kind() == 0 && h.kind.Kind() == 0 && d.Kind != "" {
		h.apiVersionText, h.kindText = d.APIVersion, d.Kind
	} else {
		if h.apiVersionText == "" || h.kindText == "" || isDate.MatchString(h.apiVersionText) {
			if isAzure, err := r.azure(s); isAzure {
				return err
			}
		}
		if !s.saysWhatItIs(h) {
			return nil
		}
	}
	out.types++
	if items, ok := h.items(root); ok {
		if err := s.list(h); err != nil {
			return err
		}
		apiVersion, kind := document.ItemType(h.apiVersionText, h.kindText)
		return r.items(out, file, d, items, apiVersion, kind)
	}
	k, wrong := findKind(h.apiVersionText, h.kindText)
	s.kind = k
	if wrong != nil {
		meta, err := metaOf(d)
		if err != nil {
			return s.syntax(err)
		}
		// A server that is newer than this library has more kinds.
		if wrong.inVersion || !isServed(meta) {
			at := h.kind
			if wrong.inVersion {
				at = h.apiVersion
			}
			s.fail(max(at.Offset(), root.Offset()), "", wrong.text, wrong.hint)
			return nil
		}
	}
	if s.kind.modelled {
		return r.modelled(s)
	}
	return r.unmodelled(s)
}

// head is what an object says of its type.
type head struct {
	apiVersion, kind         document.Value
	apiVersionText, kindText string
	names                    []string // of the members, as far as looked at
}

func headOf(root document.Value) head {
	var h head
	for m := range root.Members() {
		h.names = append(h.names, m.Name)
		switch m.Name {
		case "apiVersion":
			h.apiVersion = m.Value
			h.apiVersionText, _ = m.Value.Text()
		case "kind":
			h.kind = m.Value
			h.kindText, _ = m.Value.Text()
		}
		if h.apiVersionText != "" && h.kindText != "" {
			break // the rest is for the decoder
		}
	}
	return h
}

// saysWhatItIs reports whether the document has an apiVersion and a kind, and
// otherwise says why not: it may be no Kubernetes object at all.
func (s *sheet) saysWhatItIs(h head) bool {
	if h.apiVersionText != "" && h.kindText != "" {
		return true
	}
	root := s.doc.Root().Offset()
	if !slices.ContainsFunc(h.names, meansToBeAnObject) || slices.Contains(h.names, "$schema") {
		s.out.skipped = append(s.out.skipped, skipped{at: s.place(root), typeless: true})
		return false
	}
	for _, want := range []struct {
		name, text string
		value      document.Value
	}{{"apiVersion", h.apiVersionText, h.apiVersion}, {"kind", h.kindText, h.kind}} {
		switch {
		case want.text != "":
		case want.value.Kind() == 0 || want.value.Kind() == 'n' || want.value.Kind() == '"':
			hint := ""
			others := slices.DeleteFunc(h.names, func(n string) bool { return n == "apiVersion" || n == "kind" })
			if near := suggest.Nearest(want.name, others); len(near) > 0 {
				hint = fmt.Sprintf("write %q for %q", want.name, near[0])
			}
			s.fail(root, want.name, "missing: every Kubernetes object says its apiVersion and kind", hint)
		default:
			s.fail(want.value.Offset(), want.name, "want a string, got "+describe(want.value, true), "")
		}
	}
	return false
}

func meansToBeAnObject(name string) bool {
	switch strings.ToLower(name) {
	case "apiversion", "kind", "metadata":
		return true
	}
	return false
}

// items returns the items of an object that is a list. A list may lack them:
// then they stand for themselves, or there are none.
func (h head) items(root document.Value) (items document.Value, ok bool) {
	group, _ := splitAPIVersion(h.apiVersionText)
	item, ok := strings.CutSuffix(h.kindText, "List")
	if !ok {
		return items, false
	}
	m, _ := root.Member("items")
	return m.Value, m.Value.Kind() == '[' || item == "" && group == "" || builtinScope(group, item) != unknownScope
}

// items reads the elements of a list, which may be of a common type.
func (r reader) items(out *outcome, file string, d *document.Document, list document.Value, apiVersion, kind string) error {
	for _, e := range list.Elements() {
		item := d.Extract(e)
		item.APIVersion, item.Kind = apiVersion, kind
		if err := r.document(out, file, item); err != nil {
			return err
		}
	}
	return nil
}

// list checks what a list says besides its items.
func (s *sheet) list(h head) error {
	unknown, err := s.decode(&struct {
		metav1.TypeMeta `json:",inline"`
		metav1.ListMeta `json:"metadata"`
		Items           []json.RawMessage `json:"items"`
	}{})
	if group, _ := splitAPIVersion(h.apiVersionText); isBuiltinGroup(group) {
		for _, is := range unknown {
			s.fail(is.offset, is.path, is.text, is.hint)
		}
	}
	return err
}

// decode decodes the document strictly and reports everything that is wrong
// with it, except for unknown fields: those it returns, since they are no
// errors in an object from a server (NP43). The error is one of syntax.
func (s *sheet) decode(into any) (unknown []issue, err error) {
	strict, err := sigsjson.UnmarshalStrict(s.doc.JSON, into)
	if len(strict) == 0 && err == nil {
		return nil, nil
	}
	if isSyntax, _ := sigsjson.SyntaxErrorOffset(err); isSyntax {
		return nil, s.syntax(err)
	}
	if o, ok := into.(metav1.Object); ok {
		s.identify(o)
	}
	for _, is := range diagnose(s.doc, into, holdsSecrets(s.kind.name)) {
		if is.unknown {
			unknown = append(unknown, is)
		} else {
			s.fail(is.offset, is.path, is.text, is.hint)
		}
	}
	if !s.failed && (err != nil || len(unknown) == 0) {
		s.fail(0, "", "cannot be decoded", "") // a decoder stricter than diagnose
	}
	return unknown, nil
}

// modelled reads an object of a modelled kind.
func (r reader) modelled(s *sheet) error {
	api := goTypes[s.kind.name].new()
	unknown, err := s.decode(api)
	if err != nil {
		return err
	}
	origin := model.Origin{Place: s.place(s.begin())}
	if !s.failed {
		origin.Fields = fieldsOf(s.kind.name, s.doc)
	}
	r.accept(s, &object{kind: s.kind, api: api, origin: origin}, unknown)
	return nil
}

// accept gives an object its namespace, does with it what an API server does on
// admission, and takes it into the outcome unless anything is wrong with it.
func (r reader) accept(s *sheet, o *object, unknown []issue) {
	api := o.api
	o.origin.Server = isServed(api)
	s.identify(api)
	if s.kind.scope == clusterScope && api.GetNamespace() != "" {
		text := s.kind.name + " is cluster-scoped: the server drops the namespace"
		o.findings = append(o.findings, s.finding("dropped-field", s.offset("metadata.namespace"), "metadata.namespace", text))
	}
	api.SetNamespace(s.ref.Namespace)
	for _, is := range unknown {
		switch {
		case !o.origin.Server:
			s.fail(is.offset, is.path, is.text, is.hint)
		case isRule(s.kind.name, is.path):
			s.gap(o, "unmodelled-field", is.offset, is.path, is.text)
		default:
			f := s.finding("dropped-field", is.offset, is.path, is.text)
			f.Note = true
			o.findings = append(o.findings, f)
		}
	}
	if s.failed {
		return // like a server, which does not validate what it cannot decode
	}
	if label, ok := api.GetLabels()[model.NameLabel]; ok && s.kind.name == "Namespace" && label != s.ref.Name {
		path := child("metadata.labels", model.NameLabel)
		text := fmt.Sprintf("the server overwrites this label with the name of the namespace, %q", s.ref.Name)
		o.findings = append(o.findings, s.finding("name-label", s.offset(path), path, text))
	}
	if s.kind.name == "NetworkPolicy" && s.doc != nil {
		o.findings = append(o.findings, s.nullRules()...)
	}
	for path, text := range wrongAddresses(api) {
		s.failAt(path, text)
	}
	problems := admission.Admit(api)
	if len(problems) > mostIssues {
		problems = problems[:mostIssues]
	}
	for _, p := range problems {
		at := s.offsetOfValue(p.Path, p.Value)
		switch {
		case p.Warning:
			o.findings = append(o.findings, s.finding("non-canonical-cidr", at, p.Path, p.Text))
		case p.Since != (model.KubeVersion{}) && o.origin.Server:
			// Admitted by an older server, and its reading is known.
		case p.Since != (model.KubeVersion{}):
			o.refused = append(o.refused, refusal{p.Since, s.error(at, p.Path, p.Text, "")})
		case !o.origin.Server:
			s.fail(at, p.Path, p.Text, "")
		case isRule(s.kind.name, p.Path):
			s.gap(o, "unmodelled-value", at, p.Path, p.Text)
		default:
			o.findings = append(o.findings, s.finding("unmodelled-value", at, p.Path, p.Text))
		}
	}
	slices.SortStableFunc(o.origin.Gaps, func(a, b model.Gap) int { return a.Place.Compare(b.Place) })
	if s.ref.Name == "" && !s.failed {
		s.failAt("metadata.name", "Required value: name or generateName is required")
	}
	if s.failed {
		s.out.refused = append(s.out.refused, o.refused...)
		return
	}
	api.SetName(s.ref.Name)
	if ns, ok := api.(*corev1.Namespace); ok {
		metav1.SetMetaDataLabel(&ns.ObjectMeta, model.NameLabel, ns.Name) // where the name was generated
	}
	o.origin.Credentials = s.credentials(api)
	reduce(api)
	o.ref = s.ref
	s.out.objects = append(s.out.objects, o)
}

// nameOf returns an object's name or what its name will begin with.
func nameOf(o metav1.Object) string {
	if name := o.GetName(); name != "" {
		return name
	}
	return o.GetGenerateName()
}

// isServed reports whether a server handed the object out.
func isServed(o metav1.Object) bool { return o.GetUID() != "" || o.GetResourceVersion() != "" }
