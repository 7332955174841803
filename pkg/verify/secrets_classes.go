package verify

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
)

type secretClass = model.Object[model.SecretProviderClass]

// classUse is a SecretProviderClass that a workload mounts, with how its secrets come to
// be fetched.
type classUse struct {
	class NamespacedName
	unit  model.Ref
	chain identity.Chain
}

// classUses follows every workload that mounts a SecretProviderClass, once; what can't
// be followed is left open.
func (c *Context) classUses(a *Answer) (uses []classUse) {
	seen := map[model.Ref]bool{}
	for p := range c.cluster.Pods() {
		unit := unitOf(p)
		if p.Terminated() || seen[unit] || len(mountedClasses(p)) == 0 {
			continue
		}
		seen[unit] = true
		trace, err := c.Graph().WhoAmI(podName(unit))
		if err != nil {
			a.Open(Finding{Object: unit.String(), Place: p.Origin.Place, Text: err.Error()})
			continue
		}
		for _, chain := range trace.Chains {
			if chain.Way == identity.BySecretProvider {
				uses = append(uses, classUse{classOfChain(chain), unit, c.Azure().Access(chain)})
			}
		}
	}
	return uses
}

// classOfChain returns the SecretProviderClass that the chain speaks of.
func classOfChain(chain identity.Chain) (n NamespacedName) {
	for _, s := range chain.Steps {
		if s.Kind == identity.ClassStep {
			name, _, _ := strings.Cut(s.Detail, " ")
			n.Namespace, n.Name, _ = strings.Cut(name, "/")
			return n
		}
	}
	return n
}

// mountedClasses returns the names of the SecretProviderClasses that a pod mounts.
func mountedClasses(p *model.Pod) (names []string) {
	for i := range p.Spec.Volumes {
		if v := p.Spec.Volumes[i].CSI; v != nil && v.Driver == secretsDriver {
			names = append(names, v.VolumeAttributes["secretProviderClass"])
		}
	}
	return names
}

// checkClasses proves that every SecretProviderClass fetches by workload identity, for
// every workload that mounts it.
func checkClasses(c *Context, a *Answer) {
	classes := slices.Collect(model.All[model.SecretProviderClass](c.cluster))
	if len(classes) == 0 {
		a.NotApplicable("the input has no SecretProviderClass")
		return
	}
	uses := c.classUses(a)
	for _, o := range classes {
		c.checkClass(a, o)
	}
	for _, u := range uses {
		c.checkUse(a, u)
	}
	a.Proved("%s that %s mount", plural(len(classes), "SecretProviderClass", "SecretProviderClasses"), count(len(uses), "workload"))
}

// checkClass looks at what a class says by itself.
func (c *Context) checkClass(a *Answer, o *secretClass) {
	f := Finding{Object: o.Ref.String(), Place: o.Origin.Place}
	p := o.API.Spec.Parameters
	isOn := func(name string) bool { on, err := strconv.ParseBool(p[name]); return on && err == nil }
	switch {
	case o.API.Spec.Provider != "azure":
		f.Text = "is of provider " + orNone(o.API.Spec.Provider) + ", which is not modelled"
		a.Open(f)
		return
	case isOn("usePodIdentity"):
		f.Text = "fetches by pod identity, the forerunner of workload identity"
	case isOn("useVMManagedIdentity"):
		f.Text = "fetches by an identity of the nodes, which every pod there has that reaches the metadata service"
	case p["clientID"] == "":
		f.Text = "names no identity: it fetches with a password, out of a Secret"
	}
	if f.Text != "" {
		f.Place = o.Origin.At("spec.parameters")
		a.Refute(f)
	}
	if !c.isMounted(o.Ref) {
		f.Place, f.Text = o.Origin.Place, "no pod mounts it: it gives nobody a secret"
		a.Refute(f)
	}
}

func (c *Context) isMounted(class model.Ref) bool {
	for p := range c.cluster.Pods() {
		if p.Namespace == class.Namespace && slices.Contains(mountedClasses(p), class.Name) {
			return true
		}
	}
	return false
}

// checkUse reports where the way from a workload to its secrets breaks.
func (c *Context) checkUse(a *Answer, u classUse) {
	f := Finding{Object: "SecretProviderClass " + u.class.String(), Replay: []string{"whoami", podName(u.unit)}}
	for s := range u.chain.Breaks() {
		f.Place = s.Place
		f.Text = fmt.Sprintf("%s does not get its secrets, the chain is broken: %s: %s", u.unit, s.Title, s.Detail)
		f.Grounds = slices.Collect(u.chain.Lines())
		if s.Outcome == identity.Broken {
			a.Refute(f)
			return // what follows hangs on it
		}
		f.Text = fmt.Sprintf("whether %s gets its secrets is not known: %s: %s", u.unit, s.Title, s.Detail)
		a.Open(f)
	}
}

// containersOf returns the containers of a pod with their paths in it.
func containersOf(p *model.Pod) (all []podContainer) {
	for i := range p.Spec.InitContainers {
		all = append(all, podContainer{&p.Spec.InitContainers[i], fmt.Sprintf("spec.initContainers[%d]", i)})
	}
	for i := range p.Spec.Containers {
		all = append(all, podContainer{&p.Spec.Containers[i], fmt.Sprintf("spec.containers[%d]", i)})
	}
	return all
}

type podContainer struct {
	*corev1.Container
	path string
}

// fetcher is an identity by which SecretProviderClasses fetch, with all that they ask
// for.
type fetcher struct {
	entity  identity.Entity
	classes []NamespacedName
	objects []vaultObject
}

// vaultObject is an object in a key vault.
type vaultObject struct{ vault, kind, name string }

// String returns VAULT/secrets/NAME, or keys or certificates.
func (o vaultObject) String() string { return o.vault + "/" + o.collection() + "/" + o.name }

func (o vaultObject) collection() string {
	switch o.kind {
	case "key":
		return "keys"
	case "cert":
		return "certificates"
	}
	return "secrets"
}

// fetchers returns the identities of the uses, by object id.
func fetchers(uses []classUse) (all []fetcher) {
	for _, u := range uses {
		id := u.chain.Identity.ObjectID
		if id == "" {
			continue
		}
		i := slices.IndexFunc(all, func(f fetcher) bool { return f.entity.ObjectID == id })
		if i < 0 {
			i, all = len(all), append(all, fetcher{entity: u.chain.Identity})
		}
		f := &all[i]
		if !slices.Contains(f.classes, u.class) {
			f.classes = append(f.classes, u.class)
		}
		for _, o := range u.chain.Objects {
			if v := (vaultObject{u.chain.Vault, o.Type, o.Name}); !slices.Contains(f.objects, v) {
				f.objects = append(f.objects, v)
			}
		}
	}
	slices.SortFunc(all, func(x, y fetcher) int { return cmp.Compare(x.entity.ObjectID, y.entity.ObjectID) })
	return all
}
