package verify

import (
	"strings"

	"github.com/aksim/aksim/pkg/model"
)

// evidenceTrustedAccess is there even if the list is empty, as long as its file says
// what it is a list of.
func evidenceTrustedAccess() Evidence {
	return Evidence{"trusted access", "az aks trustedaccess rolebinding list -g GROUP --cluster-name NAME -o json > trusted-access.json", func(c *Context) string {
		for range model.All[model.TrustedAccessRoleBinding](c.cluster) {
			return ""
		}
		if c.isListedEmpty("trustedaccess") {
			return ""
		}
		return "the input has no list of trusted access role bindings"
	}}
}

// isListedEmpty reports whether an export is empty whose file has the word in its name,
// dashes aside: nothing else tells what an empty list is of.
func (c *Context) isListedEmpty(word string) bool {
	for f := range c.cluster.Findings() {
		name := strings.ToLower(lastSegment(f.Place.File))
		if f.Rule == "empty-export" && strings.Contains(strings.NewReplacer("-", "", "_", "", " ", "").Replace(name), word) {
			return true
		}
	}
	return false
}

// checkTrustedAccess refutes every binding: one that is meant is an exception, with
// somebody who answers for it.
func checkTrustedAccess(c *Context, a *Answer) {
	if c.AKS() == nil {
		return
	}
	c.deployed(a)
	id := c.AKS().API.ID.Or("")
	for o := range model.All[model.TrustedAccessRoleBinding](c.cluster) {
		b := o.API
		if other, ok := b.ClusterID.Get(); ok && id != "" && !strings.EqualFold(other, id) {
			continue
		}
		f := Finding{
			Object: "trusted access " + b.Name.Or(lastSegment(o.Ref.Name)), Place: o.Origin.Place,
			Text: "gives " + b.SourceResourceID.Or("a resource that is not known") + " the roles " + list(b.Roles.Or([]string{"that are not known"})) + " in the cluster",
		}
		if why := doubt(o.Origin); why != "" {
			f.Text, f.Missing = why+": "+f.Text, "trusted access: az aks trustedaccess rolebinding list -g GROUP --cluster-name NAME -o json"
			a.Open(f)
			continue
		}
		a.Refute(f)
	}
	a.Proved("the trusted access role bindings of %s", c.clusterObject())
}
