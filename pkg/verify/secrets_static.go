package verify

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/aksim/aksim/internal/credential"
	"github.com/aksim/aksim/pkg/model"
)

// checkStaticSecrets refuses Secrets that hold what somebody wrote into them. Their
// values are not in the model: it is enough that they have any.
func checkStaticSecrets(c *Context, a *Answer) {
	secrets := 0
	for o := range model.All[corev1.Secret](c.cluster) {
		if o.Origin.Server && isSystemNamespace(o.Ref.Namespace) {
			continue // AKS's own
		}
		secrets++
		f := Finding{Object: o.Ref.String(), Place: o.Origin.Place}
		keys := slices.Sorted(maps.Keys(o.API.Data))
		switch by := c.keptBy(o); {
		case len(keys) == 0:
		case by == written:
			f.Text = fmt.Sprintf("of type %s holds %s that somebody wrote into it", orDefault(string(o.API.Type), "Opaque"), list(keys))
			a.Refute(f)
		case by == unknownKeeper:
			f.Text = fmt.Sprintf("holds %s; %s writes it, and where it has that from is not read", list(keys), o.API.OwnerReferences[0].Kind+" "+o.API.OwnerReferences[0].Name)
			a.Open(f)
		default:
			a.Note("%s is kept by %s", o.Ref, by)
		}
	}
	a.Proved("%s of the input", count(secrets, "Secret"))
}

// Who keeps a Secret: those that no person wrote.
const (
	written       = ""
	unknownKeeper = "another object"
)

// keptBy returns who writes the Secret; written if nobody is known to.
func (c *Context) keptBy(o *model.Object[corev1.Secret]) string {
	switch {
	case o.API.Type == corev1.SecretTypeServiceAccountToken && o.API.Annotations[corev1.ServiceAccountNameKey] != "":
		return "Kubernetes: the token of ServiceAccount " + o.API.Annotations[corev1.ServiceAccountNameKey]
	case o.API.Type == corev1.SecretTypeTLS && o.API.Annotations["cert-manager.io/certificate-name"] != "":
		return "cert-manager"
	case strings.HasPrefix(string(o.API.Type), "helm.sh/release."):
		return "Helm: it has the manifests of a release, and their Secrets with them"
	case o.Origin.Server && o.API.Labels["secrets-store.csi.k8s.io/managed"] == "true":
		return "the secrets store CSI driver"
	}
	for _, ref := range o.API.OwnerReferences {
		if o.Origin.Server && ref.Kind != "" {
			return unknownKeeper
		}
	}
	return written
}

// checkLiterals refuses credentials that stand in variables, arguments and ConfigMaps.
func checkLiterals(c *Context, a *Answer) {
	pods, maps := 0, 0
	var seen []model.Ref
	for p := range c.cluster.Pods() {
		if unit := unitOf(p); !slices.Contains(seen, unit) {
			seen = append(seen, unit)
			pods++
			c.checkPodLiterals(a, p, unit)
		}
	}
	for o := range model.All[corev1.ConfigMap](c.cluster) {
		maps++
		for _, found := range o.Origin.Credentials {
			a.Refute(Finding{Object: o.Ref.String(), Place: found.Place, Text: found.Path + " looks like " + found.Kind})
		}
	}
	if pods+maps == 0 {
		a.NotApplicable("the input has neither a workload nor a ConfigMap")
		return
	}
	a.Proved("the variables and arguments of %s, and %s, by shape, name and entropy", count(pods, "workload"), count(maps, "ConfigMap"))
}

func (c *Context) checkPodLiterals(a *Answer, p *model.Pod, unit model.Ref) {
	for _, ct := range containersOf(p) {
		refute := func(what, kind, path string) {
			a.Refute(Finding{Object: unit.String(), Place: podPlace(p, ct.path+path), Text: fmt.Sprintf("%s of container %s looks like %s", what, ct.Name, kind)})
		}
		for i, v := range ct.Env {
			if isAzureSecret(v.Name) || hasAzureKey(v.Value) {
				continue // for AKS-ID-008
			}
			if kind, ok := credential.InText(v.Name, v.Value); ok && v.ValueFrom == nil {
				refute("variable "+v.Name, kind, fmt.Sprintf(".env[%d]", i))
			}
		}
		for _, words := range []struct {
			name string
			list []string
		}{{"command", ct.Command}, {"args", ct.Args}} {
			for i, word := range words.list {
				if kind, ok := argument(words.list, i); ok {
					refute(fmt.Sprintf("%s[%d]%s", words.name, i, flagOf(word)), kind, fmt.Sprintf(".%s[%d]", words.name, i))
				}
			}
		}
	}
}

// argument returns what kind of credential an argument looks like: as it is, as
// --NAME=VALUE, or as the one that follows --NAME.
func argument(words []string, i int) (kind string, ok bool) {
	word := words[i]
	if name, value, isFlag := strings.Cut(word, "="); isFlag && strings.HasPrefix(name, "-") {
		return credential.InText(strings.TrimLeft(name, "-"), value)
	}
	name := ""
	if i > 0 && strings.HasPrefix(words[i-1], "-") && !strings.Contains(words[i-1], "=") && !strings.HasPrefix(word, "-") {
		name = strings.TrimLeft(words[i-1], "-")
	}
	return credential.InText(name, word)
}

// flagOf returns the name of a flag with its value, in brackets; nothing of others, which
// may be the credential.
func flagOf(word string) string {
	name, _, ok := strings.Cut(word, "=")
	if !ok || !flagName(name) {
		return ""
	}
	return " (" + name + ")"
}

func flagName(s string) bool {
	rest := strings.TrimLeft(s, "-")
	return len(rest) < len(s) && len(rest) > 0 && len(rest) <= 40 && strings.Trim(rest, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_.") == ""
}
