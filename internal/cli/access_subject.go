package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"
	corev1 "k8s.io/api/core/v1"

	"github.com/aksim/aksim/internal/suggest"
	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/rbacsim"
	"github.com/aksim/aksim/pkg/rbacsim/azure"
)

// persona is what the flags say of who asks.
type persona struct {
	as     string
	groups []string
}

func (p *persona) flags(flags *pflag.FlagSet) {
	flags.StringVar(&p.as, "as", "", "`who` asks: sa/NAMESPACE/NAME, user/NAME, group/NAME, mi/NAME, sp/NAME, system:serviceaccount:NAMESPACE:NAME, or a user's name")
	flags.StringArrayVar(&p.groups, "as-group", nil, "a `group` that the user is in; may be repeated. As with kubectl, a ServiceAccount is then in none of its own")
}

func (p *persona) check() error {
	switch {
	case p.as == "" && len(p.groups) > 0:
		return fmt.Errorf("--as-group needs --as, as with kubectl; --as group/%s asks for a member of whom only that is known", p.groups[0])
	case p.as == "":
		return errors.New("offline nobody is logged in: say who asks, for example --as sa/NAMESPACE/NAME, --as alice or --as group/NAME")
	case slices.Contains(p.groups, ""):
		return errors.New("--as-group: a group's name can't be empty")
	}
	_, err := identity.Parse(p.as)
	return asFlag(err)
}

func asFlag(err error) error {
	if err != nil {
		return fmt.Errorf("--as: %w", err)
	}
	return nil
}

// subject returns who asks, and tells the session if that is probably not who is
// meant.
func (p *persona) subject(s *session, k *azure.Kubernetes) (azure.KubernetesSubject, error) {
	who, err := identity.Parse(p.as)
	if err != nil {
		return azure.KubernetesSubject{}, asFlag(err)
	}
	subject, err := k.Impersonating(who, p.groups...)
	if err != nil {
		return subject, asFlag(err)
	}
	if !subject.Entra {
		s.doubtPrincipal(k.RBAC(), who)
		s.doubtLocal(k, who)
	}
	for _, g := range p.groups {
		s.doubtPrincipal(k.RBAC(), identity.NewGroup(g))
	}
	if strings.HasPrefix(who.Name(), "system:node:") && !slices.Contains(p.groups, identity.Nodes) {
		s.note("warning: a kubelet is in group %[1]s, which the Node authorizer allows more than RBAC: say --as-group %[1]s", identity.Nodes)
	}
	if who.Kind() == identity.ServiceAccount && len(p.groups) > 0 {
		s.note("as with kubectl, the groups of --as-group take the place of %s's own", who)
	}
	return subject, nil
}

// doubtLocal warns of a user whom a cluster of Microsoft Entra ID takes for a local
// account.
func (s *session) doubtLocal(k *azure.Kubernetes, who identity.Principal) {
	if d, _ := k.AsksAzure(); d == rbacsim.Denied || who.Kind() != identity.User || strings.HasPrefix(who.Name(), "system:") {
		return
	}
	var meant string
	for e := range k.Azure().Directory().Entities() {
		if name, _, ok := strings.Cut(e.Name, "@"); ok && strings.EqualFold(name, who.Name()) {
			meant = fmt.Sprintf(" (did you mean %q?)", e.Principal())
			break
		}
	}
	s.note("warning: %s is taken for a local account, about whom Azure is not asked%s", who, meant)
}

// doubtPrincipal warns of somebody whom nothing in the input names, while it names
// somebody who is nearly called so. Neither users nor groups are objects, and
// ServiceAccounts need not be in the input, so it is no error.
func (s *session) doubtPrincipal(a *rbacsim.Authorizer, who identity.Principal) {
	if note := doubtUser(who); note != "" {
		s.note("warning: %s", note)
		return
	}
	var users, others []string
	for p := range a.Principals() {
		switch {
		case p == who:
			return
		case p.Name() == who.Name() && p.Kind() != identity.ServiceAccount && who.Kind() != identity.ServiceAccount:
			others = append(others, p.String())
		case p.Kind() == who.Kind():
			users = append(users, p.String())
		}
	}
	isAccount := who.Kind() == identity.ServiceAccount
	if isAccount {
		for o := range model.All[corev1.ServiceAccount](a.Cluster()) {
			p := identity.NewServiceAccount(o.Ref.Namespace, o.Ref.Name)
			if p == who {
				return
			}
			users = append(users, p.String())
		}
	}
	near := nearPrincipal(who, users)
	if strings.HasPrefix(who.Name(), "system:") {
		near = "" // Kubernetes' own names are near one another
	}
	switch {
	case len(others) > 0:
		s.note("warning: nothing in the input names %s (did you mean %q?)", who, others[0])
	case near != "" || isAccount:
		s.note("warning: nothing in the input names %s%s", who, near)
	}
}

// doubtUser says what a user's name looks as if it were meant for.
func doubtUser(who identity.Principal) string {
	if who.Kind() != identity.User {
		return ""
	}
	parts := strings.Split(who.Name(), "/")
	switch kind, ok := model.KindByWord(parts[0]); {
	case strings.HasPrefix(who.Name(), "system:serviceaccount"):
		return fmt.Sprintf("no ServiceAccount can be called %s: it is taken for a user", who.Name())
	case ok && kind.Name == "ServiceAccount" && len(parts) == 3:
		return fmt.Sprintf("%s is taken for a user; a ServiceAccount is sa/%s/%s", who.Name(), parts[1], parts[2])
	}
	return ""
}

// nearPrincipal suggests principals of the same kind by the name alone: the prefix
// that they share says nothing.
func nearPrincipal(who identity.Principal, known []string) string {
	prefix, name, _ := strings.Cut(who.String(), "/")
	var names []string
	for _, k := range known {
		if rest, ok := strings.CutPrefix(k, prefix+"/"); ok {
			names = append(names, rest)
		}
	}
	near := suggest.Nearest(name, names)
	if len(near) == 0 || len(name) < 4 {
		return ""
	}
	return fmt.Sprintf(" (did you mean %q?)", prefix+"/"+near[0])
}
