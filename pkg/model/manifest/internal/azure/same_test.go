package azure

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/aksim/aksim/pkg/model"
)

// Properties of all types that the facts have can be merged.
func TestContentListsAllTypes(t *testing.T) {
	seen := map[reflect.Type]bool{}
	properties := 0
	var walk func(reflect.Type)
	walk = func(typ reflect.Type) {
		if seen[typ] {
			return
		}
		seen[typ] = true
		if p, ok := reflect.TypeAssert[mergeable](reflect.Zero(typ)); ok {
			properties++
			assert.NotPanics(t, func() { walk(content(p).Type()) }, typ)
			return
		}
		switch typ.Kind() { //nolint:exhaustive // the rest has no parts
		case reflect.Struct:
			for f := range typ.Fields() {
				walk(f.Type)
			}
		case reflect.Slice, reflect.Map, reflect.Pointer:
			walk(typ.Elem())
		}
	}
	for _, fact := range []any{
		model.RoleAssignment{}, model.RoleDefinition{}, model.DenyAssignment{}, model.ManagementGroup{}, model.PolicyAssignment{}, model.PolicySetDefinition{},
		model.ManagedCluster{}, model.TrustedAccessRoleBinding{}, model.IdentityBinding{}, model.ScaleSet{}, model.UserAssignedIdentity{},
		model.FederatedCredential{}, model.DirectoryObject{}, model.GroupMembers{}, model.KeyVault{}, model.DiagnosticSetting{}, model.LogAlert{},
		model.ActivityLogAlert{}, model.DataCollectionRule{}, model.DataCollectionRuleAssociation{}, model.ApplicationGateway{}, model.WAFPolicy{},
		model.FrontDoor{}, model.APIManagement{}, model.VirtualNetwork{}, model.PrivateDNSZone{}, model.PrivateDNSLink{}, model.PrivateEndpoint{}, model.OtherAzureResource{},
	} {
		walk(reflect.TypeOf(fact))
	}
	assert.Greater(t, properties, 8)
}
