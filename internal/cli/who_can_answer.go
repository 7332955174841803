package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/rbacsim"
	"github.com/aksim/aksim/pkg/rbacsim/azure"
)

// whoAnswer is who may do something, or which of several things.
type whoAnswer struct {
	kubernetes *azure.Kubernetes
	authorizer *rbacsim.Authorizer // the side of RBAC
	request    rbacsim.Request     // with the first of the verbs
	verbs      []string
	holders    []holder // by principal
	places     places
	incomplete []string
}

// holder is somebody who may do at least one of the things.
type holder struct {
	identity.Principal
	entity   identity.Entity // without an object id: of whom Azure does not know
	everyone bool            // of Microsoft Entra ID
	label    string          // the display name of a group
	byVerb   map[string]held
}

// held is how somebody may do one thing.
type held struct {
	decision, effective rbacsim.Decision
	grants              []rbacsim.Grant
	assignments         []azure.Grant
	by                  azure.Side
}

// ask adds who may do one of the things.
func (w *whoAnswer) ask(r rbacsim.Request) error {
	who, err := w.kubernetes.WhoCan(r)
	if err != nil {
		return err
	}
	for text := range who.Incomplete() {
		if !slices.Contains(w.incomplete, text) {
			w.incomplete = append(w.incomplete, text)
		}
	}
	for found := range who.All() {
		h := holder{Principal: found.Principal, entity: found.Entity, everyone: found.Everyone, byVerb: map[string]held{}}
		if e, ok := w.kubernetes.Azure().Directory().Lookup(h.Name()); ok && h.Kind() == identity.Group && isAKS(w.kubernetes) && e.Name != h.Name() {
			h.label = e.Name
		}
		i, known := slices.BinarySearchFunc(w.holders, h, holder.compare)
		if !known {
			w.holders = slices.Insert(w.holders, i, h)
		}
		w.holders[i].byVerb[r.Verb] = held{
			found.Decision, w.check(h, r.Verb).Effective, slices.Collect(found.RBACGrants()), assignmentsBy(found), found.By(),
		}
	}
	return nil
}

// assignmentsBy returns the role assignments by which a holder may do something, each
// once.
func assignmentsBy(h azure.KubernetesHolder) (list []azure.Grant) {
	for g := range h.AzureGrants() {
		if !slices.ContainsFunc(list, func(x azure.Grant) bool { return x.Assignment == g.Assignment && x.Pattern == g.Pattern }) {
			list = append(list, g)
		}
	}
	return list
}

func (h holder) compare(other holder) int {
	return cmp.Or(
		h.Compare(other.Principal),
		strings.Compare(h.entity.ObjectID, other.entity.ObjectID),
		boolCompare(h.everyone, other.everyone),
	)
}

// String names the holder.
func (h holder) String() string {
	if h.everyone {
		return "everybody of Microsoft Entra ID"
	}
	if h.label != "" {
		return h.Principal.String() + " (" + h.label + ")"
	}
	return h.Principal.String()
}

// check asks for the holder alone, without the groups that it is in.
func (w *whoAnswer) check(h holder, verb string) azure.KubernetesVerdict {
	r := w.request
	r.Verb = verb
	v, err := w.kubernetes.Check(w.alone(h), r)
	if err != nil {
		return azure.KubernetesVerdict{} // nobody in particular: undecided
	}
	return v
}

// alone returns the holder without the groups that it is in, but for those that Azure
// knows of by itself.
func (w *whoAnswer) alone(h holder) azure.KubernetesSubject {
	id := h.entity.ObjectID
	switch {
	case id == "" && h.Kind() == identity.Group:
		return w.kubernetes.Review("", []string{h.Name()}, nil)
	case id == "":
		return w.kubernetes.Review(h.Username(), nil, nil)
	case h.entity.Kind == identity.Group:
		s := w.kubernetes.Review("", []string{id}, nil)
		s.Entra, s.Azure = true, azure.Subject{Groups: []string{id}}
		return s
	}
	return w.kubernetes.Review(h.entity.Username(), nil, map[string][]string{"oid": {id}})
}

// best is the decision about a holder: the one that is furthest from a no.
func (h holder) best() rbacsim.Decision {
	for _, held := range h.byVerb {
		if held.decision == rbacsim.Allowed {
			return rbacsim.Allowed
		}
	}
	return rbacsim.Undecided
}

// title is the question: delete secrets in data.
func (w *whoAnswer) title() string {
	text := w.request.String()
	if len(w.verbs) > 1 {
		text = strings.Join(w.verbs, ",") + strings.TrimPrefix(text, w.verbs[0])
	}
	return text
}

func (w *whoAnswer) status() int {
	status := exitNo
	for _, h := range w.holders {
		if h.best() == rbacsim.Allowed {
			status = exitYes
		} else {
			return exitUndecided
		}
	}
	if len(w.incomplete) > 0 {
		return exitUndecided
	}
	return status
}

// count says how many there are of each kind.
func (w *whoAnswer) count() string {
	byKind := map[identity.Kind]int{}
	for _, h := range w.holders {
		byKind[h.Kind()]++
	}
	var parts []string
	for _, k := range []identity.Kind{identity.Group, identity.ServiceAccount, identity.User, identity.ManagedIdentity, identity.ServicePrincipal} {
		switch n := byKind[k]; {
		case n == 1:
			parts = append(parts, "1 "+kindWord(k))
		case n > 1:
			parts = append(parts, fmt.Sprintf("%d %s", n, kindWords(k)))
		}
	}
	everyone := slices.ContainsFunc(w.holders, func(h holder) bool { return h.everyone })
	if everyone {
		byKind[0]--
		parts = append(parts, "everybody of Microsoft Entra ID")
	}
	if byKind[0] > 0 {
		parts = append(parts, "perhaps anybody")
	}
	if parts == nil {
		return "nobody"
	}
	return strings.Join(parts, ", ")
}

func kindWord(k identity.Kind) string {
	switch k {
	case identity.Group:
		return "group"
	case identity.User:
		return "user"
	case identity.ServiceAccount:
		return "ServiceAccount"
	case identity.ManagedIdentity:
		return "managed identity"
	case identity.ServicePrincipal:
		return "service principal"
	}
	return "a subject that is not understood"
}

func kindWords(k identity.Kind) string {
	if k == identity.ManagedIdentity {
		return "managed identities"
	}
	return kindWord(k) + "s"
}

// short puts short names for the ids of Azure's resources in a text.
func (w *whoAnswer) short(text string) string {
	if w.places == nil {
		w.places = placesOf(w.authorizer.Cluster())
	}
	return w.places.shorten(text)
}

func boolCompare(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}
