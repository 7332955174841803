package verify

import (
	"cmp"
	"fmt"
	"iter"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/aksim/aksim/pkg/model"
)

// defaultAccount is the ServiceAccount of pods that name none.
const defaultAccount = "default"

func accountOf(p *model.Pod) string { return cmp.Or(p.Spec.ServiceAccountName, defaultAccount) }

// appPods yields the living pods of the application namespaces, in the order of
// [model.Cluster.Pods].
func (c *Context) appPods() iter.Seq[*model.Pod] {
	namespaces := c.AppNamespaces()
	return func(yield func(*model.Pod) bool) {
		for p := range c.cluster.Pods() {
			if slices.Contains(namespaces, p.Namespace) && !p.Terminated() && !yield(p) {
				return
			}
		}
	}
}

// unitOf returns the workload of a pod, or the pod itself if it has none.
func unitOf(p *model.Pod) model.Ref {
	if w := p.Workload(); !w.IsZero() {
		return w
	}
	return model.Ref{Kind: "Pod", Namespace: p.Namespace, Name: p.Name}
}

// podPlace returns the place of a part of a pod, or of the template that it stands for.
func podPlace(p *model.Pod, path string) model.Place {
	switch {
	case !p.Template:
	case p.Workload().Kind == "CronJob":
		path = "spec.jobTemplate.spec.template." + path
	default:
		path = "spec.template." + path
	}
	return p.Origin.At(path)
}

// appUnits yields one pod of each workload of the application namespaces.
func (c *Context) appUnits() iter.Seq2[model.Ref, *model.Pod] {
	return func(yield func(model.Ref, *model.Pod) bool) {
		seen := map[model.Ref]bool{}
		for p := range c.appPods() {
			unit := unitOf(p)
			if !seen[unit] && !yield(unit, p) {
				return
			}
			seen[unit] = true
		}
	}
}

func checkNoDefaultAccount(c *Context, a *Answer) {
	n := 0
	for unit, p := range c.appUnits() {
		n++
		if accountOf(p) == defaultAccount {
			how := "names the ServiceAccount default"
			if p.Spec.ServiceAccountName == "" {
				how = "names no ServiceAccount, and runs as default"
			}
			a.Refute(Finding{Object: unit.String(), Place: podPlace(p, "spec.serviceAccountName"), Text: how})
		}
	}
	a.overWorkloads(c, n)
}

func checkOwnAccount(c *Context, a *Answer) {
	users, n := map[model.Ref][]*model.Pod{}, 0
	var accounts []model.Ref
	for _, p := range c.appUnits() {
		n++
		account := model.Ref{Kind: "ServiceAccount", Namespace: p.Namespace, Name: accountOf(p)}
		if account.Name == defaultAccount {
			continue
		}
		if users[account] == nil {
			accounts = append(accounts, account)
		}
		users[account] = append(users[account], p)
	}
	for _, account := range accounts {
		first := users[account][0]
		for _, p := range users[account][1:] {
			a.Refute(Finding{
				Object: account.String(), Place: podPlace(p, "spec.serviceAccountName"),
				Text: fmt.Sprintf("%s and %s both run as it", unitOf(first), unitOf(p)),
			})
		}
	}
	a.overWorkloads(c, n)
}

// overWorkloads says that all workloads were looked at.
func (a *Answer) overWorkloads(c *Context, n int) {
	if n == 0 {
		a.NotApplicable("no application namespace has a workload")
		return
	}
	a.Proved("%s of %s", count(n, "workload"), list(c.AppNamespaces()))
}

// hasAccount reports whether the input has a ServiceAccount, or a pod that runs as one
// of the name.
func (c *Context) hasAccount(namespace, name string) bool {
	if _, ok := model.Get[corev1.ServiceAccount](c.cluster, namespace, name); ok {
		return true
	}
	for p := range c.cluster.Pods() {
		if p.Namespace == namespace && accountOf(p) == name {
			return true
		}
	}
	return false
}
