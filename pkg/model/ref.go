package model

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Ref names one object. Group is the API group of objects that this library
// knows only by name (a CustomResource, say) and empty for modelled kinds, whose
// Kind alone is unambiguous. Namespace is empty for cluster-scoped objects.
type Ref struct {
	Group     string
	Kind      string
	Namespace string
	Name      string
}

// IsZero reports whether the reference names nothing.
func (r Ref) IsZero() bool { return r == Ref{} }

// String returns the form that explanations print: NetworkPolicy shop/db, or
// ClusterRole view, or NetworkPolicy.crd.projectcalico.org shop/db, or KeyVault with
// its id.
func (r Ref) String() string { return r.kindGroup() + " " + r.QualifiedName() }

// QualifiedName returns NAMESPACE/NAME, or NAME of a cluster-scoped object.
func (r Ref) QualifiedName() string {
	if r.Namespace == "" {
		return r.Name
	}
	return r.Namespace + "/" + r.Name
}

func (r Ref) kindGroup() string {
	if r.Group == "" || r.Group == AzureGroup {
		return r.Kind
	}
	return r.Kind + "." + r.Group
}

// Compare orders references by kind, group, namespace and name.
func (r Ref) Compare(q Ref) int {
	return cmp.Or(
		strings.Compare(r.Kind, q.Kind),
		strings.Compare(r.Group, q.Group),
		strings.Compare(r.Namespace, q.Namespace),
		strings.Compare(r.Name, q.Name),
	)
}

// ParseRef reads KIND/NAMESPACE/NAME or, for cluster-scoped kinds, KIND/NAME.
// The kind is any word that kubectl takes for it (deploy, deployments,
// networkpolicy, netpol, …) or Kind.group of an unmodelled kind. An Azure object is
// named by KIND/ID, as in roleassignment//subscriptions/….
func ParseRef(s string) (Ref, error) {
	word, id, _ := strings.Cut(s, "/")
	if kind, ok := azureKind(word); ok && id != "" {
		return AzureRef(kind, id), nil
	}
	parts := strings.Split(s, "/")
	if len(parts) < 2 || len(parts) > 3 || slices.Contains(parts, "") {
		return Ref{}, fmt.Errorf("%q does not name an object: want KIND/NAMESPACE/NAME, for example networkpolicy/shop/db", s)
	}
	var r Ref
	if k, ok := KindByWord(parts[0]); ok {
		r.Kind = k.Name
		if k.Namespaced != (len(parts) == 3) {
			if k.Namespaced {
				return Ref{}, fmt.Errorf("%q lacks the namespace: want %s/NAMESPACE/%s", s, parts[0], parts[1])
			}
			return Ref{}, fmt.Errorf("%q has a namespace, but a %s is cluster-scoped: want %s/%s", s, k.Name, parts[0], parts[2])
		}
	} else if kind, group, ok := strings.Cut(parts[0], "."); ok {
		r.Kind, r.Group = kind, group
	} else {
		return Ref{}, fmt.Errorf("%q: unknown kind %q", s, parts[0])
	}
	if len(parts) == 3 {
		r.Namespace = parts[1]
	}
	r.Name = parts[len(parts)-1]
	return r, nil
}
