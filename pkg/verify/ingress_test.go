package verify_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest"
	"github.com/aksim/aksim/pkg/verify"
)

// asked loads manifests with the claims that spec says, and returns the result of one
// control, and its findings without places.
func asked(t *testing.T, id, spec, text string, azure *model.Cluster) (outcome verify.Outcome, findings []string) {
	t.Helper()
	claims := "apiVersion: aksim.dev/v1alpha1\nkind: Claims\nmetadata: {name: test}\nspec: " + spec + "\n---\n"
	c, err := manifest.LoadFS(fstest.MapFS{"input.yaml": {Data: []byte(claims + text)}}, "input.yaml")
	require.NoError(t, err)
	if azure != nil {
		c = c.With(azure)
	}
	r := run(t, c)
	i := slices.IndexFunc(r.Results, func(r verify.Result) bool { return r.ID == id })
	require.GreaterOrEqual(t, i, 0)
	for _, f := range r.Results[i].Findings {
		findings = append(findings, f.Object+": "+f.Text)
	}
	return r.Results[i].Outcome, findings
}

const shop = `
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: c, image: i}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: alias, namespace: shop}
spec: {type: ExternalName, externalName: web.shop.svc.cluster.local}
---
`

func mesh() *model.Cluster {
	return aks(func(mc *model.ManagedCluster) { mc.ServiceMesh = model.Known("Istio") })
}

func peer(namespace, name, spec string) string {
	return "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: " + name + ", namespace: " + namespace + "}\nspec: " + spec + "\n---\n"
}

// What is for the workload comes before what is for the namespace, and that before what
// is for the mesh; what is unset is inherited.
func TestMutualTLS(t *testing.T) {
	const (
		strict     = "{mtls: {mode: STRICT}}"
		permissive = "{mtls: {mode: PERMISSIVE}}"
		ofWeb      = "{selector: {matchLabels: {app: web}}, mtls: {mode: "
		unset      = "{mtls: {mode: UNSET}}"
	)
	for name, c := range map[string]struct {
		text string
		want verify.Outcome
	}{
		"none":                         {"", verify.Refuted},
		"namespace":                    {peer("shop", "default", strict), verify.Proved},
		"mesh":                         {peer("istio-system", "default", strict), verify.Proved},
		"mesh of the add-on":           {peer("aks-istio-system", "default", strict), verify.Proved},
		"another namespace":            {peer("other", "default", strict), verify.Refuted},
		"namespace over mesh":          {peer("istio-system", "default", strict) + peer("shop", "default", permissive), verify.Refuted},
		"unset inherits":               {peer("istio-system", "default", strict) + peer("shop", "default", unset), verify.Proved},
		"workload over namespace":      {peer("shop", "default", strict) + peer("shop", "web", ofWeb+"DISABLE}}"), verify.Refuted},
		"workload alone":               {peer("shop", "web", ofWeb+"STRICT}}"), verify.Refuted}, // pods to come
		"workload unset":               {peer("shop", "default", strict) + peer("shop", "web", ofWeb+"UNSET}}"), verify.Proved},
		"workload strict, port open":   {peer("shop", "default", strict) + peer("shop", "web", "{selector: {matchLabels: {app: web}}, portLevelMtls: {8080: {mode: PERMISSIVE}}}"), verify.Refuted},
		"workload strict, port strict": {peer("shop", "default", strict) + peer("shop", "web", "{selector: {matchLabels: {app: web}}, portLevelMtls: {8080: {mode: STRICT}}}"), verify.Proved},
		"a pod to come":                {peer("shop", "default", strict) + peer("shop", "batch", "{selector: {matchLabels: {app: batch}}, mtls: {mode: PERMISSIVE}}"), verify.Refuted},
		"out of the mesh": {peer("shop", "default", strict) +
			"apiVersion: v1\nkind: Pod\nmetadata: {name: x, namespace: shop, annotations: {sidecar.istio.io/inject: 'false'}}\nspec: {containers: [{name: c, image: i}]}\n", verify.Refuted},
	} {
		got, findings := asked(t, "AKS-ING-006", "{mutualTLS: [shop]}", shop+c.text, mesh())
		assert.Equal(t, c.want, got, "%s: %v", name, findings)
	}
	got, _ := asked(t, "AKS-ING-006", "{mutualTLS: [shop]}", shop+peer("shop", "default", strict), aks(nil))
	assert.Equal(t, verify.Undecided, got, "nobody reads PeerAuthentications")
}

func ingress(annotations, spec string) string {
	return "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web, namespace: shop, annotations: {" + annotations + "}}\nspec: " + spec + "\n---\n"
}

func rule(host, service string) string {
	return "{host: '" + host + "', http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: " + service + ", port: {number: 80}}}}]}}"
}

func TestRoutes(t *testing.T) {
	const entry = "{entry: [{to: 'shop/web:80', through: ingress, class: nginx, hosts: ['*.example.com']}]}"
	for _, c := range []struct {
		claims, text string
		want         verify.Outcome
		finding      string
	}{
		{entry, ingress("", "{ingressClassName: nginx, rules: ["+rule("a.example.com", "web")+"]}"), verify.Proved, ""},
		{entry, ingress("kubernetes.io/ingress.class: nginx", "{rules: ["+rule("a.example.com", "alias")+"]}"), verify.Proved, ""},
		{entry, ingress("", "{ingressClassName: other, rules: ["+rule("a.example.com", "web")+"]}"), verify.Refuted, "its entry is by class nginx, and this is by other"},
		{entry, ingress("", "{ingressClassName: nginx, rules: ["+rule("a.b.example.com", "web")+"]}"), verify.Refuted, "its entry is for *.example.com"},
		{entry, ingress("", "{ingressClassName: nginx, defaultBackend: {service: {name: web, port: {number: 80}}}}"), verify.Refuted, "leads every host"},
		{"{}", ingress("", "{ingressClassName: nginx, rules: ["+rule("a.example.com", "alias")+"]}"), verify.Refuted, "no entry of the claims names it"},
		{"{}", ingress("", "{ingressClassName: nginx, rules: ["+rule("a.example.com", "none")+"]}"), verify.Undecided, "Service shop/none is not in the input"},
		{"{}", "apiVersion: traefik.io/v1alpha1\nkind: IngressRoute\nmetadata: {name: r, namespace: shop}\nspec: {}\n", verify.Undecided, "not followed"},
		{"{}", "", verify.NotApplicable, ""},
	} {
		got, findings := asked(t, "AKS-ING-001", c.claims, shop+c.text, nil)
		assert.Equal(t, c.want, got, "%s%s%v", c.claims, c.text, findings)
		assert.Contains(t, strings.Join(findings, "\n"), c.finding)
	}
}

func TestDoors(t *testing.T) {
	const nginx = "{ingressClassName: nginx, rules: [{host: a.example.com, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]}"
	const byIngress = "{entry: [{to: 'shop/web:80', through: ingress, class: nginx}]}"
	for _, c := range []struct {
		claims, text string
		want         verify.Outcome
		finding      string
	}{
		{byIngress, ingress("nginx.ingress.kubernetes.io/auth-tls-secret: shop/ca, nginx.ingress.kubernetes.io/auth-tls-verify-client: 'on'", nginx), verify.Proved, ""},
		{byIngress, ingress("nginx.ingress.kubernetes.io/auth-tls-secret: shop/ca", nginx), verify.Proved, ""},
		{byIngress, ingress("nginx.ingress.kubernetes.io/auth-url: 'https://login.example.com/auth'", nginx), verify.Proved, ""},
		{byIngress, ingress("nginx.ingress.kubernetes.io/auth-tls-secret: shop/ca, nginx.ingress.kubernetes.io/auth-tls-verify-client: optional", nginx), verify.Undecided, "lets in who has no certificate"},
		{byIngress, ingress("", nginx), verify.Undecided, ""},
		{"{entry: [{to: 'shop/web:80', through: internal, from: [10.0.0.0/8]}]}", "", verify.Proved, ""},
		{"{entry: [{to: 'shop/web:80', through: internal, from: [20.0.0.0/8]}]}", "", verify.Refuted, "no private address"},
		{"{entry: [{to: 'shop/web:80', through: waf, from: [internet]}]}", "", verify.Refuted, "need not go through it"},
		{"{entry: [{to: 'shop/web:80', through: waf, from: [10.0.0.0/24]}]}", "", verify.Undecided, "neither an Application Gateway"},
		{"{entry: [{to: 'shop/web:80', through: apim, from: [10.0.0.0/24]}]}", "", verify.Undecided, "API Management"},
	} {
		got, findings := asked(t, "AKS-ING-002", c.claims, shop+c.text, nil)
		assert.Equal(t, c.want, got, "%s%s%v", c.claims, c.text, findings)
		assert.Contains(t, strings.Join(findings, "\n"), c.finding)
	}
}

func TestTLS(t *testing.T) {
	for _, c := range []struct {
		annotations, spec string
		want              verify.Outcome
	}{
		{"", "{rules: [" + rule("a.example.com", "web") + "], tls: [{hosts: [a.example.com]}]}", verify.Proved},
		{"", "{rules: [" + rule("a.example.com", "web") + "], tls: [{hosts: ['*.example.com']}]}", verify.Proved},
		{"", "{rules: [" + rule("a.example.com", "web") + "], tls: [{secretName: x}]}", verify.Proved},
		{"", "{rules: [" + rule("a.b.example.com", "web") + "], tls: [{hosts: ['*.example.com']}]}", verify.Refuted},
		{"", "{rules: [" + rule("*.example.com", "web") + "], tls: [{hosts: ['*.example.com']}]}", verify.Proved},
		{"", "{rules: [" + rule("*.example.com", "web") + "], tls: [{hosts: [a.example.com]}]}", verify.Refuted},
		{"", "{rules: [" + rule("", "web") + "], tls: [{hosts: [a.example.com]}]}", verify.Refuted},
		{"nginx.ingress.kubernetes.io/ssl-redirect: 'false'", "{ingressClassName: nginx, rules: [" + rule("a.example.com", "web") + "], tls: [{hosts: [a.example.com]}]}", verify.Refuted},
	} {
		got, findings := asked(t, "AKS-ING-005", "{}", shop+ingress(c.annotations, c.spec), nil)
		assert.Equal(t, c.want, got, "%s %s %v", c.annotations, c.spec, findings)
	}
}

// Nothing of a value is in a report.
func TestSecretsAreNotPrinted(t *testing.T) {
	text := shop + `
apiVersion: v1
kind: Pod
metadata: {name: job, namespace: shop}
spec:
  containers:
    - name: c
      image: i
      args: [--db-password=hunter22, --token, hunter22, "postgres://a:hunter22@db/x"]
      env: [{name: API_KEY, value: hunter22}]
`
	got, findings := asked(t, "AKS-SEC-005", "{}", text, nil)
	assert.Equal(t, verify.Refuted, got)
	assert.Equal(t, []string{
		"Pod shop/job: args[0] (--db-password) of container c looks like a value whose name says that it is a secret",
		"Pod shop/job: args[2] of container c looks like a value whose name says that it is a secret",
		"Pod shop/job: args[3] of container c looks like a URL with a password",
		"Pod shop/job: variable API_KEY of container c looks like a value whose name says that it is a secret",
	}, findings)
	assert.NotContains(t, strings.Join(findings, "\n"), "hunter")
}
