package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aksim/aksim/internal/actionset"
	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/rbacsim"
	"github.com/aksim/aksim/pkg/rbacsim/azure"
)

// checkMinimal proves of each identity by which SecretProviderClasses fetch that in key
// vaults it may do what they ask for and no more, and of their vaults that roles decide.
func checkMinimal(c *Context, a *Answer) {
	for range model.All[model.SecretProviderClass](c.cluster) {
		c.minimal(a)
		return
	}
	a.NotApplicable("the input has no SecretProviderClass")
}

func (c *Context) minimal(a *Answer) {
	c.checkVaults(a)
	all := fetchers(c.classUses(a))
	objects := 0
	for _, f := range all {
		objects += len(f.objects)
		c.checkFetcher(a, f)
	}
	a.Proved("%s of key vaults, and all that %s may do in any vault, known or not",
		plural(objects, "object", "objects"), plural(len(all), "identity", "identities"))
}

// checkVaults looks at the vaults that classes name.
func (c *Context) checkVaults(a *Answer) {
	for o := range model.All[model.SecretProviderClass](c.cluster) {
		name := o.API.Spec.Parameters["keyvaultName"]
		if o.API.Spec.Provider != "azure" || name == "" {
			continue // for AKS-SEC-002
		}
		v := c.vault(name)
		f := Finding{Object: o.Ref.String(), Place: o.Origin.At("spec.parameters")}
		if v == nil {
			f.Text = "names the key vault " + name + ", which is not in the input"
			f.Missing = "key vaults: az keyvault show -n " + name + " -o json"
			a.Open(f)
			continue
		}
		class := orDefault(o.API.Spec.Parameters["tenantID"], o.API.Spec.Parameters["tenantId"])
		if tenant, ok := v.API.TenantID.Get(); ok && !strings.EqualFold(tenant, class) {
			f.Text = fmt.Sprintf("asks in tenant %s, and the key vault %s is of tenant %s", orNone(class), name, tenant)
			a.Refute(f)
		}
		c.checkVault(a, v)
	}
}

func (c *Context) vault(name string) *model.Object[model.KeyVault] {
	for o := range model.All[model.KeyVault](c.cluster) {
		if strings.EqualFold(o.API.Name.Or(""), name) {
			return o
		}
	}
	return nil
}

// checkVault proves that roles decide about a vault: access policies are for the vault
// as a whole. How it is reached over the network is told and not judged.
// https://learn.microsoft.com/azure/key-vault/general/access-control-default
func (c *Context) checkVault(a *Answer, o *model.Object[model.KeyVault]) {
	v := o.API
	f := Finding{Object: "KeyVault " + v.Name.Or(o.Ref.Name), Place: propertyPlace(o.Origin, "enableRbacAuthorization")}
	a.doubts(f, o.Origin)
	on, known := v.RBAC.Get()
	switch {
	case known && !on:
		f.Text = "access policies decide about it, and each is for the whole vault: enableRbacAuthorization is false"
		a.Refute(f)
	case !known && (v.Template || isUnresolved(v.RBAC)):
		c.openProperty(a, f, "enableRbacAuthorization", v.RBAC, "")
	case !known:
		f.Text = "access policies decide about it, and each is for the whole vault: enableRbacAuthorization is not set"
		a.Refute(f)
	}
	isOpen := !strings.EqualFold(v.PublicNetwork.Or(""), "Disabled") && !strings.EqualFold(v.NetworkDefault.Or(""), "Deny")
	switch {
	case isOpen && !isUnresolved(v.PublicNetwork) && !isUnresolved(v.NetworkDefault):
		a.Note("%s is reached from every network", f.Object)
	case v.PrivateEndpoint.Or(false):
		a.Note("%s is reached by a private endpoint", f.Object)
	}
}

// vaultActions are the data actions of key vaults, whatever they are.
func vaultActions() actionset.Set {
	return actionset.Set{{Allow: actionset.CompileAll("Microsoft.KeyVault/*")}}
}

// meant are the data actions that an object of a class needs: those of the role that is
// documented for its kind.
// https://learn.microsoft.com/azure/aks/csi-secrets-store-identity-access
func (c *Context) meant(o vaultObject) (all []azure.Allowance, err error) {
	v := c.vault(o.vault)
	if v == nil {
		return nil, nil
	}
	roles := map[string]string{"secret": "Key Vault Secrets User", "key": "Key Vault Crypto User", "cert": "Key Vault Certificate User"}
	collections := []string{o.collection()}
	if o.kind == "cert" { // with its private key, which is a secret of the same name
		collections = append(collections, "secrets", "keys")
	}
	for _, collection := range collections {
		scope, err := azure.ParseScope(v.API.ID.Or("") + "/" + collection + "/" + o.name)
		if err != nil {
			return nil, err
		}
		more, err := c.Azure().Allowances(roles[o.kind], scope)
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	return all, nil
}

// checkFetcher compares what an identity may do in vaults with what the classes ask for,
// and with what the claims give it at single objects.
func (c *Context) checkFetcher(a *Answer, of fetcher) {
	f := Finding{Object: of.entity.Principal().String(), Place: of.entity.Place}
	subject, err := c.Azure().SubjectOf(of.entity.Principal())
	if err != nil {
		f.Text = err.Error()
		a.Open(f)
		return
	}
	allowed, err := c.claimedObjects(of.entity)
	for _, o := range of.objects {
		more, wrong := c.meant(o)
		if allowed = append(allowed, more...); err == nil {
			err = wrong
		}
	}
	if err != nil {
		f.Text = err.Error()
		a.Open(f)
		return
	}
	for d := range c.Azure().Within(subject, allowed).Differences() {
		c.excess(a, f, of, d)
	}
}

// excess reports a difference if it is about vaults; what is missing is for AKS-SEC-002.
func (c *Context) excess(a *Answer, f Finding, of fetcher, d azure.Difference) {
	if d.Kind == azure.Missing || !d.Right.Data {
		return
	}
	witness := d.Witness.Action
	if !vaultActions().Has(witness) {
		right := actionset.Set{{Allow: actionset.CompileAll(d.Right.Actions...), Except: actionset.CompileAll(d.Right.Except...)}}
		var overlap bool
		if witness, overlap = right.Overlaps(vaultActions()); !overlap {
			return
		}
	}
	f.Place = d.Right.Place
	f.Grounds = strings.Split(d.Right.Grant.String(), "\n")
	f.Replay = []string{"can-i", witness, "--scope", d.Witness.Scope.String(), "--as", f.Object}
	f.Text = fmt.Sprintf("may %s at %s, and %s for no more than %s",
		witness, d.Witness.Scope, askText(of.classes), objectsText(of.objects))
	if d.Kind == azure.Unproven || d.Decision != rbacsim.Allowed {
		a.Open(f)
		return
	}
	a.Refute(f)
}

func askText(classes []NamespacedName) string {
	if len(classes) == 1 {
		return "SecretProviderClass " + classes[0].String() + " asks"
	}
	var names []string
	for _, n := range classes {
		names = append(names, n.String())
	}
	return "the SecretProviderClasses " + list(names) + " ask"
}

func objectsText(objects []vaultObject) string {
	var names []string
	for _, o := range objects {
		names = append(names, o.String())
	}
	return list(names)
}

// claimedObjects are what the claims give an identity at single objects of vaults:
// somebody thought of each.
func (c *Context) claimedObjects(of identity.Entity) (all []azure.Allowance, err error) {
	for _, id := range c.claims.Spec.Identities {
		e, err := c.Azure().Directory().Find(identity.NewManagedIdentity(id.ManagedIdentity))
		if err != nil || e.ObjectID != of.ObjectID {
			continue // a name of nobody is for AKS-ID-003
		}
		allowed, err := c.allowances(id.Actions)
		if err != nil {
			return nil, err
		}
		for _, w := range allowed {
			if slices.ContainsFunc([]string{"/secrets/", "/keys/", "/certificates/"}, func(part string) bool {
				return strings.Contains(strings.ToLower(w.Scope.String()), part)
			}) {
				all = append(all, w)
			}
		}
	}
	return all, nil
}
