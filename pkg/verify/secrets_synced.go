package verify

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/aksim/aksim/pkg/model"
)

// checkSynced refuses what puts a secret of a vault into a Kubernetes Secret, and finds
// out where the Secrets come from that workloads use.
func checkSynced(c *Context, a *Answer) {
	classes, units := 0, 0
	synced := map[NamespacedName]bool{}
	for o := range model.All[model.SecretProviderClass](c.cluster) {
		classes++
		for i, s := range o.API.Spec.SecretObjects {
			synced[NamespacedName{Namespace: o.Ref.Namespace, Name: s.SecretName}] = true
			a.Refute(Finding{
				Object: o.Ref.String(), Place: o.Origin.At(fmt.Sprintf("spec.secretObjects[%d]", i)),
				Text: "puts what it fetches into Secret " + o.Ref.Namespace + "/" + s.SecretName + ", where everybody reads it who may read Secrets there",
			})
		}
	}
	for unit, p := range c.appUnits() {
		units++
		for _, use := range secretUses(p) {
			name := NamespacedName{Namespace: p.Namespace, Name: use.secret}
			f := Finding{Object: unit.String(), Place: podPlace(p, use.path)}
			_, isThere := model.Get[corev1.Secret](c.cluster, name.Namespace, name.Name)
			switch {
			case synced[name]: // that it is, is found above
			case isThere:
				a.Note("%s uses Secret %s, %s: see AKS-SEC-004", unit, name, use.how)
			default:
				f.Text = fmt.Sprintf("uses Secret %s, %s: no SecretProviderClass keeps it, and it is not in the input", name, use.how)
				f.Missing = "Secrets: kubectl get secret -n " + name.Namespace + " " + name.Name + " -o yaml"
				a.Open(f)
			}
		}
	}
	if classes+units == 0 {
		a.NotApplicable("the input has neither a SecretProviderClass nor a workload")
		return
	}
	a.Proved("%s, and the variables, volumes and image pull secrets of %s",
		plural(classes, "SecretProviderClass", "SecretProviderClasses"), count(units, "workload"))
}

// secretUse is one place where a pod uses a Secret.
type secretUse struct{ secret, how, path string }

// secretUses returns the Secrets that a pod has to have, in the order of its fields.
func secretUses(p *model.Pod) (all []secretUse) {
	for _, ct := range containersOf(p) {
		for i, e := range ct.Env {
			if e.ValueFrom == nil || e.ValueFrom.SecretKeyRef == nil || isOptional(e.ValueFrom.SecretKeyRef.Optional) {
				continue
			}
			all = append(all, secretUse{e.ValueFrom.SecretKeyRef.Name, fmt.Sprintf("for variable %s of container %s", e.Name, ct.Name), fmt.Sprintf("%s.env[%d]", ct.path, i)})
		}
		for i, e := range ct.EnvFrom {
			if e.SecretRef == nil || isOptional(e.SecretRef.Optional) {
				continue
			}
			all = append(all, secretUse{e.SecretRef.Name, "for variables of container " + ct.Name, fmt.Sprintf("%s.envFrom[%d]", ct.path, i)})
		}
	}
	for i := range p.Spec.Volumes {
		v := &p.Spec.Volumes[i]
		path, how := fmt.Sprintf("spec.volumes[%d]", i), "for volume "+v.Name
		if v.Secret != nil && !isOptional(v.Secret.Optional) {
			all = append(all, secretUse{v.Secret.SecretName, how, path})
		}
		if v.Projected == nil {
			continue
		}
		for _, s := range v.Projected.Sources {
			if s.Secret != nil && !isOptional(s.Secret.Optional) {
				all = append(all, secretUse{s.Secret.Name, how, path})
			}
		}
	}
	for i, s := range p.Spec.ImagePullSecrets {
		all = append(all, secretUse{s.Name, "to pull images", fmt.Sprintf("spec.imagePullSecrets[%d]", i)})
	}
	return all
}

func isOptional(p *bool) bool { return p != nil && *p }
