package identity_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
)

// deployment writes a Deployment app/NAME whose template is the given text.
func deployment(name, labels, annotations, spec string) string {
	return `
apiVersion: apps/v1
kind: Deployment
metadata: {name: ` + name + `, namespace: app}
spec:
  selector: {matchLabels: {app: ` + name + `}}
  template:
    metadata:
      labels: {app: ` + name + `, ` + labels + `}
      annotations: {` + annotations + `}
    spec: {` + spec + `}
---
`
}

func account(name, annotations string) string {
	return "\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: " + name + ", namespace: app, annotations: {" + annotations + "}}\n---\n"
}

const (
	use      = `azure.workload.identity/use: "true"`
	clientID = `azure.workload.identity/client-id: `
	oneAPI   = `serviceAccountName: api, containers: [{name: api, image: api}]`
)

func whoami(t testing.TB, manifests string, a *azure, pod string) identity.Trace {
	t.Helper()
	trace, err := identity.NewGraph(estate(t, manifests, a)).WhoAmI(pod)
	require.NoError(t, err)
	return trace
}

// Each case breaks one link of a complete chain, and is told what is wrong.
func TestWhoAmIBreaks(t *testing.T) {
	pod := func(labels, annotations, spec string) string {
		return apiAccount + deployment("api", labels, annotations, spec)
	}
	whole := pod(use, "", oneAPI)
	for name, tt := range map[string]struct {
		manifests string
		azure     *azure
		want      identity.Outcome
		lines     []string
	}{
		"complete": {whole, baseline(), identity.OK, []string{"mi/api/api-fic takes system:serviceaccount:app:api for " + audience}},
		"no slash at the issuer's end": {whole, with(func(a *azure) { a.credentials[0].Issuer = model.Known(strings.TrimSuffix(issuer, "/")) }), identity.Broken,
			[]string{"issuer: the cluster:    " + issuer, "the credential: " + strings.TrimSuffix(issuer, "/"), "they differ in a slash at the end", "AADSTS700211"}},
		"another cluster's issuer": {whole, with(func(a *azure) { a.credentials[0].Issuer = model.Known(strings.Replace(issuer, "0cc", "0cd", 1)) }), identity.Broken, []string{"AADSTS700211"}},
		"the subject's namespace": {whole, with(func(a *azure) { a.credentials[0].Subject = model.Known("system:serviceaccount:prod:api") }), identity.Broken,
			[]string{"subject: the token:      system:serviceaccount:app:api", "they differ in the namespace", "AADSTS700213"}},
		"the subject's name": {whole, with(func(a *azure) { a.credentials[0].Subject = model.Known("system:serviceaccount:app:api2") }), identity.Broken, []string{"they differ in the ServiceAccount's name"}},
		"the subject's case": {whole, with(func(a *azure) { a.credentials[0].Subject = model.Known("system:serviceaccount:app:API") }), identity.Broken, []string{"they differ in upper and lower case"}},
		"white space":        {whole, with(func(a *azure) { a.credentials[0].Subject = model.Known("system:serviceaccount:app:api ") }), identity.Broken, []string{`"system:serviceaccount:app:api "`, "they differ in white space"}},
		"the audience": {whole, with(func(a *azure) { a.credentials[0].Audiences = model.Known([]string{"api://azureadtokenexchange"}) }), identity.Broken,
			[]string{"audience: the token:      " + audience, "AADSTS700212"}},
		"no credential": {whole, with(func(a *azure) { a.credentials = a.credentials[1:] }), identity.Broken, []string{"mi/api has no federated credentials in the input", "AADSTS70025"}},
		"the credential is another identity's": {whole, with(func(a *azure) {
			a.credentials = []*model.FederatedCredential{credential("web", "f", "system:serviceaccount:app:api")}
		}), identity.Broken, []string{"another identity has a credential for the ServiceAccount: mi/web/f", webClient}},
		"no label": {pod("tier: x", "", oneAPI), baseline(), identity.Broken, []string{"it has no label azure.workload.identity/use=true"}},
		"the label's value": {pod(`azure.workload.identity/use: "True"`, "", oneAPI), baseline(), identity.Broken,
			[]string{"label azure.workload.identity/use: have: True", "they differ in upper and lower case"}},
		"the label on the Deployment": {apiAccount + strings.Replace(deployment("api", "tier: x", "", oneAPI), "namespace: app}", "namespace: app, labels: {"+use+"}}", 1), baseline(), identity.Broken,
			[]string{"Deployment app/api has the label, but its template has not"}},
		"the label on the ServiceAccount": {strings.Replace(account("api", clientID+apiClient), "annotations:", "labels: {"+use+"}, annotations:", 1) + deployment("api", "tier: x", "", oneAPI), baseline(), identity.Broken,
			[]string{"which counts for nothing since version 1.0"}},
		"no annotation": {account("api", "") + deployment("api", use, "", oneAPI), baseline(), identity.Broken,
			[]string{"ServiceAccount app/api has no annotation azure.workload.identity/client-id, and container api sets no AZURE_CLIENT_ID", "its client id is " + apiClient}},
		"the annotation on the pod": {account("api", "") + deployment("api", use, clientID+apiClient, oneAPI), baseline(), identity.Broken, []string{"the pod has the annotation, which counts on the ServiceAccount alone"}},
		"the object id instead of the client id": {account("api", clientID+apiObject) + deployment("api", use, "", oneAPI), baseline(), identity.Broken,
			[]string{"client id: the pod asks for: " + apiObject, "mi/api:           " + apiClient, "the pod asks for its object id", "AADSTS700016"}},
		"a client id of nobody, and no other trace": {account("lone", clientID+"dddddddd-0000-0000-0000-000000000009") + deployment("api", use, "", strings.Replace(oneAPI, "serviceAccountName: api", "serviceAccountName: lone", 1)), baseline(), identity.Undecided,
			[]string{"no managed identity in the input has client id dddddddd"}},
		"a misspelt client id": {account("lone", clientID+"aaaaaaab-0000-0000-0000-000000000001") + deployment("api", use, "", strings.Replace(oneAPI, "serviceAccountName: api", "serviceAccountName: lone", 1)), baseline(), identity.Broken,
			[]string{"they differ in a letter or two"}},
		"the tenant": {account("api", clientID+apiClient+`, azure.workload.identity/tenant-id: 00000000-0000-0000-0000-0000000000b0`) + deployment("api", use, "", oneAPI), baseline(), identity.Broken,
			[]string{"tenant: the pod asks: 00000000-0000-0000-0000-0000000000b0", "mi/api:       " + tenantID}},
		"an empty tenant": {account("api", clientID+apiClient+`, azure.workload.identity/tenant-id: ""`) + deployment("api", use, "", oneAPI), baseline(), identity.Broken, []string{"neither the pod nor the webhook sets AZURE_TENANT_ID"}},
		"no issuer":       {whole, with(func(a *azure) { a.clusters[0].OIDCIssuer = model.Known(false) }), identity.Broken, []string{"oidcIssuerProfile.enabled is false", "az aks update --enable-oidc-issuer"}},
		"an issuer that nobody can ask": {whole, with(func(a *azure) {
			a.clusters[0].IssuerURL = model.Known("https://kubernetes.default.svc")
			a.credentials[0].Issuer = a.clusters[0].IssuerURL
		}), identity.Broken, []string{"AADSTS90061"}},
		"workload identity is off": {whole, with(func(a *azure) { a.clusters[0].WorkloadIdentity = model.Known(false) }), identity.Broken, []string{"securityProfile.workloadIdentity.enabled is false"}},
		"kube-system": {strings.ReplaceAll(whole, "namespace: app", "namespace: kube-system"), with(func(a *azure) { a.credentials[0].Subject = model.Known("system:serviceaccount:kube-system:api") }), identity.Broken,
			[]string{"AKS keeps its webhooks from pods in kube-system"}},
		"a skipped container": {pod(use, "azure.workload.identity/skip-containers: \"other; api\"", oneAPI), baseline(), identity.Broken, []string{"keeps the webhook from api"}},
		"an expiration out of bounds": {pod(use, `azure.workload.identity/service-account-token-expiration: "3599"`, oneAPI), baseline(), identity.Broken,
			[]string{`it refuses the pod: azure.workload.identity/service-account-token-expiration is "3599", and not a number from 3600 to 86400`}},
		"the proxy on the node's network": {pod(use, `azure.workload.identity/inject-proxy-sidecar: "false"`, oneAPI+", hostNetwork: true"), baseline(), identity.Broken, []string{"it is on its node's network"}},

		"no cluster":              {whole, with(func(a *azure) { a.clusters = nil }), identity.Undecided, []string{"undecided: issuer: the cluster's issuer is not in the input (az aks show)"}},
		"no issuer URL":           {whole, with(func(a *azure) { a.clusters[0].IssuerURL = model.Null[string]() }), identity.Undecided, []string{"oidcIssuerProfile.issuerURL is null"}},
		"an issuer by expression": {whole, with(func(a *azure) { a.clusters[0].IssuerURL = model.Unresolved[string]("known after apply") }), identity.Undecided, []string{"it hangs on known after apply"}},
		"two clusters": {whole, with(func(a *azure) {
			other := *a.clusters[0]
			other.ID = model.Known("/subscriptions/x/resourceGroups/y/providers/Microsoft.ContainerService/managedClusters/z")
			a.clusters = append(a.clusters, &other)
		}), identity.Undecided, []string{"2 clusters are in the input"}},
		"no identities":  {whole, with(func(a *azure) { a.identities = nil }), identity.Undecided, []string{"no managed identities are in the input (az identity list)"}},
		"no credentials": {whole, with(func(a *azure) { a.credentials = nil }), identity.Undecided, []string{"no federated credentials are in the input"}},
		"a flexible credential": {whole, with(func(a *azure) {
			a.credentials[0].Subject = model.Property[string]{}
			a.credentials[0].ClaimsMatching = model.Known("claims['sub'] matches 'system:serviceaccount:app:*'")
		}), identity.Undecided, []string{"it is a flexible credential", "is not evaluated"}},
		"no ServiceAccount": {deployment("api", use, "", oneAPI), baseline(), identity.Undecided, []string{"ServiceAccount: app/api is not in the input"}},
		"a client id from a Secret": {pod(use, "", `serviceAccountName: api, containers: [{name: api, image: api, env: [{name: AZURE_CLIENT_ID, valueFrom: {secretKeyRef: {name: s, key: id}}}]}]`), baseline(), identity.Undecided,
			[]string{"AZURE_CLIENT_ID is taken from Secret s, key id, whose values are not read"}},
		"the subject is wrong whatever the issuer is": {whole, with(func(a *azure) {
			a.clusters = nil
			a.credentials[0].Subject = model.Known("system:serviceaccount:prod:api")
		}), identity.Broken, []string{"AADSTS700213"}},

		"a client id in the container goes before the annotation": {pod(use, "", `serviceAccountName: api, containers: [{name: api, image: api, env: [{name: AZURE_CLIENT_ID, value: `+webClient+`}]}]`), baseline(), identity.Broken,
			[]string{"client id: " + webClient, "mi/web/web-fic does not take the token"}},
		"the annotation goes before envFrom": {pod(use, "", `serviceAccountName: api, containers: [{name: api, image: api, envFrom: [{secretRef: {name: s}}]}]`), baseline(), identity.OK, nil},
		"an own volume needs neither label nor webhook": {account("api", "") + deployment("api", "tier: x", "", `serviceAccountName: api, automountServiceAccountToken: false,
      containers: [{name: api, image: api, env: [{name: AZURE_CLIENT_ID, value: `+apiClient+`}, {name: AZURE_TENANT_ID, value: `+tenantID+`}, {name: AZURE_FEDERATED_TOKEN_FILE, value: /t/token}], volumeMounts: [{name: t, mountPath: /t}]}],
      volumes: [{name: t, projected: {sources: [{serviceAccountToken: {path: token, audience: "`+audience+`"}}]}}]`), with(func(a *azure) { a.clusters[0].WorkloadIdentity = model.Known(false) }), identity.OK,
			[]string{"by workload identity with an own token volume", "in volume t"}},
		"an own volume with another audience": {pod("tier: x", "", `serviceAccountName: api,
      containers: [{name: api, image: api, env: [{name: AZURE_CLIENT_ID, value: `+apiClient+`}, {name: AZURE_TENANT_ID, value: `+tenantID+`}], volumeMounts: [{name: t, mountPath: /t}]}],
      volumes: [{name: t, projected: {sources: [{serviceAccountToken: {path: token, audience: vault}}]}}]`), baseline(), identity.Broken, []string{"audience: the token:      vault"}},
		"an own volume by subPath": {pod("tier: x", "", `serviceAccountName: api,
      containers: [{name: api, image: api, env: [{name: AZURE_CLIENT_ID, value: `+apiClient+`}, {name: AZURE_TENANT_ID, value: `+tenantID+`}], volumeMounts: [{name: t, mountPath: /t/token, subPath: token}]}],
      volumes: [{name: t, projected: {sources: [{serviceAccountToken: {path: token, audience: "`+audience+`"}}]}}]`), baseline(), identity.Broken, []string{"the file is never renewed", "AADSTS700024"}},
		"the API server's token": {pod("tier: x", "", `serviceAccountName: api,
      containers: [{name: api, image: api, env: [{name: AZURE_CLIENT_ID, value: `+apiClient+`}, {name: AZURE_TENANT_ID, value: `+tenantID+`}, {name: AZURE_FEDERATED_TOKEN_FILE, value: /var/run/secrets/kubernetes.io/serviceaccount/token}]}]`), baseline(), identity.Broken,
			[]string{"the API server's own", "AADSTS700212"}},
		"a file by hand": {pod(use, "", `serviceAccountName: api, containers: [{name: api, image: api, env: [{name: AZURE_FEDERATED_TOKEN_FILE, value: /var/run/secrets/azure/tokens/azure-identity-token}]}]`), baseline(), identity.Undecided,
			[]string{"where the webhook puts its own has changed from release to release"}},
		"China": {whole, with(func(a *azure) {
			a.clusters[0].Location = model.Known("China North 3")
			a.credentials[0].Audiences = model.Known([]string{audience + "China"})
		}), identity.OK, []string{"for api://AzureADTokenExchangeChina"}},
	} {
		t.Run(name, func(t *testing.T) {
			namespace := "app"
			if name == "kube-system" {
				namespace = name
			}
			trace := whoami(t, tt.manifests, tt.azure, namespace+"/api")
			assert.Equal(t, tt.want, trace.Outcome(), "%s", trace)
			for _, line := range tt.lines {
				assert.Contains(t, trace.String(), line)
			}
			if trace.Outcome() == identity.OK {
				assert.Equal(t, apiObject, trace.Chains[0].Identity.ObjectID)
				assert.Empty(t, slices.Collect(trace.Chains[0].Breaks()))
			}
		})
	}
}

const classVolume = `volumes: [{name: kv, csi: {driver: secrets-store.csi.k8s.io, readOnly: true, volumeAttributes: {secretProviderClass: kv}}}]`

func class(parameters string) string {
	return "\napiVersion: secrets-store.csi.x-k8s.io/v1\nkind: SecretProviderClass\nmetadata: {name: kv, namespace: app}\nspec: {provider: azure, parameters: {objects: 'array: [\"{objectName: a, objectType: secret}\"]', " + parameters + "}}\n---\n"
}

func attach(a *azure, name, client, object string) {
	a.identities = append(a.identities, managedIdentity(name, client, object))
	a.scaleSets = append(a.scaleSets, &model.ScaleSet{
		Resource: model.Resource{ID: model.Known(subscription + "/resourceGroups/mc_rg/providers/Microsoft.Compute/virtualMachineScaleSets/pool"), Name: model.Known("pool")},
		Identity: model.ManagedIdentities{UserAssigned: []model.AttachedIdentity{{ResourceID: model.Known(strings.ToUpper(identityID(name)))}}},
	})
}

// The other ways to an identity.
func TestWhoAmIOtherWays(t *testing.T) {
	mounting := func(parameters string) string {
		return account("api", "") + class(parameters) + deployment("api", "tier: x", "", oneAPI+", "+classVolume)
	}
	nodes := func(change func(*azure)) *azure {
		return with(func(a *azure) {
			attach(a, "node", nodeClient, nodeObject)
			change(a)
		})
	}
	nothing := func(*azure) {}
	bind := func(a *azure) {
		a.bindings = []*model.IdentityBinding{{
			Resource:  model.Resource{ID: model.Known(a.clusters[0].ID.Or("") + "/identityBindings/b"), Name: model.Known("b")},
			ClusterID: a.clusters[0].ID, Identity: model.AttachedIdentity{ResourceID: model.Known(identityID("api")), ClientID: model.Known(apiClient)},
		}}
	}
	legacy := `
apiVersion: aadpodidentity.k8s.io/v1
kind: AzureIdentity
metadata: {name: i, namespace: app}
spec: {type: 0, resourceID: ` + identityID("api") + `, clientID: ` + apiClient + `}
---
apiVersion: aadpodidentity.k8s.io/v1
kind: AzureIdentityBinding
metadata: {name: b, namespace: app}
spec: {azureIdentity: i, selector: sel}
---
`
	for name, tt := range map[string]struct {
		manifests string
		azure     *azure
		want      identity.Outcome
		lines     []string
	}{
		"a class needs no label":  {mounting("clientID: " + apiClient + ", tenantID: " + tenantID), baseline(), identity.OK, []string{"by a SecretProviderClass: complete", "which the driver asks for in the pod's name"}},
		"a class's tenant":        {mounting("clientID: " + apiClient + ", tenantId: " + webObject), baseline(), identity.Broken, []string{"tenant: the pod asks: " + webObject}},
		"a class's client":        {mounting("clientID: " + webClient + ", tenantID: " + tenantID), baseline(), identity.Broken, []string{"mi/web/web-fic does not take the token"}},
		"two modes":               {mounting("clientID: " + apiClient + `, useVMManagedIdentity: "true"`), baseline(), identity.Broken, []string{"more than one of"}},
		"a switch of no value":    {mounting(`useVMManagedIdentity: "yes"`), baseline(), identity.Broken, []string{`useVMManagedIdentity is "yes", neither true nor false`}},
		"no mode":                 {mounting(`keyvaultName: v`), baseline(), identity.Broken, []string{"names no identity"}},
		"no mode, and a password": {strings.Replace(mounting(`keyvaultName: v`), "readOnly: true", "readOnly: true, nodePublishSecretRef: {name: s}", 1), baseline(), identity.Undecided, []string{"a password from Secret app/s"}},
		"no class":                {account("api", "") + deployment("api", "tier: x", "", oneAPI+", "+classVolume), baseline(), identity.Undecided, []string{"app/kv is not in the input"}},
		"another provider":        {strings.Replace(mounting(`a: b`), "provider: azure", "provider: vault", 1), baseline(), identity.Broken, []string{"it has no label"}},
		"a class with the nodes' identity": {mounting(`useVMManagedIdentity: "true", userAssignedIdentityID: ` + nodeClient), nodes(nothing), identity.OK,
			[]string{"mi/node, scale set pool; every pod that reaches the metadata service has it, too"}},
		"a class with the nodes' identity, and pods kept from it": {mounting(`useVMManagedIdentity: "true", userAssignedIdentityID: ` + nodeClient),
			nodes(func(a *azure) { a.clusters[0].Network.PodLinkLocalAccess = model.Known("None") }), identity.Undecided, []string{"is not modelled"}},
		"a class with an identity that the nodes lack": {mounting(`useVMManagedIdentity: "true", userAssignedIdentityID: ` + apiClient), nodes(nothing), identity.Broken, []string{"the nodes have no identity in the input that is called"}},
		"a class with an identity of unknown nodes":    {mounting(`useVMManagedIdentity: "true", userAssignedIdentityID: ` + apiClient), baseline(), identity.Undecided, nil},

		"a container asks the nodes": {account("api", "") + deployment("api", "tier: x", "", `serviceAccountName: api, containers: [{name: api, image: api, env: [{name: AZURE_CLIENT_ID, value: `+nodeClient+`}]}]`), nodes(nothing), identity.Undecided,
			[]string{"by the nodes' metadata service, container api: undecided", "it hangs on the network whether the pod may send to 169.254.169.254:80"}},
		"a container on its node's network asks": {account("api", "") + deployment("api", "tier: x", "", `serviceAccountName: api, hostNetwork: true, containers: [{name: api, image: api, env: [{name: AZURE_CLIENT_ID, value: `+nodeClient+`}]}]`),
			nodes(func(a *azure) { a.clusters[0].Network.PodLinkLocalAccess = model.Known("None") }), identity.OK, nil},
		"a container asks in vain": {account("api", "") + deployment("api", "tier: x", "", `serviceAccountName: api, containers: [{name: api, image: api, env: [{name: AZURE_CLIENT_ID, value: `+nodeClient+`}]}]`),
			nodes(func(a *azure) { a.clusters[0].Network.PodLinkLocalAccess = model.Known("none") }), identity.Broken, []string{"networkProfile.podLinkLocalAccess is None"}},
		"the nodes' identities are told beside": {apiAccount + apiDeployment, nodes(nothing), identity.OK, []string{"also by the nodes' metadata service: undecided", "mi/node, scale set pool, object id " + nodeObject}},

		"pod identity": {legacy + account("api", "") + deployment("api", "aadpodidbinding: sel", "", oneAPI), with(func(a *azure) { a.clusters[0].PodIdentity = model.Known(true) }), identity.OK,
			[]string{"AzureIdentityBinding.aadpodidentity.k8s.io app/b gives mi/api"}},
		"pod identity that nobody reads": {legacy + account("api", "") + deployment("api", "aadpodidbinding: sel", "", oneAPI), baseline(), identity.Undecided, []string{"no DaemonSet nmi is in the input"}},
		"pod identity by another label":  {legacy + account("api", "") + deployment("api", "aadpodidbinding: other", "", oneAPI), baseline(), identity.Broken, []string{"label aadpodidbinding: the pod:  other", "bindings: sel"}},
		"pod identity of the add-on": {account("api", "") + deployment("api", "aadpodidbinding: x", "", oneAPI), with(func(a *azure) {
			a.clusters[0].PodIdentity = model.Known(true)
			a.clusters[0].PodIdentities = []model.LegacyPodIdentity{{Name: model.Known("x"), Namespace: model.Known("app"), Identity: model.AttachedIdentity{ResourceID: model.Known(identityID("api"))}}}
		}), identity.OK, nil},
		"pod identity without bindings": {account("api", "") + deployment("api", "aadpodidbinding: x", "", oneAPI), baseline(), identity.Undecided, nil},

		"an identity binding": {apiAccount + deployment("api", use, `azure.workload.identity/use-identity-binding: "True"`, oneAPI), with(bind), identity.Undecided,
			[]string{"by an identity binding, container api: undecided", "for api://AKSIdentityBinding", "whether sa/app/api may use-managed-identity " + apiClient + ".cid.wi.aks.azure.com"}},
		"no identity binding":           {apiAccount + deployment("api", use, `azure.workload.identity/use-identity-binding: "true"`, oneAPI), baseline(), identity.Undecided, []string{"no identity binding in the input is for client id"}},
		"a binding of another identity": {account("api", clientID+webClient) + deployment("api", use, `azure.workload.identity/use-identity-binding: "true"`, oneAPI), with(bind), identity.Broken, []string{"there are such for " + apiClient}},
		"a binding of another cluster": {apiAccount + deployment("api", use, `azure.workload.identity/use-identity-binding: "true"`, oneAPI), with(func(a *azure) {
			bind(a)
			a.bindings[0].ClusterID = model.Known("/subscriptions/x")
		}), identity.Broken, []string{"cluster: the pod's:"}},
	} {
		t.Run(name, func(t *testing.T) {
			trace := whoami(t, tt.manifests, tt.azure, "app/api")
			assert.Equal(t, tt.want, trace.Outcome(), "%s", trace)
			for _, line := range tt.lines {
				assert.Contains(t, trace.String(), line)
			}
		})
	}
}

// Containers that fare alike are told together, and others apart.
func TestWhoAmIContainers(t *testing.T) {
	trace := whoami(t, apiAccount+deployment("api", use, "azure.workload.identity/skip-containers: proxy", `serviceAccountName: api,
      initContainers: [{name: init, image: x}],
      containers: [{name: api, image: x}, {name: proxy, image: x}, {name: web, image: x, env: [{name: AZURE_CLIENT_ID, value: `+webClient+`}]}]`), baseline(), "app/api")
	require.Len(t, trace.Chains, 2, "%s", trace)
	assert.Equal(t, []string{"init", "api"}, trace.Chains[0].Containers)
	assert.Equal(t, identity.OK, trace.Chains[0].Outcome())
	assert.Equal(t, []string{"web"}, trace.Chains[1].Containers)
	assert.Equal(t, identity.Broken, trace.Chains[1].Outcome())
	assert.Equal(t, identity.Broken, trace.Outcome())
}

// A question that another engine settles turns the outcome.
func TestSettle(t *testing.T) {
	trace := whoami(t, apiAccount+apiDeployment, with(func(a *azure) { attach(a, "node", nodeClient, nodeObject) }), "app/api")
	answer := func(o identity.Outcome) identity.Trace {
		return trace.Settle(func(n identity.Need) (identity.Outcome, string, model.Place) {
			assert.Equal(t, identity.Need{Pod: "app/api", Destination: "169.254.169.254:80"}, n)
			return o, "settled", model.Place{}
		})
	}
	assert.Equal(t, identity.OK, answer(identity.OK).Chains[1].Outcome())
	assert.Equal(t, identity.Broken, answer(identity.Broken).Chains[1].Outcome())
	assert.Equal(t, identity.Undecided, answer(identity.Undecided).Chains[1].Outcome())
	assert.Equal(t, identity.Undecided, trace.Chains[1].Outcome(), "the trace itself stays")
	more := trace.Chains[0].With(identity.Step{Kind: identity.AccessStep, Title: "roles", Detail: "none", Outcome: identity.Broken})
	assert.Equal(t, identity.Broken, more.Outcome())
	assert.Equal(t, identity.OK, trace.Chains[0].Outcome())
}

// The pods that a server hands out have what the webhook gave them, and no more.
func TestWhoAmIOfLivingPods(t *testing.T) {
	living := func(spec string) string {
		return apiAccount + `
apiVersion: v1
kind: Pod
metadata: {name: p, namespace: app, uid: u, labels: {` + use + `}}
spec: {serviceAccountName: api, ` + spec + `}
---
`
	}
	env := `env: [{name: AZURE_CLIENT_ID, value: ` + apiClient + `}, {name: AZURE_TENANT_ID, value: ` + tenantID + `}, {name: AZURE_FEDERATED_TOKEN_FILE, value: /var/run/secrets/azure/tokens/azure-identity-token}]`
	seen := whoami(t, living(`containers: [{name: api, image: x, `+env+`, volumeMounts: [{name: azure-identity-token, mountPath: /var/run/secrets/azure/tokens}]}, {name: istio-proxy, image: x}],
  volumes: [{name: azure-identity-token, projected: {sources: [{serviceAccountToken: {path: azure-identity-token, audience: "`+audience+`"}}]}}]`), baseline(), "app/p")
	assert.Equal(t, identity.OK, seen.Outcome(), "%s", seen)
	assert.Equal(t, identity.ByWebhook, seen.Chains[0].Way)
	assert.Equal(t, []string{"api"}, seen.Chains[0].Containers)
	unseen := whoami(t, living(`containers: [{name: api, image: x}]`), baseline(), "pod/app/p")
	assert.Equal(t, identity.Broken, unseen.Outcome())
	assert.Contains(t, unseen.String(), "the pod was made without the webhook's token")
}

func TestWhoAmINames(t *testing.T) {
	g := identity.NewGraph(estate(t, apiAccount+apiDeployment+deployment("web", use, "", oneAPI), baseline()))
	for name, want := range map[string]string{
		"app/apu":           `no pod or workload app/apu in the input (did you mean "app/api"?)`,
		"prod/api":          `no pod or workload prod/api in the input, nor a namespace prod`,
		"app":               `"app" names no pod: want NAMESPACE/NAME or KIND/NAMESPACE/NAME`,
		"sts/app/api":       `no StatefulSet app/api in the input`,
		"deploy/app/webb":   `no Deployment app/webb in the input (did you mean "app/web"?)`,
		"deploymint/app/xy": `"deploymint/app/xy": unknown kind "deploymint"`,
	} {
		_, err := g.WhoAmI(name)
		assert.EqualError(t, err, want)
	}
	trace, err := g.WhoAmI("deploy/app/api")
	require.NoError(t, err)
	assert.Equal(t, "app/api", trace.Name)
	assert.Equal(t, []string{
		"who exchanges tokens reaches Microsoft Entra ID (login.microsoftonline.com:443)",
		"programs ask for the client id and tenant that their environment names, and images set no others",
	}, slices.Collect(trace.Assumptions()))
	for first := range trace.Assumptions() {
		assert.Contains(t, first, "login.microsoftonline.com")
		break
	}
}

// What a template or plan leaves open is undecided, and never taken for a mismatch.
func TestWhoAmIOfPlans(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*azure)
		line   string
	}{
		"a client id that is known after apply": {func(a *azure) { a.identities[0].ClientID = model.Unresolved[string]("client_id") }, "client id " + apiClient + ", and that of mi/api is not known: it hangs on client_id"},
		"another identity's client id": {func(a *azure) {
			a.identities[0].ClientID = model.Known(nodeClient)
			a.identities[1].ClientID = model.Unresolved[string]("x")
		}, "that of mi/web is not known"},
		"a credential of an identity to come": {func(a *azure) {
			a.credentials[0].IdentityID = model.Unresolved[string]("azurerm_user_assigned_identity.api.id")
		}, "may be one of mi/api: whose it is, is not known"},
		"an issuer to come":              {func(a *azure) { a.credentials[0].Issuer = model.Unresolved[string]("oidc_issuer_url") }, "its issuer is not known: it hangs on oidc_issuer_url"},
		"an identity without id":         {func(a *azure) { a.identities[0].ID = model.Unresolved[string]("id") }, "its id is not known: it hangs on id"},
		"audiences to come":              {func(a *azure) { a.credentials[0].Audiences = model.Unresolved[[]string]("x") }, "its audiences are not known: it hangs on x"},
		"a tenant to come":               {func(a *azure) { a.identities[0].TenantID = model.Unresolved[string]("x") }, "the tenant of mi/api is not known: it hangs on x"},
		"workload identity by parameter": {func(a *azure) { a.clusters[0].WorkloadIdentity = model.Unresolved[bool]("parameters('wi')") }, "securityProfile.workloadIdentity.enabled is not known: it hangs on parameters('wi')"},
		"the issuer by parameter":        {func(a *azure) { a.clusters[0].OIDCIssuer = model.Unresolved[bool]("parameters('oidc')") }, "oidcIssuerProfile.enabled hangs on parameters('oidc')"},
	} {
		trace := whoami(t, apiAccount+apiDeployment, with(tt.change), "app/api")
		assert.Equal(t, identity.Undecided, trace.Outcome(), "%s: %s", name, trace)
		assert.Contains(t, trace.String(), tt.line, name)
	}
}

// WhoAmI and ActsAs read the same rules: a complete chain is a route that is certain,
// and a broken one whose client id is known is none.
func TestWhoAmIAgreesWithActsAs(t *testing.T) {
	seen := map[identity.Outcome]int{}
	for seed := range uint64(600) {
		g := identity.NewGraph(randomEstate(seed, 1))
		for n := range g.All() {
			if n.Kind() != identity.PodNode {
				continue
			}
			certain, possible := map[string]bool{}, map[string]bool{}
			for r := range g.ActsAs(n) {
				if len(r.Steps) == 2 && r.Steps[1].Kind() == identity.CredentialOf {
					possible[r.To.Entity().ObjectID] = true
					certain[r.To.Entity().ObjectID] = len(slices.Collect(r.Open())) == 0
				}
			}
			trace, err := g.WhoAmI("pod/" + n.String())
			require.NoError(t, err)
			for _, c := range trace.Chains {
				if c.Way != identity.ByWebhook || c.Identity.ObjectID == "" {
					continue
				}
				o := identity.OK // the tenant and the client id are the caller's
				for _, s := range c.Steps {
					if s.Kind != identity.TenantStep && (s.Outcome == identity.Broken || s.Outcome == identity.Undecided && o == identity.OK) {
						o = s.Outcome
					}
				}
				seen[o]++
				switch o {
				case identity.OK:
					require.True(t, certain[c.Identity.ObjectID], "seed %d: %s", seed, trace)
				case identity.Broken:
					require.False(t, possible[c.Identity.ObjectID], "seed %d: %s", seed, trace)
				case identity.Undecided:
					require.False(t, certain[c.Identity.ObjectID], "seed %d: %s", seed, trace)
				}
			}
		}
	}
	for _, o := range []identity.Outcome{identity.OK, identity.Broken, identity.Undecided} {
		require.Greater(t, seen[o], 5, "%s", o)
	}
}
