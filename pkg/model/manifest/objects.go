package manifest

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest/internal/document"
)

// FromObjects builds a cluster from objects that a Go program holds: typed ones
// of k8s.io/api, unstructured ones, and lists of either. It gives them the same
// defaults and validation as manifests, leaves its arguments alone, and knows no
// places. Typed objects need no apiVersion and kind.
func FromObjects(objects ...runtime.Object) (*model.Cluster, error) {
	return Loader{}.FromObjects(objects...)
}

// FromObjects is [FromObjects] with the loader's settings.
func (l Loader) FromObjects(objects ...runtime.Object) (*model.Cluster, error) {
	version, err := l.kubeVersion()
	if err != nil {
		return nil, err
	}
	r := l.reader()
	all := gathering{version: version}
	for _, o := range objects {
		if !meta.IsListType(o) {
			all.add(r.held(o))
			continue
		}
		if err := meta.EachListItem(o, func(item runtime.Object) error {
			all.add(r.held(item))
			return nil
		}); err != nil {
			all.errs = append(all.errs, &Error{Text: fmt.Sprintf("list %T: %v", o, err)})
		}
	}
	return sound(all.cluster())
}

// held reads an object that a program holds.
func (r reader) held(held runtime.Object) outcome {
	var out outcome
	if held == nil || reflect.ValueOf(held).IsNil() {
		out.errs = append(out.errs, &Error{Text: "a nil object"})
		return out
	}
	apiVersion, kind := held.GetObjectKind().GroupVersionKind().ToAPIVersionAndKind()
	for name, t := range goTypes {
		if reflect.TypeOf(held) != reflect.PointerTo(t.typ) {
			continue
		}
		k, _ := model.KindByName(name)
		s := &sheet{out: &out, namespace: r.namespace, kind: modelledKind(k)}
		r.accept(s, &object{kind: s.kind, api: held.DeepCopyObject().(metav1.Object)}, nil)
		return out
	}
	// What is not modelled, or not typed, goes through its JSON.
	text, err := json.Marshal(held)
	if err != nil {
		out.errs = append(out.errs, &Error{Text: fmt.Sprintf("object %T: %v", held, err)})
		return out
	}
	d := document.FromJSON(text)
	if d.APIVersion, d.Kind = apiVersion, kind; kind == "" {
		d.Kind = reflect.TypeOf(held).Elem().Name()
		d.APIVersion = apiVersionOf(d.Kind)
	}
	out.fail("", r.document(&out, "", d))
	return out
}

// apiVersionOf returns an apiVersion of a built-in kind, whose version plays no
// part; of any other, v1.
func apiVersionOf(kind string) string {
	for _, group := range slices.Sorted(maps.Keys(builtin)) {
		if group != "" && builtinScope(group, kind) != unknownScope {
			return group + "/v1"
		}
	}
	return "v1"
}
