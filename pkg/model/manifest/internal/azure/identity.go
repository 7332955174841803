package azure

import (
	"strings"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest/internal/tree"
)

func userAssignedIdentity(s *sheet) *model.UserAssignedIdentity {
	return &model.UserAssignedIdentity{
		Resource: s.resource(), ClientID: s.str("clientId"), PrincipalID: s.str("principalId"), TenantID: s.str("tenantId"),
	}
}

func federatedCredential(s *sheet) *model.FederatedCredential {
	f := &model.FederatedCredential{
		Resource: s.resource(), IdentityID: s.ofID(parentOf), Issuer: s.str("issuer"), Subject: s.str("subject"), Audiences: s.strs("audiences"),
	}
	if v := s.child("claimsMatchingExpression"); v != nil {
		f.ClaimsMatching = v.str("value")
	}
	require(s, f.Issuer, "issuer")
	require(s, f.Audiences, "audiences")
	if f.ClaimsMatching.IsAbsent() {
		require(s, f.Subject, "subject")
	}
	return f
}

func keyVault(s *sheet) *model.KeyVault {
	v := &model.KeyVault{
		Resource: s.resource(), TenantID: s.str("tenantId"), RBAC: s.boolean("enableRbacAuthorization"),
		Policies: objects(s.view, accessPolicy, "accessPolicies"), PublicNetwork: s.str("publicNetworkAccess"),
		PurgeProtection: s.boolean("enablePurgeProtection"), SoftDelete: s.boolean("enableSoftDelete"),
		ForDeployment: s.boolean("enabledForDeployment"), ForDiskEncryption: s.boolean("enabledForDiskEncryption"),
		ForTemplateDeployment: s.boolean("enabledForTemplateDeployment"),
	}
	connections, _ := s.leaf("privateEndpointConnections")
	v.PrivateEndpoint = valueOf(s, connections, "privateEndpointConnections", "a list", func(n tree.Node) (bool, bool) {
		return len(n.Items) > 0, n.Kind == tree.List
	})
	if a := s.child("networkAcls"); a != nil {
		v.NetworkDefault, v.NetworkBypass = a.str("defaultAction"), a.str("bypass")
		v.IPRules = gather(a, "ipRules", func(e *view) model.Property[string] { return e.str("value") })
		v.SubnetRules = gather(a, "virtualNetworkRules", func(e *view) model.Property[string] { return e.str("id") })
	}
	return v
}

func accessPolicy(v *view) model.AccessPolicy {
	p := model.AccessPolicy{
		TenantID: v.str("tenantId"), ObjectID: v.str("objectId"), ApplicationID: v.str("applicationId"),
		Place: model.Place{File: v.s.file, Line: v.own.Line, Col: v.own.Col},
	}
	if q := v.child("permissions"); q != nil {
		p.Secrets, p.Keys, p.Certificates, p.Storage = q.plains("secrets"), q.plains("keys"), q.plains("certificates"), q.plains("storage")
	}
	return p
}

// vaultPolicies are access policies that a template adds to those of a vault, takes
// from them or puts in their place.
func vaultPolicies(s *sheet) *model.KeyVault {
	of := s.ofID(parentOf)
	more := objects(s.view, accessPolicy, "accessPolicies")
	how := lastOf(s.id.Or("add"))
	partOf(s, of, func(v *model.KeyVault) {
		switch {
		case strings.EqualFold(how, "replace"):
			v.Policies = more
		case strings.EqualFold(how, "remove"):
			v.Policies = model.Unresolved[[]model.AccessPolicy]("accessPolicies, of which a template removes some")
		default:
			v.Policies = concat(v.Policies, more)
		}
	})
	return &model.KeyVault{
		Resource: s.wholeOf(of, "Microsoft.KeyVault/vaults"), RBAC: notThere[bool]("the vault"),
		Policies: notThere[[]model.AccessPolicy]("the vault"), PublicNetwork: notThere[string]("the vault"), NetworkDefault: notThere[string]("the vault"),
	}
}
