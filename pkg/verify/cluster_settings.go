package verify

import (
	"fmt"
	"strings"

	"github.com/aksim/aksim/pkg/model"
)

// setting is a switch of the cluster's configuration that has to stand one way.
type setting struct {
	path  string // as exports have it
	value model.Property[bool]
	want  bool
	// preset says why AKS may set it where a template leaves it out; empty if it does
	// not.
	preset string
	// so says what comes of the other way, for the counterexample.
	so string
}

// clusterObject is how findings name the cluster.
func (c *Context) clusterObject() string {
	aks := c.AKS().API
	if name := aks.Name.Or(lastSegment(aks.ID.Or(""))); name != "" {
		return "cluster " + name
	}
	return "the cluster"
}

func lastSegment(id string) string { return id[strings.LastIndex(id, "/")+1:] }

// exportCluster is what decides where a template does not.
const exportCluster = "cluster: az aks show -g GROUP -n NAME -o json"

// holds says so if a setting does not stand as it has to.
func (c *Context) holds(a *Answer, s setting) {
	if got, ok := s.value.Get(); !ok || got != s.want {
		c.settle(a, s.path, how(s.path, s.value), s.value, s.preset, s.so)
	}
}

// settle refutes by what a property is or, where nobody knows that, leaves it open.
func (c *Context) settle(a *Answer, path, text string, value interface{ Unresolved() (string, bool) }, preset, so string) {
	aks := c.AKS()
	f := Finding{Object: c.clusterObject(), Place: aks.Origin.At(path), Text: text}
	isAbsent := strings.HasSuffix(text, notSet)
	_, isOpen := value.Unresolved()
	switch {
	case isOpen:
		f.Missing = exportCluster
	case isAbsent && aks.API.Template && preset != "":
		f.Text += ", and " + preset
		f.Missing = exportCluster
	case isAbsent && c.isAutomatic():
		f.Text += ", and AKS Automatic has presets"
		f.Missing = exportCluster
	default:
		if so != "" {
			f.Text += ": " + so
		}
		a.Refute(f)
		return
	}
	a.Open(f)
}

// isAutomatic reports whether a template asks for a cluster that AKS sets up by itself.
// https://learn.microsoft.com/azure/aks/intro-aks-automatic
func (c *Context) isAutomatic() bool {
	aks := c.AKS().API
	return aks.Template && strings.EqualFold(aks.SKU.Or(""), "Automatic")
}

const notSet = " is not set"

// how says what a property is.
func how[T any](path string, p model.Property[T]) string {
	if v, ok := p.Get(); ok {
		return fmt.Sprintf("%s is %v", path, v)
	}
	if expression, ok := p.Unresolved(); ok {
		return path + " hangs on " + expression
	}
	return path + notSet
}

// doubt says why an object may not be there; empty if it is.
func doubt(o model.Origin) string {
	for _, g := range o.Gaps {
		return g.What
	}
	return ""
}

// deployed leaves the answer open if it hangs on something whether the cluster is there.
func (c *Context) deployed(a *Answer) {
	aks := c.AKS()
	for _, g := range aks.Origin.Gaps {
		if g.Path == "condition" {
			a.Open(Finding{Object: c.clusterObject(), Place: aks.Origin.Place, Text: g.What, Missing: exportCluster})
		}
	}
}

// checkSettings is the check of a control that is about settings alone.
func checkSettings(over string, all func(*model.ManagedCluster) []setting) func(*Context, *Answer) {
	return func(c *Context, a *Answer) {
		c.deployed(a)
		for _, s := range all(c.AKS().API) {
			c.holds(a, s)
		}
		a.Proved(over+" of %s", c.clusterObject())
	}
}

func checkEntra(c *Context, a *Answer) {
	c.deployed(a)
	e := &c.AKS().API.Entra
	isManaged, known := e.Managed.Get()
	switch present, ok := e.Present.Get(); {
	case !ok || !present:
		text := how("aadProfile", e.Present)
		if ok {
			text = "aadProfile" + notSet
		}
		c.settle(a, "aadProfile", text, e.Present, "", "the cluster knows nobody of Microsoft Entra ID")
	case known && !isManaged, !known && e.ServerAppID.Or("") != "":
		c.settle(a, "aadProfile", "aadProfile is of the legacy integration", e.Present, "", "it is retired")
	case !known && !e.AzureRBAC.Or(false):
		a.Open(Finding{Object: c.clusterObject(), Place: c.AKS().Origin.At("aadProfile"), Text: how("aadProfile.managed", e.Managed), Missing: exportCluster})
	}
	a.Proved("the profile aadProfile of %s", c.clusterObject())
}

func azureRBACSettings(aks *model.ManagedCluster) []setting {
	all := []setting{{path: "aadProfile.enableAzureRBAC", value: aks.Entra.AzureRBAC, want: true, so: "Kubernetes RBAC alone decides, which no role assignment shows"}}
	if p := aks.KubernetesRBAC; p.IsKnown() { // nothing else goes with an aadProfile
		all = append(all, setting{path: "enableRBAC", value: p, want: true, so: "whoever gets in may do everything"})
	} else if _, isOpen := p.Unresolved(); isOpen {
		all = append(all, setting{path: "enableRBAC", value: p, want: true})
	}
	return all
}

func localAccountSettings(aks *model.ManagedCluster) []setting {
	return []setting{{
		path: "disableLocalAccounts", value: aks.DisableLocal, want: true,
		so: "az aks get-credentials --admin hands out a cluster-admin whom no log tells apart",
	}}
}

func runCommandSettings(aks *model.ManagedCluster) []setting {
	return []setting{{
		path: "apiServerAccessProfile.disableRunCommand", value: aks.APIServer.DisableRunCommand, want: true,
		so: "az aks command invoke runs anything as cluster-admin, from any network",
	}}
}

// firstWithIssuer is the minor version of Kubernetes from which on AKS turns the OIDC
// issuer of new clusters on by itself.
// https://learn.microsoft.com/azure/aks/use-oidc-issuer
const firstWithIssuer = 34

func workloadIdentitySettings(aks *model.ManagedCluster) []setting {
	preset := "new clusters have it from Kubernetes 1.34 on"
	if minor := minorOf(aks.KubernetesVersion.Or("")); minor > 0 && minor < firstWithIssuer {
		preset = ""
	}
	return []setting{
		{path: "oidcIssuerProfile.enabled", value: aks.OIDCIssuer, want: true, preset: preset, so: "nobody can check the tokens of ServiceAccounts"},
		{path: "securityProfile.workloadIdentity.enabled", value: aks.WorkloadIdentity, want: true, so: "pods get no token for Azure"},
	}
}

func checkLockdown(c *Context, a *Answer) {
	c.deployed(a)
	p := c.AKS().API.NodeLockdown
	if level, ok := p.Get(); !ok || !strings.EqualFold(level, "ReadOnly") {
		const path = "nodeResourceGroupProfile.restrictionLevel"
		c.settle(a, path, how(path, p), p, "", "who has rights there runs commands on nodes and changes their identities")
	}
	a.Proved("the node resource group of %s", c.clusterObject())
}

func checkCNI(c *Context, a *Answer) {
	c.deployed(a)
	p := c.AKS().API.Network.Plugin
	if plugin, ok := p.Get(); !ok || !strings.EqualFold(plugin, "azure") {
		const path = "networkProfile.networkPlugin"
		preset := ""
		if !p.IsNull() {
			preset = "the default changes with the API version"
		}
		c.settle(a, path, how(path, p), p, preset, "")
	}
	a.Proved("%s, %s", c.clusterObject(), strings.TrimSpace("Azure CNI "+c.AKS().API.Network.PluginMode.Or("")))
}

// checkEngine tells no engine from one that is not known.
func checkEngine(c *Context, a *Answer) {
	c.deployed(a)
	e := c.Engine()
	if e.Name != "" {
		a.Proved("%s, by %s", c.clusterObject(), e.Name)
		return
	}
	n := &c.AKS().API.Network
	f := Finding{Object: c.clusterObject(), Place: c.AKS().Origin.At("networkProfile"), Text: e.Why}
	policy := strings.ToLower(n.Policy.Or(""))
	_, isOpen := n.Policy.Unresolved()
	_, isOpenPlane := n.Dataplane.Unresolved()
	if isOpen || isOpenPlane || strings.EqualFold(n.Plugin.Or(""), "none") || policy != "" && policy != "none" {
		f.Missing = "policy engine: which one enforces NetworkPolicies, in networkProfile.networkPolicy or networkDataplane"
		a.Open(f)
		return
	}
	a.Refute(f)
}

func checkPolicyAddOn(c *Context, a *Answer) {
	c.deployed(a)
	addOn := c.AKS().API.AddOns["azurepolicy"]
	c.holds(a, setting{
		path: "addonProfiles.azurepolicy.enabled", value: addOn.Enabled, want: true,
		so: "nothing in the cluster enforces what is assigned",
	})
	a.Proved("the add-on azurepolicy of %s", c.clusterObject())
}
