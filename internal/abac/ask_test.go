package abac_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/internal/abac"
	"github.com/aksim/aksim/internal/actionset"
)

const (
	roleID        = "Microsoft.Authorization/roleAssignments:RoleDefinitionId"
	principalID   = "Microsoft.Authorization/roleAssignments:PrincipalId"
	principalType = "Microsoft.Authorization/roleAssignments:PrincipalType"

	reader      = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
	contributor = "b24988ac-6180-42a0-ab88-20f7382dd24c"
	owner       = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
)

func TestTargets(t *testing.T) {
	const write = "((!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'})) OR (@Request[" + roleID + "] ForAnyOfAnyValues:GuidEquals{" + reader + "}))"
	for _, tc := range []struct {
		condition, action string
		want              actionset.Match
	}{
		{write, "microsoft.authorization/roleassignments/WRITE", actionset.Yes},
		{write, "Microsoft.Authorization/roleAssignments/delete", actionset.No},
		{"@Request[a] StringEquals 'x'", "a/b", actionset.Yes},
		{"!(ActionMatches{'a/*/read'}) OR @Request[a] StringEquals 'x'", "a/read", actionset.Maybe},
		{"!(ActionMatches{'a/*/read'}) OR ActionMatches{'a/*/read'}", "a/read", actionset.No},
		{"!(ActionMatches{'a/read'} AND SubOperationMatches{'x'}) OR @Request[a] StringEquals 'x'", "a/read", actionset.Yes},
		{"!(ActionMatches{'a/read'})", "a/read", actionset.Yes},
		{"'a' StringEquals 'a'", "a/read", actionset.No},
	} {
		assert.Equal(t, tc.want, parse(t, tc.condition).Targets(tc.action), "%s: %s", tc.condition, tc.action)
	}
}

func TestMentions(t *testing.T) {
	c := parse(t, "(!(ActionMatches{'b/*'}) OR @Request[x] StringEquals @Principal[y]) AND (!(ActionMatches{'a'}) OR Exists @Request[x] OR !(ActionMatches{'b/*'}) OR 'q' StringEquals @Resource[z])")
	assert.Equal(t, []abac.Attribute{{Source: "Request", Name: "x"}, {Source: "Principal", Name: "y"}, {Source: "Resource", Name: "z"}}, c.Attributes())
	assert.Equal(t, actionset.CompileAll("b/*", "a"), c.Actions())
}

func TestWhy(t *testing.T) {
	in := abac.Input{Action: roleAssignments + "write", Attribute: known(map[string]*abac.Value{
		"@Request[" + principalType + "]": text("User"),
		"@Request[gone]":                  nil,
		"@Request[two]":                   text("a", "b"),
		"@Request[none]":                  text(),
		"@Principal[p]":                   text("x"),
	})}
	const guard = "!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'}) OR "
	for _, tc := range []struct {
		condition string
		want      abac.Truth
		reasons   []string
	}{
		{"!(ActionMatches{'Microsoft.Authorization/roleAssignments/delete'}) OR @Request[a] StringEquals 'x'", abac.True, nil},
		{guard + "@Request[" + roleID + "] GuidEquals " + reader, abac.Unknown, []string{"@Request[" + roleID + "] is not known"}},
		{guard + "@Request[" + principalType + "] StringEqualsIgnoreCase 'Group'", abac.False, []string{"@Request[" + principalType + "] is 'User', and must be 'Group'"}},
		{guard + "@Request[" + principalType + "] ForAnyOfAnyValues:StringEqualsIgnoreCase {'Group', 'ServicePrincipal'}", abac.False,
			[]string{"@Request[" + principalType + "] is 'User', and must be one of 'Group', 'ServicePrincipal'"}},
		{guard + "@Request[" + principalType + "] ForAnyOfAllValues:StringNotEqualsIgnoreCase {'Group', 'User'}", abac.False,
			[]string{"@Request[" + principalType + "] is 'User', and must be none of 'Group', 'User'"}},
		{"!(@Request[" + principalType + "] StringEquals 'User')", abac.False, []string{"@Request[" + principalType + "] is 'User', and must not be 'User'"}},
		{"!(@Request[" + principalType + "] StringNotEquals 'Group')", abac.False, []string{"@Request[" + principalType + "] is 'User', and must be 'Group'"}},
		{"@Request[two] ForAllOfAnyValues:StringLike {'a*'}", abac.False, []string{"@Request[two] is 'a', 'b', and must satisfy ForAllOfAnyValues:StringLike {'a*'}"}},
		{"!(@Request[two] ForAnyOfAnyValues:StringLike {'a*'})", abac.False, []string{"@Request[two] is 'a', 'b', and must not satisfy ForAnyOfAnyValues:StringLike {'a*'}"}},
		{"@Request[" + principalType + "] StringEquals @Principal[p]", abac.False, []string{"@Request[" + principalType + "] is 'User', and must be 'x', which @Principal[p] is"}},
		{"@Request[gone] StringEquals 'x'", abac.Unknown, []string{"@Request[gone] is absent, and what StringEquals makes of that is not documented"}},
		{"@Request[two] StringEquals 'x'", abac.Unknown, []string{"@Request[two] has 2 values, and what StringEquals makes of several is not documented"}},
		{"@Request[none] ForAllOfAnyValues:StringEquals {'x'}", abac.Unknown, []string{"@Request[none] has no value, and what ForAllOfAnyValues:StringEquals makes of that is not documented"}},
		{"@Principal[p] NumericEquals 1", abac.Unknown, []string{"@Principal[p] is 'x', and NumericEquals compares integers"}},
		{"'É' StringEqualsIgnoreCase 'é'", abac.Unknown, []string{"'É' StringEqualsIgnoreCase 'é': which letters beyond ASCII are the same but for their case is not documented"}},
		{"Exists @Request[gone]", abac.False, []string{"@Request[gone] is absent, and must exist"}},
		{"!(Exists @Request[two])", abac.False, []string{"@Request[two] exists, and must not"}},
		{"Exists @Request[q]", abac.Unknown, []string{"@Request[q] is not known"}},
		{"{1,2,3,4,5,6,7} ForAnyOfAnyValues:NumericEquals 8", abac.False, []string{"{1, 2, 3, 4, 5 and 2 more} ForAnyOfAnyValues:NumericEquals 8 does not hold"}},
		{"!(1 NumericEquals 1)", abac.False, []string{"1 NumericEquals 1 holds, and must not"}},
		{"!(ActionMatches{'Microsoft.Authorization/*'})", abac.False, []string{"the action is Microsoft.Authorization/roleAssignments/write, and must not match 'Microsoft.Authorization/*'"}},
		{"ActionMatches{'a'}", abac.False, []string{"the action is Microsoft.Authorization/roleAssignments/write, and must match 'a'"}},
		{"ActionMatches{'Microsoft.Authorization/roleAssignments/*/write'}", abac.Unknown,
			[]string{"the action Microsoft.Authorization/roleAssignments/write matches 'Microsoft.Authorization/roleAssignments/*/write' only if /*/ may stand for a single slash"}},
		{"SubOperationMatches{'a'}", abac.Unknown, []string{"the sub-operation is not known"}},
		{"@Request[q] StringEquals 'x' AND @Request[r] StringEquals 'x' AND @Request[q] StringEquals 'y'", abac.Unknown, []string{"@Request[q] is not known", "@Request[r] is not known"}},
		{"@Request[q] StringEquals 'x' AND @Principal[p] StringEquals 'y'", abac.False, []string{"@Principal[p] is 'x', and must be 'y'"}},
	} {
		truth, reasons := parse(t, tc.condition).Why(in)
		assert.Equal(t, tc.want, truth, tc.condition)
		assert.Equal(t, tc.reasons, reasons, tc.condition)
	}
}

func only(values ...string) abac.Domain   { return abac.Domain{Values: values} }
func except(values ...string) abac.Domain { return abac.Domain{Except: true, Values: values} }

func TestDelegation(t *testing.T) {
	const (
		write = roleAssignments + "write"
		block = "!(ActionMatches{'" + write + "'}) OR "
		role  = "@Request[" + roleID + "]"
		who   = "@Request[" + principalID + "]"
		kind  = "@Request[" + principalType + "]"
	)
	anything := abac.Grant{Roles: except(), Principals: except(), Types: except()}
	for _, tc := range []struct {
		condition string
		exact     bool
		grants    []abac.Grant
	}{
		{"!(ActionMatches{'a'}) OR @Request[a] StringEquals 'x'", true, []abac.Grant{anything}},
		{block + "(" + role + " ForAnyOfAnyValues:GuidEquals {" + contributor + ", acdd72a7338548efbd42f606fba81ae7})", true,
			[]abac.Grant{{Roles: only(reader, contributor), Principals: except(), Types: except()}}},
		{block + "(" + role + " GuidEquals " + reader + " AND " + kind + " StringEqualsIgnoreCase 'serviceprincipal')", true,
			[]abac.Grant{{Roles: only(reader), Principals: except(), Types: only("ServicePrincipal")}}},
		{block + "(" + role + " GuidEquals " + reader + " AND " + who + " ForAnyOfAnyValues:GuidEquals {" + owner + "})", true,
			[]abac.Grant{{Roles: only(reader), Principals: only(owner), Types: except()}}},
		{block + "(" + role + " ForAnyOfAllValues:GuidNotEquals {" + owner + ", " + contributor + "})", true,
			[]abac.Grant{{Roles: except(owner, contributor), Principals: except(), Types: except()}}},
		{block + "(" + role + " ForAnyOfAnyValues:GuidNotEquals {" + owner + ", " + contributor + "})", true, []abac.Grant{anything}},
		{block + "(" + role + " ForAnyOfAllValues:GuidEquals {" + owner + ", " + contributor + "})", true, nil},
		{block + "!(" + role + " ForAnyOfAnyValues:GuidEquals {" + owner + "})", true,
			[]abac.Grant{{Roles: except(owner), Principals: except(), Types: except()}}},
		{block + "((" + role + " GuidEquals " + reader + " AND " + kind + " StringEquals 'User') OR (" + role + " GuidEquals " + contributor + " AND " + kind + " StringEquals 'Group'))", true,
			[]abac.Grant{{Roles: only(reader), Principals: except(), Types: only("User")}, {Roles: only(contributor), Principals: except(), Types: only("Group")}}},
		{"@Resource[HasObotoken] boolequals true && (" + role + " GuidEquals " + reader + ")", false,
			[]abac.Grant{{Roles: only(reader), Principals: except(), Types: except()}}},
		{role + " StringEquals '" + reader + "'", false, []abac.Grant{anything}},
		{kind + " StringEquals 'serviceprincipal'", false, []abac.Grant{anything}},
		{"@Resource[" + roleID + "] GuidEquals " + reader, false, []abac.Grant{anything}},
		{role + " GuidEquals {" + reader + ", " + owner + "}", false, []abac.Grant{anything}},
		{"!(ActionMatches{'Microsoft.Authorization/roleAssignments/*'})", true, nil},
	} {
		d, ok := parse(t, tc.condition).Delegation(write)
		require.True(t, ok, tc.condition)
		assert.Equal(t, abac.Delegation{Grants: tc.grants, Exact: tc.exact}, d, tc.condition)
	}
	_, ok := parse(t, "!(ActionMatches{'Microsoft.Authorization/roleAssignments/*/write'}) OR "+role+" GuidEquals "+reader).Delegation(write)
	assert.False(t, ok)

	deletes, ok := parse(t, "@Resource["+roleID+"] GuidEquals "+reader).Delegation(roleAssignments + "Delete")
	require.True(t, ok)
	assert.Equal(t, only(reader), deletes.Roles())

	two, _ := parse(t, "("+role+" GuidEquals "+reader+" AND "+kind+" StringEquals 'User') OR ("+role+" GuidNotEquals "+owner+" AND "+who+" GuidEquals "+owner+")").Delegation(write)
	assert.Equal(t, except(owner), two.Roles())
	assert.False(t, two.Free())
	free, _ := parse(t, "!(ActionMatches{'a'})").Delegation(write)
	assert.True(t, free.Free())
	assert.True(t, free.Roles().Any())
	assert.True(t, abac.Delegation{}.Roles().Empty())
}

func TestDomain(t *testing.T) {
	assert.Equal(t, "any", except().String())
	assert.Equal(t, "none", only().String())
	assert.Equal(t, "any but a, b", except("a", "b").String())
	assert.Equal(t, "a", only("a").String())
	assert.True(t, only("a").Has("a") && !only("a").Has("b") && except("a").Has("b") && !except("a").Has("a"))
}

func TestLints(t *testing.T) {
	const kind = "@Request[Microsoft.ContainerService/managedClusters/customResources:kind]"
	for _, tc := range []struct {
		condition string
		proven    bool
		message   string
	}{
		{kind + " StringEqualsIgnoreCase 'secretproviderclasses'", false, ""},
		{kind + " StringEqualsIgnoreCase 'SecretProviderClass'", false, kind + " is the resource, a plural such as 'secretproviderclasses'; 'SecretProviderClass' looks like a kind"},
		{kind + " ForAnyOfAnyValues:StringEquals {'a', 'NetworkPolicy'}", true, kind + " is never 'NetworkPolicy': it is the resource, in lower case and plural, and StringEquals compares case"},
		{"@Request[Microsoft.ContainerService/managedClusters/customResources:Kind] StringEquals 'a'", false,
			"the documented name of @Request[Microsoft.ContainerService/managedClusters/customResources:Kind] is Microsoft.ContainerService/managedClusters/customResources:kind"},
		{"@Request[Microsoft.Authorization/roleAssignments:RoleDefinition] GuidEquals " + reader, false,
			`no attribute @Request[Microsoft.Authorization/roleAssignments:RoleDefinition] is documented (did you mean "RoleDefinitionId"?)`},
		{"@Resource[HasObotoken] BoolEquals true", false, ""},
		{"@Request[" + roleID + "] GuidEquals " + reader, false, ""},
	} {
		lints := parse(t, tc.condition).Lints()
		if tc.message == "" {
			assert.Empty(t, lints, tc.condition)
			continue
		}
		require.Len(t, lints, 1, tc.condition)
		assert.Equal(t, tc.message, lints[0].Message)
		assert.Equal(t, tc.proven, lints[0].Proven)
	}
}

// The conditions of the built-in roles are understood, and what they limit.
func TestBuiltInRoles(t *testing.T) {
	data, err := os.ReadFile("../../../shared/truth/azure/builtin-roles.json")
	if os.IsNotExist(err) {
		t.Skip("no ../shared")
	}
	require.NoError(t, err)
	var file struct {
		Roles []struct {
			Name        string `json:"roleName"`
			Permissions []struct {
				Actions   []string
				Condition string
			}
		}
	}
	require.NoError(t, json.Unmarshal(data, &file))
	conditions, limited := 0, 0
	for _, role := range file.Roles {
		for _, p := range role.Permissions {
			if p.Condition == "" {
				continue
			}
			conditions++
			c := parse(t, p.Condition)
			require.Equal(t, c, parse(t, c.String()))
			if !(actionset.Set{{Allow: actionset.CompileAll(p.Actions...)}}).Has(roleAssignments + "write") {
				continue
			}
			if d, ok := c.Delegation(roleAssignments + "write"); ok && !d.Roles().Except {
				limited++
			}
		}
	}
	t.Log(conditions, "conditions,", limited, "with limits on written role assignments")
	assert.Positive(t, conditions)
	assert.Positive(t, limited)
}
