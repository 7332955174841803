package identity_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
)

func lint(t testing.TB, manifests string, a *azure) (lines []string) {
	t.Helper()
	for f := range identity.NewGraph(estate(t, manifests, a)).Lint() {
		require.False(t, f.Place.IsZero(), "%s", f)
		lines = append(lines, f.Rule+": "+f.Text)
	}
	return lines
}

// A sound estate: two identities, a ServiceAccount and a workload each.
const sound = apiAccount + apiDeployment

func soundAzure(change ...func(*azure)) *azure {
	return with(func(a *azure) {
		for _, f := range change {
			f(a)
		}
	})
}

func TestLint(t *testing.T) {
	web := account("web", clientID+webClient) + deployment("web", use, "", "serviceAccountName: web, containers: [{name: web, image: x}]")
	whole := sound + web
	first := func(change func(*model.FederatedCredential)) *azure {
		return soundAzure(func(a *azure) { change(a.credentials[0]) })
	}
	more := func(c ...*model.FederatedCredential) *azure {
		return soundAzure(func(a *azure) { a.credentials = append(a.credentials, c...) })
	}
	github := credential("api", "gh", "repo:o/r:ref:refs/heads/main")
	github.Issuer = model.Known("https://token.actions.githubusercontent.com")
	githubAlone := credential("ci", "gh", "repo:o/r:ref:refs/heads/main")
	githubAlone.Issuer = github.Issuer
	for name, tt := range map[string]struct {
		manifests string
		azure     *azure
		want      []string
	}{
		"sound":              {whole, soundAzure(), nil},
		"no Azure side":      {whole, &azure{}, nil},
		"no Kubernetes side": {"", soundAzure(), nil},
		"one identity for two ServiceAccounts": {whole, more(credential("api", "w", "system:serviceaccount:app:web")),
			[]string{"shared-identity: sa/app/api and sa/app/web can have the identity: what one may do in Azure, all may"}},
		"one client id for two ServiceAccounts": {sound + strings.ReplaceAll(web, webClient, strings.ToUpper(apiClient)), soundAzure(), []string{
			"shared-client-id: ServiceAccount app/api names the same client id",
			"missing-credential: mi/api, whose client id the ServiceAccount names, has no credential that takes its tokens",
		}},
		"two workloads with one ServiceAccount": {whole + deployment("worker", use, "", oneAPI), soundAzure(), []string{"shared-account: Deployment app/api and Deployment app/worker run as the ServiceAccount, and can have its managed identity"}},
		"default is federated":                  {whole, more(credential("web", "d", "system:serviceaccount:app:default")), []string{"shared-identity: sa/app/default and sa/app/web can have the identity: what one may do in Azure, all may", "default-federated: every pod of namespace app that names no ServiceAccount can have the identity"}},
		"a ServiceAccount that is not there":    {sound, soundAzure(), []string{"claimable-credential: no ServiceAccount app/web is in the input: whoever may make it has the identity"}},
		"a namespace that is not there":         {whole, more(credential("ci", "d", "system:serviceaccount:gone:x")), []string{"claimable-credential: nothing in the input lies in namespace gone: whoever may make it and a ServiceAccount x has the identity"}},
		"a slash":                               {whole, first(func(c *model.FederatedCredential) { c.Issuer = model.Known(strings.TrimSuffix(issuer, "/")) }), []string{"foreign-issuer: the issuer is " + strings.TrimSuffix(issuer, "/") + ", and the cluster's is " + issuer, "missing-credential: mi/api, whose client id the ServiceAccount names, has no credential that takes its tokens"}},
		"GitHub on a workload's identity":       {whole, more(github), []string{"foreign-issuer: GitHub Actions can have the identity of a workload: https://token.actions.githubusercontent.com"}},
		"GitHub on an identity of its own":      {whole, more(githubAlone), nil},
		"the audience": {whole, first(func(c *model.FederatedCredential) { c.Audiences = model.Known([]string{"vault"}) }), []string{
			"credential-audience: the credential takes tokens for vault, where workload identity asks for api://AzureADTokenExchange",
			"missing-credential: mi/api, whose client id the ServiceAccount names, has no credential that takes its tokens"}},
		"flexible": {whole, first(func(c *model.FederatedCredential) { c.ClaimsMatching = model.Known("claims['sub'] matches 'x*'") }), []string{"flexible-credential: the subjects that the credential takes are those that an expression matches, which is not evaluated"}},
		"twenty-one": {whole, more(func() (all []*model.FederatedCredential) {
			for i := range 20 {
				c := credential("web", fmt.Sprint("x", i), "repo:o/r:ref:refs/heads/main")
				c.Issuer = model.Known(fmt.Sprintf("https://%d.vstoken.dev.azure.com/x", i))
				c.IdentityID = model.Known(identityID("WEB"))
				all = append(all, c)
			}
			return all
		}()...), append(repeat("foreign-issuer", 20), "too-many-credentials: the identity has 21 federated credentials, and Azure takes 20")},
		"the same again": {whole, more(credential("api", "again", "system:serviceaccount:app:api")), []string{"duplicate-credential: the identity has another credential for the same issuer and subject, which Azure refuses"}},
		"on the nodes, too": {whole, soundAzure(func(a *azure) {
			attach(a, "api", apiClient, apiObject)
			a.identities = a.identities[:2]
		}), []string{"identity-on-nodes: scale set pool has the identity of a workload, too: every pod that reaches the nodes' metadata service can have it"}},
		"on other nodes": {whole, soundAzure(func(a *azure) {
			attach(a, "api", apiClient, apiObject)
			a.identities = a.identities[:2]
			a.scaleSets[0].ID = model.Known(strings.Replace(a.scaleSets[0].ID.Or(""), "mc_rg", "mc_rg2", 1))
		}), nil},
		"labelled, not annotated":         {account("api", "") + apiDeployment + web, soundAzure(), []string{"labelled-not-annotated: the pod has the label, and neither ServiceAccount app/api nor a container names a client id"}},
		"annotated, not labelled":         {apiAccount + deployment("api", "tier: x", "", oneAPI) + web, soundAzure(), []string{"annotated-not-labelled: the ServiceAccount names a client id, and none of its pods has the label by which the webhook knows them"}},
		"annotated for a class":           {apiAccount + class("clientID: "+apiClient) + deployment("api", "tier: x", "", oneAPI+", "+classVolume) + web, soundAzure(), nil},
		"the label on the ServiceAccount": {strings.Replace(apiAccount, "annotations:", "labels: {"+use+"}, annotations:", 1) + apiDeployment + web, soundAzure(), []string{"label-on-account: label azure.workload.identity/use counts for nothing on a ServiceAccount since version 1.0 of the webhook"}},
		"the label's value": {apiAccount + deployment("api", `azure.workload.identity/use: "yes"`, "", oneAPI) + web, soundAzure(), []string{
			"annotated-not-labelled: the ServiceAccount names a client id, and none of its pods has the label by which the webhook knows them",
			`label-value: label azure.workload.identity/use is "yes": only the text true counts`}},
		"the webhook refuses": {apiAccount + deployment("api", use, `azure.workload.identity/service-account-token-expiration: "1"`, oneAPI) + web, soundAzure(),
			[]string{`webhook-refuses: the webhook refuses the pod: azure.workload.identity/service-account-token-expiration is "1", and not a number from 3600 to 86400`}},
		"old ways": {whole + class(`useVMManagedIdentity: "true"`) + deployment("old", "aadpodidbinding: x", "", "serviceAccountName: old, containers: [{name: x, image: x}], "+classVolume), soundAzure(), []string{
			"node-identity: secrets are fetched with an identity of the nodes, which every pod that reaches their metadata service has",
			"legacy-pod-identity: label aadpodidbinding asks for pod identity, which is retired"}},
		"the proxy by presence": {apiAccount + deployment("api", use, `azure.workload.identity/inject-proxy-sidecar: "false"`, oneAPI) + web, soundAzure(),
			[]string{`proxy-by-presence: annotation azure.workload.identity/inject-proxy-sidecar is "false", and injects the proxy all the same: it counts by being there`}},
		"the add-on of pod identity": {whole, soundAzure(func(a *azure) { a.clusters[0].PodIdentity = model.Known(true) }), []string{"legacy-pod-identity: the add-on of pod identity is on, which is retired"}},
		"a binding of pod identity": {whole + "\napiVersion: aadpodidentity.k8s.io/v1\nkind: AzureIdentityBinding\nmetadata: {name: b, namespace: app}\nspec: {azureIdentity: i, selector: x}\n", soundAzure(),
			[]string{"legacy-pod-identity: the object is for pod identity, which is retired"}},
		"a password": {whole + class(`keyvaultName: v`) + deployment("old", "tier: x", "", "serviceAccountName: old, containers: [{name: x, image: x}], "+classVolume), soundAzure(), []string{"static-credential: secrets are fetched with a password from a Secret"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, line := range lint(t, tt.manifests, tt.azure) {
				if name == "twenty-one" && strings.HasPrefix(line, "foreign-issuer") {
					line = "foreign-issuer"
				}
				got = append(got, line)
			}
			assert.ElementsMatch(t, tt.want, got)
		})
	}
}

func repeat(s string, n int) (all []string) {
	for range n {
		all = append(all, s)
	}
	return all
}
