package verify

import (
	"fmt"
	"strings"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/aksim/aksim/pkg/model"
)

// providerAddOn is the key of the add-on, in lower case.
// https://learn.microsoft.com/azure/aks/csi-secrets-store-driver
const providerAddOn = "azurekeyvaultsecretsprovider"

func checkSecretsProvider(c *Context, a *Answer) {
	aks := c.AKS()
	f := Finding{Object: "ManagedCluster " + orDefault(aks.API.Name.Or(""), aks.Ref.Name), Place: propertyPlace(aks.Origin, "addonProfiles")}
	a.doubts(f, aks.Origin)
	addOn, ok := aks.API.AddOns[providerAddOn]
	on := addOn.Enabled
	switch {
	case isUnresolved(on):
		c.openProperty(a, f, "addonProfiles.azureKeyvaultSecretsProvider.enabled", on, "")
		return
	case !ok || !on.Or(false):
		f.Text = "the Key Vault provider for the secrets store CSI driver is not on"
		if own := c.ownProvider(); own != "" {
			f.Text += fmt.Sprintf(", and whether %s, which may be one of your own, rotates is not read", own)
			a.Open(f)
			return
		}
		a.Refute(f)
		return
	}
	rotation := addOn.Config["enablesecretrotation"]
	f.Place = propertyPlace(aks.Origin, "addonProfiles."+addOn.Name+".config.enableSecretRotation")
	switch {
	case isUnresolved(rotation):
		c.openProperty(a, f, "addonProfiles.azureKeyvaultSecretsProvider.config.enableSecretRotation", rotation, "")
	case !strings.EqualFold(rotation.Or(""), "true"):
		f.Text = "the Key Vault provider does not rotate: config.enableSecretRotation is " + orNone(rotation.Or(""))
		a.Refute(f)
	}
	a.Proved("the add-on and its rotation, every %s", orDefault(addOn.Config["rotationpollinterval"].Or(""), "2m"))
}

func orDefault(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// ownProvider returns the DaemonSet of a provider that somebody installed themselves.
func (c *Context) ownProvider() string {
	for o := range model.All[appsv1.DaemonSet](c.cluster) {
		for _, ct := range o.API.Spec.Template.Spec.Containers {
			if strings.Contains(ct.Image, "provider-azure") {
				return o.Ref.String()
			}
		}
	}
	return ""
}

// propertyPlace returns where a property of an Azure resource is written: below
// properties in templates and the REST API, at the top in the output of az.
func propertyPlace(o model.Origin, path string) model.Place {
	if at := o.At("properties." + path); at != o.Place && at != o.At("properties") {
		return at
	}
	return o.At(path)
}
