package azure

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/rbacsim"
)

// KubernetesSubject is who asks an AKS cluster, as both sides know them. [Kubernetes]
// makes one.
type KubernetesSubject struct {
	// RBAC is who asks, to the RBAC objects of the cluster.
	RBAC rbacsim.Subject
	// Entra says that the request carries an object id of Microsoft Entra ID: Azure has
	// no opinion about others (AZ72).
	Entra bool
	// Azure is who asks, to Azure. A member of a group of whom only that is known has no
	// object id.
	Azure Subject

	exact   bool   // RBAC's groups are all there are
	problem string // why the webhook refuses to ask
}

// String returns the subject for people, as RBAC knows it.
func (s KubernetesSubject) String() string { return s.RBAC.String() }

// As returns the subject of the principal's own requests. A user of Microsoft Entra ID
// is called by UPN or object id, in any case of letters; the API server knows it by its
// UPN or, if it is a guest, managed identity or service principal, its object id, and
// with the groups that the directory puts it in besides the given ones (AZ73). A group
// stands for a member of it of whom nothing else is known. Any other name of a user is
// that of a local account, which Azure knows nothing of.
//
// The error is of [identity.Directory.Find], and only there if Azure has a say in the
// cluster or the name is one that only Azure knows.
func (k *Kubernetes) As(p identity.Principal, groups ...string) (KubernetesSubject, error) {
	return k.subject(p, groups, rbacsim.As)
}

// Impersonating is [Kubernetes.As] with the groups of kubectl --as and --as-group; see
// [rbacsim.Impersonating].
func (k *Kubernetes) Impersonating(p identity.Principal, groups ...string) (KubernetesSubject, error) {
	return k.subject(p, groups, rbacsim.Impersonating)
}

type subjectMaker = func(identity.Principal, ...string) rbacsim.Subject

func (k *Kubernetes) subject(p identity.Principal, groups []string, of subjectMaker) (KubernetesSubject, error) {
	if k.err != nil {
		return KubernetesSubject{}, k.err
	}
	plain := KubernetesSubject{RBAC: of(p, groups...)}
	if !k.mayBeEntra(p) {
		return plain, nil
	}
	e, err := k.azure.Directory().Find(p)
	_, unknown := errors.AsType[*identity.NotFoundError](err)
	bound := p.Kind() == identity.Group && k.named[p.Name()] && !identity.IsObjectID(p.Name())
	onlyAzure := p.Kind() == identity.ManagedIdentity || p.Kind() == identity.ServicePrincipal
	switch {
	case bound && err == nil:
		return KubernetesSubject{}, fmt.Errorf("%s may be the group that bindings call so, or the one of Microsoft Entra ID whose object id is %s: the latter can be called by that", p, e.ObjectID)
	case bound && unknown, unknown && !onlyAzure && k.asked == rbacsim.Denied:
		return plain, nil
	case err != nil:
		return KubernetesSubject{}, err
	}
	return k.entra(p, e, groups, of), nil
}

// mayBeEntra reports whether a principal may be one of Microsoft Entra ID.
func (k *Kubernetes) mayBeEntra(p identity.Principal) bool {
	switch p.Kind() {
	case identity.User:
		return !isSystem(p.Name()) && (identity.IsObjectID(p.Name()) || strings.Contains(p.Name(), "@"))
	case identity.Group:
		return !isSystem(p.Name())
	case identity.ManagedIdentity, identity.ServicePrincipal:
		return true
	case identity.ServiceAccount:
	}
	return false
}

// entra returns the subject of an entity of the directory.
func (k *Kubernetes) entra(p identity.Principal, e identity.Entity, groups []string, of subjectMaker) KubernetesSubject {
	in := slices.Collect(k.azure.Directory().Groups(e.ObjectID))
	s := KubernetesSubject{Entra: true}
	if p.Kind() == identity.Group {
		s.Azure.Groups = objectIDs(append(slices.Clone(in), e.ObjectID), groups)
		in = slices.DeleteFunc(in, func(g string) bool { return g == e.ObjectID })
		s.RBAC = of(identity.NewGroup(e.ObjectID), slices.Concat([]string{e.ObjectID}, in, groups)...)
		return s
	}
	s.Azure = Subject{ObjectID: e.ObjectID, Groups: objectIDs(in, groups)}
	s.RBAC = of(identity.NewUser(username(e)), slices.Concat(in, groups)...)
	return s
}

// username returns the name by which the cluster knows somebody who is no group. Whom
// no export gives a kind and some a UPN is a user.
func username(e identity.Entity) string {
	if e.Kind == 0 && !e.Guest && strings.Contains(e.Name, "@") {
		return e.Name
	}
	return e.Username()
}

// objectIDs returns the groups that are known by an object id, in lower case and
// ordered: the webhook tells Azure of no others.
func objectIDs(lists ...[]string) []string {
	var ids []string
	for _, list := range lists {
		for _, g := range list {
			if id, ok := objectID(g); ok {
				ids = append(ids, id)
			}
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// objectID reads an object id in any spelling that the webhook takes for one: that of
// a GUID, without hyphens, in braces or as a URN.
func objectID(s string) (string, bool) {
	const urn = "urn:uuid:"
	switch {
	case len(s) == 32:
		s = strings.Join([]string{s[:8], s[8:12], s[12:16], s[16:20], s[20:]}, "-")
	case len(s) == 38 && s[0] == '{' && s[37] == '}':
		s = s[1:37]
	case len(s) == 36+len(urn) && strings.EqualFold(s[:len(urn)], urn):
		s = s[len(urn):]
	}
	return strings.ToLower(s), identity.IsObjectID(s)
}

// Review returns the subject of a SubjectAccessReview: user, groups and extra exactly
// as RBAC gets them. To Azure it is the principal of the extra oid, in the groups that
// the directory puts it in and those that are known by an object id; without an oid
// Azure has no opinion (AZ72, AZ73).
func (k *Kubernetes) Review(user string, groups []string, extra map[string][]string) KubernetesSubject {
	s := KubernetesSubject{RBAC: rbacsim.Review(user, groups...), exact: true}
	oid, has := extra["oid"]
	if isSystem(user) || !has {
		return s
	}
	s.Entra = true
	id, ok := objectID(strings.Join(oid, " "))
	if !ok {
		s.problem = fmt.Sprintf("the webhook refuses extra.oid %q: it is no object id", oid)
		return s
	}
	s.Azure = Subject{ObjectID: id, Groups: objectIDs(slices.Collect(k.azure.Directory().Groups(id)), groups)}
	return s
}
