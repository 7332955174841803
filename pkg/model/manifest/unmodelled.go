package manifest

import (
	"encoding/json"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	sigsjson "sigs.k8s.io/json"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest/internal/document"
)

// unmodelled reads an object of a kind that is known by name only.
func (r reader) unmodelled(s *sheet) error {
	meta, err := metaOf(s.doc)
	if err != nil {
		return s.syntax(err)
	}
	s.identify(meta)
	if s.ref.Name == "" && s.kind.group == claimsGroup {
		s.fail(s.begin(), "metadata.name", "required", "")
		return nil
	}
	if s.ref.Name == "" && !s.kind.builtin {
		// A Kustomization, a kind cluster, a Helm chart: for tools, not servers.
		s.out.skipped = append(s.out.skipped, skipped{at: s.place(s.begin())})
		return nil
	}
	o := &object{kind: s.kind, ref: s.ref, other: &model.Unmodelled{APIVersion: s.kind.apiVersion}}
	o.origin.Place = s.place(s.begin())
	o.origin.Server = isServed(meta)
	if s.kind.group == claimsGroup {
		o.origin.Fields = allFieldsOf(s.doc)
	}
	if !s.kind.builtin || s.kind.name == "CustomResourceDefinition" {
		if err := json.Unmarshal(s.doc.JSON, &o.other.Content); err != nil {
			return s.syntax(err)
		}
		if metadata, ok := o.other.Content["metadata"].(map[string]any); ok {
			delete(metadata, "managedFields")
		}
	}
	s.out.objects = append(s.out.objects, o)
	return nil
}

// metaOf returns an object's metadata, as much of it as can be decoded. The
// error is one of syntax.
func metaOf(d *document.Document) (*metav1.ObjectMeta, error) {
	var o metav1.PartialObjectMetadata
	err := sigsjson.UnmarshalCaseSensitivePreserveInts(d.JSON, &o)
	if isSyntax, _ := sigsjson.SyntaxErrorOffset(err); isSyntax {
		return nil, err
	}
	return &o.ObjectMeta, nil
}
