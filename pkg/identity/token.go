package identity

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/aksim/aksim/pkg/model"
)

// token is a token of its ServiceAccount that a pod has.
type token struct {
	audience string // empty: the API server's own
	source   tokenSource
	volume   string // its volume, if it is in one
	path     string // its file in the volume
	place    model.Place
	open     string // why the pod may not have it

	class *model.Object[model.SecretProviderClass] // of a driver's token
}

// tokenSource is who sees to it that a pod has a token.
type tokenSource uint8

const (
	byKubernetes tokenSource = iota + 1 // automountServiceAccountToken
	byVolume                            // a projected volume of the pod's own
	byWebhook                           // workload identity's webhook
	byDriver                            // the secrets store CSI driver
)

// tokens returns the tokens of its ServiceAccount that a pod has, the API server's
// first, then by volume, those of the webhook and of drivers last. Whether the API
// server's token is mounted plays no part in the others.
func (e *estate) tokens(p *model.Pod) []token {
	var ts []token
	if mountsToken(p, e.account(p.Namespace, accountOf(p))) {
		ts = append(ts, token{source: byKubernetes, place: podPlace(p, "spec.serviceAccountName")})
	}
	ts = append(ts, projected(p)...)
	if in := e.inject(p); in.outcome != Broken && !made(p) {
		ts = append(ts, token{audience: in.audience, source: byWebhook, place: in.place, open: in.open})
	}
	for _, m := range e.classMounts(p) {
		if m.class != nil && m.mode().kind == workloadMode {
			ts = append(ts, token{audience: e.audience, source: byDriver, volume: m.volume, place: m.place, class: m.class})
		}
	}
	return ts
}

// mountsToken reports whether Kubernetes itself mounts the API server's token: the
// pod decides, then its ServiceAccount.
func mountsToken(p *model.Pod, account *model.Object[corev1.ServiceAccount]) bool {
	if own := p.Spec.AutomountServiceAccountToken; own != nil {
		return *own
	}
	if account != nil && account.API.AutomountServiceAccountToken != nil {
		return *account.API.AutomountServiceAccountToken
	}
	return true
}

// projected returns the tokens of a pod's projected volumes (AZ90). That by which an API
// server mounts its own token into the pods that it hands out is none of them.
func projected(p *model.Pod) (ts []token) {
	for i, v := range p.Spec.Volumes {
		if v.Projected == nil || strings.HasPrefix(v.Name, "kube-api-access-") {
			continue
		}
		for j, s := range v.Projected.Sources {
			if s.ServiceAccountToken != nil {
				ts = append(ts, token{
					audience: s.ServiceAccountToken.Audience, source: byVolume, volume: v.Name, path: s.ServiceAccountToken.Path,
					place: podPlace(p, fmt.Sprintf("spec.volumes[%d].projected.sources[%d]", i, j)),
				})
			}
		}
	}
	return ts
}

// isInjected reports whether a volume is one that the webhook made. Its name changed over
// time.
func isInjected(volume string) bool {
	return volume == "azure-identity-token" || strings.HasPrefix(volume, "azure-workload-identity-reserved-")
}

// classMount is a SecretProviderClass that a pod mounts.
type classMount struct {
	volume string
	name   string // NAMESPACE/NAME of the class
	class  *model.Object[model.SecretProviderClass]
	place  model.Place

	// secret is what nodePublishSecretRef names, and empty without one.
	secret string
}

const secretsDriver = "secrets-store.csi.k8s.io"

// classMounts returns the SecretProviderClasses of Azure's provider that a pod mounts,
// by volume, and those that are not in the input.
func (e *estate) classMounts(p *model.Pod) (ms []classMount) {
	for i, v := range p.Spec.Volumes {
		if v.CSI == nil || v.CSI.Driver != secretsDriver {
			continue
		}
		name := v.CSI.VolumeAttributes["secretProviderClass"]
		m := classMount{volume: v.Name, name: p.Namespace + "/" + name, place: podPlace(p, fmt.Sprintf("spec.volumes[%d]", i))}
		if v.CSI.NodePublishSecretRef != nil {
			m.secret = v.CSI.NodePublishSecretRef.Name
		}
		o, ok := model.Get[model.SecretProviderClass](e.cluster, p.Namespace, name)
		if ok && o.API.Spec.Provider != "azure" {
			continue
		}
		if ok {
			m.class = o
		}
		ms = append(ms, m)
	}
	return ms
}

// classMode is under whose identity a SecretProviderClass fetches (AZ95).
type classMode struct {
	kind classModeKind
	// value is the client id of workload identity, or that of the identity that the
	// nodes have; empty for the nodes' own.
	value string
	wrong string // why the provider refuses the class
}

type classModeKind uint8

const (
	wrongMode classModeKind = iota
	workloadMode
	machineMode
	legacyMode
	secretMode // a service principal whose password is in a Secret
)

func (m classMount) mode() classMode {
	parameters := m.class.API.Spec.Parameters
	legacy, wrong := parseSwitch(parameters, "usePodIdentity")
	if wrong != "" {
		return classMode{wrong: wrong}
	}
	machine, wrong := parseSwitch(parameters, "useVMManagedIdentity")
	if wrong != "" {
		return classMode{wrong: wrong}
	}
	var modes []classMode
	if legacy {
		modes = append(modes, classMode{kind: legacyMode})
	}
	if machine {
		modes = append(modes, classMode{kind: machineMode, value: parameters["userAssignedIdentityID"]})
	}
	if id := parameters["clientID"]; id != "" {
		modes = append(modes, classMode{kind: workloadMode, value: id})
	}
	switch len(modes) {
	case 0:
		return classMode{kind: secretMode}
	case 1:
		return modes[0]
	}
	return classMode{wrong: "more than one of usePodIdentity, useVMManagedIdentity and clientID is set"}
}

// parseSwitch reads a parameter as Go's strconv.ParseBool does; absent and empty are
// false.
func parseSwitch(parameters map[string]string, name string) (on bool, wrong string) {
	v := parameters[name]
	if v == "" {
		return false, ""
	}
	if slices.Contains([]string{"1", "t", "T", "true", "TRUE", "True"}, v) {
		return true, ""
	}
	if slices.Contains([]string{"0", "f", "F", "false", "FALSE", "False"}, v) {
		return false, ""
	}
	return false, fmt.Sprintf("%s is %q, neither true nor false", name, v)
}

// classTenant returns the tenant that a SecretProviderClass names; tenantID counts
// before tenantId.
func classTenant(o *model.Object[model.SecretProviderClass]) string {
	if id := o.API.Spec.Parameters["tenantID"]; id != "" {
		return id
	}
	return o.API.Spec.Parameters["tenantId"]
}
