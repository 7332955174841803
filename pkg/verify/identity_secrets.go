package verify

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/aksim/aksim/pkg/model"
)

// secretsDriver is the secrets store CSI driver.
const secretsDriver = "secrets-store.csi.k8s.io"

func checkNoAzureSecrets(c *Context, a *Answer) {
	n := 0
	for unit, p := range c.appUnits() {
		n++
		c.azureSecretsOf(a, unit, p)
	}
	namespaces, objects := c.AppNamespaces(), 0
	look := func(ref model.Ref, o model.Origin, keys []string) {
		if !slices.Contains(namespaces, ref.Namespace) {
			return
		}
		objects++
		for _, key := range keys {
			if isAzureSecret(key) {
				a.Refute(Finding{Object: ref.String(), Place: o.At("data." + key), Text: "has the key " + key + ", by which clients of Azure take a secret"})
			}
		}
	}
	for o := range model.All[corev1.Secret](c.cluster) {
		look(o.Ref, o.Origin, keysOf(o.API.Data, o.API.StringData))
	}
	for o := range model.All[corev1.ConfigMap](c.cluster) {
		look(o.Ref, o.Origin, keysOf(o.API.BinaryData, o.API.Data))
	}
	c.clusterServicePrincipal(a)
	a.Note("the values of Secrets and ConfigMaps are not read: the keys are what is looked at")
	a.Proved("%s and %s of %s, and the cluster's own identity", count(n, "workload"), plural(objects, "Secret or ConfigMap", "Secrets and ConfigMaps"), list(namespaces))
}

// keysOf returns the keys of both maps, in order.
func keysOf[V, W any](a map[string]V, b map[string]W) (keys []string) {
	for k := range a {
		keys = append(keys, k)
	}
	for k := range b {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// azureSecretsOf looks at the variables and volumes of a pod.
func (c *Context) azureSecretsOf(a *Answer, unit model.Ref, p *model.Pod) {
	for _, list := range []struct {
		path       string
		containers []corev1.Container
	}{{"spec.initContainers", p.Spec.InitContainers}, {"spec.containers", p.Spec.Containers}} {
		for i, ct := range list.containers {
			for j, e := range ct.Env {
				f := Finding{Object: unit.String(), Place: podPlace(p, fmt.Sprintf("%s[%d].env[%d]", list.path, i, j))}
				switch {
				case isAzureSecret(e.Name) && (e.Value != "" || e.ValueFrom != nil):
					f.Text = fmt.Sprintf("container %s has the variable %s, by which clients of Azure take a secret", ct.Name, e.Name)
					a.Refute(f)
				case hasAzureKey(e.Value):
					f.Text = fmt.Sprintf("the variable %s of container %s holds a key or signature of Azure", e.Name, ct.Name)
					a.Refute(f)
				}
			}
		}
	}
	for i, v := range p.Spec.Volumes {
		if v.CSI != nil && v.CSI.Driver == secretsDriver && v.CSI.NodePublishSecretRef != nil {
			a.Refute(Finding{
				Object: unit.String(), Place: podPlace(p, fmt.Sprintf("spec.volumes[%d].csi", i)),
				Text: fmt.Sprintf("volume %s is mounted with the client secret in Secret %s", v.Name, v.CSI.NodePublishSecretRef.Name),
			})
		}
	}
}

// clusterServicePrincipal holds the cluster itself to a managed identity.
func (c *Context) clusterServicePrincipal(a *Answer) {
	aks, why := c.aks()
	if aks == nil {
		a.Open(Finding{Object: "cluster", Text: why, Missing: "cluster: " + evidenceCluster().How})
		return
	}
	f := Finding{Object: aks.Ref.String(), Place: aks.Origin.At("servicePrincipalProfile.clientId")}
	id := aks.API.ServicePrincipalID
	if expression, open := id.Unresolved(); open {
		f.Text = "whether the cluster has a service principal hangs on " + expression
		a.Open(f)
	} else if v, ok := id.Get(); ok && !strings.EqualFold(v, "msi") {
		f.Text = "the cluster acts by the client secret of service principal " + v + ", and not by a managed identity"
		a.Refute(f)
	}
}

// isAzureSecret reports whether clients of Azure take a secret by a name, in whatever
// way it is written: the variables of the Azure SDKs and of Terraform, and their kin.
// https://learn.microsoft.com/azure/developer/python/sdk/authentication/local-development-environment-service-principal
func isAzureSecret(name string) bool {
	plain := strings.NewReplacer("_", "", "-", "", ".", "").Replace(strings.ToUpper(name))
	for _, who := range []string{"AZURE", "ARM", "AAD", "ENTRA", "MICROSOFT"} {
		rest, ok := strings.CutPrefix(plain, who)
		if !ok {
			continue
		}
		switch rest {
		case "CLIENTSECRET", "CLIENTCERTIFICATEPATH", "CLIENTCERTIFICATEPASSWORD", "CLIENTCERTIFICATE", "PASSWORD",
			"ADCLIENTSECRET", "CREDENTIALS", "SPPASSWORD", "SERVICEPRINCIPALPASSWORD", "SERVICEPRINCIPALKEY", "SERVICEPRINCIPALSECRET",
			"APPSECRET", "STORAGEKEY", "STORAGEACCOUNTKEY", "STORAGECONNECTIONSTRING", "STORAGESASTOKEN", "ACCESSKEY":
			return true
		}
	}
	return false
}

// hasAzureKey reports whether a literal value holds what opens a resource of Azure by
// itself.
// https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string
func hasAzureKey(value string) bool {
	v := strings.ToLower(value)
	for _, part := range []string{"accountkey=", "sharedaccesskey=", "sharedaccesssignature="} {
		if i := strings.Index(v, part); i >= 0 && len(v) > i+len(part) && v[i+len(part)] != '$' {
			return true
		}
	}
	return false
}
