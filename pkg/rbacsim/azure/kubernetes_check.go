package azure

import (
	"cmp"
	"iter"
	"slices"

	"github.com/aksim/aksim/pkg/rbacsim"
)

// Decide returns what the API server says of a request: Allowed if RBAC or Azure
// allows it (AZ71). The error is [rbacsim.ErrNobody], or says that it is not known
// which AKS cluster of the input is meant.
func (k *Kubernetes) Decide(s KubernetesSubject, r rbacsim.Request) (Decision, error) {
	if err := k.askable(s); err != nil {
		return rbacsim.Undecided, err
	}
	return k.decide(s, r), nil
}

func (k *Kubernetes) decide(s KubernetesSubject, r rbacsim.Request) Decision {
	d := k.rbac.Decide(s.RBAC, r)
	if d != rbacsim.Allowed {
		d = either(d, k.decideAzure(s, r))
	}
	if d == rbacsim.Denied && k.otherGroup(s, r) != "" {
		return rbacsim.Undecided
	}
	return d
}

// askable returns why nothing can be asked about a subject.
func (k *Kubernetes) askable(s KubernetesSubject) error {
	switch {
	case k.err != nil:
		return k.err
	case s.RBAC.User == "" && len(s.RBAC.Groups) == 0:
		return rbacsim.ErrNobody
	}
	return nil
}

// silent returns why Azure has nothing to say of a subject (AZ71, AZ72).
func (k *Kubernetes) silent(s KubernetesSubject) string {
	switch {
	case k.asked == rbacsim.Denied:
		return k.because
	case isSystem(s.RBAC.User):
		return "Azure has no opinion about users whose names begin with system:"
	case !s.Entra:
		return "Azure has no opinion about local accounts, whose requests carry no object id of Microsoft Entra ID"
	}
	return ""
}

// decideAzure returns what Azure's side says: Denied, too, if it has no opinion.
func (k *Kubernetes) decideAzure(s KubernetesSubject, r rbacsim.Request) Decision {
	if k.silent(s) != "" {
		return rbacsim.Denied
	}
	d := rbacsim.Denied
	switch {
	case IsDiscovery(r) && !k.refuseDiscovery:
		d = rbacsim.Allowed
	case s.problem != "":
	case k.scope.IsZero():
		return rbacsim.Undecided
	default:
		d = k.answer(s.Azure, k.questions(r))
	}
	return atMost(d, k.asked)
}

// answer returns what the questions come to.
func (k *Kubernetes) answer(s Subject, questions []question) Decision {
	d := rbacsim.Denied
	for i := range questions {
		q := &questions[i]
		if d = either(d, q.limit(k.decideQuestion(s, q))); d == rbacsim.Allowed {
			break
		}
	}
	return d
}

// question is one of the questions to Azure about a request, which are asked one after
// the other until one is allowed (AZ68).
type question struct {
	Checks
	doubt string // why it may not be asked
	err   error  // why it can't be asked
}

// questions returns what Azure is asked: at the namespace or cluster, at the managed
// namespace, and at the fleet or its managed namespace. If the first can't be asked,
// none is.
func (k *Kubernetes) questions(r rbacsim.Request) []question {
	checks, err := k.mapping.Map(k.scope, r)
	list := []question{{Checks: checks, err: err}}
	if err != nil {
		return list
	}
	namespaced := !r.NonResource && r.Namespace != ""
	if k.managedNamespaces && namespaced {
		list = append(list, atManagedNamespace(checks, k.scope, "", r))
	}
	for _, f := range k.fleets {
		checks, err := k.mapping.mapAs(memberType, f.scope, r)
		if err != nil { // as above, but for names of namespaces
			continue
		}
		if f.above { // what counts there counts in the fleet
			checks.Scope = f.scope
		}
		if !namespaced || f.above {
			list = append(list, question{Checks: checks, doubt: f.doubt})
			continue
		}
		list = append(list, atManagedNamespace(checks, f.scope, f.doubt, r),
			question{Checks: checks, doubt: cmp.Or(f.doubt, "not every version of the webhook asks at a namespace of a fleet")})
	}
	return list
}

func atManagedNamespace(checks Checks, parent Scope, doubt string, r rbacsim.Request) question {
	scope, err := namespaceScope(parent, "managedNamespaces", r)
	checks.Scope = scope
	return question{checks, doubt, err}
}

// limit is what an answer to the question is worth: a yes to one that may not be asked
// is none.
func (q *question) limit(d Decision) Decision {
	if q.doubt != "" {
		return atMost(d, rbacsim.Undecided)
	}
	return d
}

// request returns the question about one action.
func (k *Kubernetes) request(q *question, action string) Request {
	return Request{Action: action, Data: true, Scope: q.Scope, Attributes: k.mapping.known(q.Attributes)}
}

// decideQuestion returns the answer: all actions have to be allowed, by whatever
// assignments (AZ75). One that can't be asked allows nothing (AZ62).
func (k *Kubernetes) decideQuestion(s Subject, q *question) Decision {
	if q.err != nil {
		return rbacsim.Denied
	}
	d := rbacsim.Allowed
	for _, action := range q.Actions {
		if d = both(d, k.azure.Decide(s, k.request(q, action))); d == rbacsim.Denied {
			break
		}
	}
	return d
}

// otherGroup tells of a group that the subject may be in, for all that the input tells,
// and as whose member it would be allowed; empty for none (AZ74).
func (k *Kubernetes) otherGroup(s KubernetesSubject, r rbacsim.Request) string {
	for with, why := range k.Perhaps(s) {
		if k.rbac.Decide(with, r) != rbacsim.Denied {
			return why
		}
	}
	return ""
}

// Perhaps yields what the subject is to RBAC if it is in a group that bindings name and
// of which the input does not tell who is in it, although it tells that of others: once
// for each such group, by name, with why (AZ74).
func (k *Kubernetes) Perhaps(s KubernetesSubject) iter.Seq2[rbacsim.Subject, string] {
	return func(yield func(rbacsim.Subject, string) bool) {
		if s.exact || !s.Entra {
			return
		}
		for _, u := range k.unlisted {
			if slices.Contains(s.RBAC.Groups, u.group) {
				continue
			}
			with := s.RBAC
			with.Groups = append(slices.Clip(s.RBAC.Groups), u.group)
			if !yield(with, u.why) {
				return
			}
		}
	}
}

// either is the decision where one of two is enough, both the one where both are
// needed, and atMost what is left of a yes that is worth so much.
func either(d, e Decision) Decision {
	switch {
	case d == rbacsim.Allowed || e == rbacsim.Allowed:
		return rbacsim.Allowed
	case d == rbacsim.Denied && e == rbacsim.Denied:
		return rbacsim.Denied
	}
	return rbacsim.Undecided
}

func both(d, e Decision) Decision {
	switch {
	case d == rbacsim.Denied || e == rbacsim.Denied:
		return rbacsim.Denied
	case d == rbacsim.Allowed && e == rbacsim.Allowed:
		return rbacsim.Allowed
	}
	return rbacsim.Undecided
}

func atMost(d, most Decision) Decision {
	if d == rbacsim.Denied {
		return d
	}
	return both(d, most)
}
