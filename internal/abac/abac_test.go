package abac_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/internal/abac"
)

func parse(t *testing.T, text string) *abac.Condition {
	t.Helper()
	c, err := abac.Parse(text)
	require.NoError(t, err, text)
	return c
}

// known makes attributes of a table from their spelling in a condition; a nil
// value is one that is absent.
func known(table map[string]*abac.Value) func(source, name string) (abac.Value, abac.Presence) {
	return func(source, name string) (abac.Value, abac.Presence) {
		v, ok := table[abac.Attribute{Source: source, Name: name}.String()]
		switch {
		case !ok:
			return abac.Value{}, abac.NotKnown
		case v == nil:
			return abac.Value{}, abac.Absent
		default:
			return *v, abac.Present
		}
	}
}

func text(values ...string) *abac.Value {
	v := abac.Text(values...)
	return &v
}

const roleAssignments = "Microsoft.Authorization/roleAssignments/"

// AZ35: the operator examples of the documentation.
func TestDocumentedExamples(t *testing.T) {
	abcd := known(map[string]*abac.Value{"@Resource[name1]": text("abcd")})
	write := roleAssignments + "write"
	for _, tc := range []struct {
		condition string
		in        abac.Input
		want      abac.Truth
	}{
		{`ActionMatches{'Microsoft.Authorization/roleAssignments/*'}`, abac.Input{Action: write}, abac.True},
		{`ActionMatches{'Microsoft.Authorization/roleDefinitions/*'}`, abac.Input{Action: write}, abac.False},
		{`Resource[name1] StringLike 'a*c?'`, abac.Input{Attribute: abcd}, abac.True},
		{`Resource[name1] StringLike 'A*C?'`, abac.Input{Attribute: abcd}, abac.False},
		{`Resource[name1] StringLike 'a*c'`, abac.Input{Attribute: abcd}, abac.False},
		{`{'red', 'blue'} ForAnyOfAnyValues:StringEquals {'blue', 'green'}`, abac.Input{}, abac.True},
		{`{'red', 'blue'} ForAnyOfAnyValues:StringEquals {'orange', 'green'}`, abac.Input{}, abac.False},
		{`{'red', 'blue'} ForAllOfAnyValues:StringEquals {'orange', 'red', 'blue'}`, abac.Input{}, abac.True},
		{`{'red', 'blue'} ForAllOfAnyValues:StringEquals {'red', 'green'}`, abac.Input{}, abac.False},
		{`{10, 20} ForAnyOfAllValues:NumericLessThan {15, 18}`, abac.Input{}, abac.True},
		{`{10, 20} ForAllOfAllValues:NumericLessThan {5, 15, 18}`, abac.Input{}, abac.False},
		{`{10, 20} ForAllOfAllValues:NumericLessThan {25, 30}`, abac.Input{}, abac.True},
		{`{10, 20} ForAllOfAllValues:NumericLessThan {15, 25, 30}`, abac.Input{}, abac.False},
	} {
		assert.Equal(t, tc.want, parse(t, tc.condition).Eval(tc.in), tc.condition)
	}
}

func TestOperators(t *testing.T) {
	for _, tc := range []struct {
		condition string
		want      abac.Truth
	}{
		{`'a' StringEquals 'a'`, abac.True},
		{`'a' StringEquals 'A'`, abac.False},
		{`'a' stringequalsignorecase 'A'`, abac.True},
		{`'a' StringNotEquals 'A'`, abac.True},
		{`'a' StringNotEqualsIgnoreCase 'A'`, abac.False},
		{`'abc' StringStartsWith 'ab'`, abac.True},
		{`'abc' StringStartsWith 'AB'`, abac.False},
		{`'abc' StringStartsWithIgnoreCase 'AB'`, abac.True},
		{`'ab' StringStartsWith 'abc'`, abac.False},
		{`'abc' StringNotStartsWith 'b'`, abac.True},
		{`'abc' StringNotStartsWithIgnoreCase 'A'`, abac.False},
		{`'readonly/a/b' StringLike 'readonly/*'`, abac.True},
		{`'' StringLike '*'`, abac.True},
		{`'' StringLike '?'`, abac.False},
		{`'aab' StringLike '*ab'`, abac.True},
		{`'a*b' StringLike 'a\*b'`, abac.True},
		{`'axb' StringLike 'a\*b'`, abac.False},
		{`'a?' StringLike 'a\?'`, abac.True},
		{`'ab' StringLike 'a\?'`, abac.False},
		{`'a\b' StringLike 'a\b'`, abac.True},
		{`'é' StringLike '?'`, abac.True},
		{`'ABC' StringLikeIgnoreCase 'a*C'`, abac.True},
		{`'ABC' StringNotLike 'a*C'`, abac.True},
		{`'ABC' StringNotLikeIgnoreCase 'a*C'`, abac.False},
		{`'Aé' StringEqualsIgnoreCase 'aé'`, abac.True},
		{`'É' StringEqualsIgnoreCase 'é'`, abac.Unknown}, // not documented
		{`'É' StringNotLikeIgnoreCase 'é*'`, abac.Unknown},
		{`'É' StringEquals 'é'`, abac.False},
		{`'é' StringEqualsIgnoreCase 'e'`, abac.False},
		{`'a@' StringEqualsIgnoreCase 'A@'`, abac.True},
		{"'@' StringEqualsIgnoreCase '`'", abac.False},
		{`true BoolEquals false`, abac.False},
		{`10 NumericEquals 10`, abac.True},
		{`-10 NumericNotEquals 10`, abac.True},
		{`1 NumericLessThan 2`, abac.True},
		{`2 NumericLessThanEquals 2`, abac.True},
		{`2 NumericGreaterThan 2`, abac.False},
		{`2 NumericGreaterThanEquals 2`, abac.True},
		{`true boolequals TRUE`, abac.True},
		{`true BoolNotEquals true`, abac.False},
		{`'B24988AC-6180-42A0-AB88-20F7382DD24C' GuidEquals b24988ac618042a0ab8820f7382dd24c`, abac.True},
		{`b24988ac-6180-42a0-ab88-20f7382dd24c GuidNotEquals b24988ac-6180-42a0-ab88-20f7382dd24d`, abac.True},
		{`'2022-06-01T00:00:00.0Z' DateTimeEquals '2022-06-01T00:00:00Z'`, abac.True},
		{`'2022-06-01T00:00:00.1Z' DateTimeGreaterThan '2022-06-01T00:00:00.0999Z'`, abac.True},
		{`'2022-06-01T02:00:00+02:00' DateTimeEquals '2022-05-31T23:30:00.000-00:30'`, abac.True},
		{`'2024-02-29T23:59:59Z' DateTimeLessThan '2024-03-01T00:00:00Z'`, abac.True},
		{`'2024-03-01T00:00:00Z' DateTimeLessThanEquals '2024-02-29T23:59:59.9999999Z'`, abac.False},
		{`'2000-12-31T23:00:00-01:00' DateTimeGreaterThanEquals '2001-01-01T00:00:00Z'`, abac.True},
		{`'2022-06-01T00:00:00.0Z' DateTimeNotEquals '2022-06-01T00:00:00.0Z'`, abac.False},
		{`'a' StringEquals {'a'}`, abac.True},
		{`'a' StringEquals {'a', 'a'}`, abac.Unknown}, // not documented
		{`{} ForAllOfAnyValues:StringEquals {'a'}`, abac.Unknown},
		{`'a' ForAnyOfAnyValues:StringEquals {}`, abac.Unknown},
		{`'a' ForAnyOfAnyValues:StringEquals {'b', 'a'}`, abac.True},
		{`{'a'} ForAnyOfAnyValues:StringNotEquals {'b', 'a'}`, abac.True},
		{`{'a'} ForAnyOfAllValues:StringNotEquals {'b', 'a'}`, abac.False},
		{`{'c'} ForAllOfAllValues:StringNotEquals {'b', 'a'}`, abac.True},
	} {
		c := parse(t, tc.condition)
		assert.Equal(t, tc.want, c.Eval(abac.Input{}), tc.condition)
		again := parse(t, c.String())
		assert.Equal(t, c.String(), again.String())
		assert.Equal(t, tc.want, again.Eval(abac.Input{}), c.String())
	}
}

const blobs = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs"

func TestEval(t *testing.T) {
	const tag = "@Resource[" + blobs + "/tags:Project<$key_case_sensitive$>]"
	const read = "( ( !(ActionMatches{'" + blobs + "/read'} AND NOT SubOperationMatches{'Blob.List'}) ) OR ( " + tag + " StringEquals 'Cascade' ) )"
	cascade := known(map[string]*abac.Value{tag: text("Cascade")})
	baker := known(map[string]*abac.Value{tag: text("Baker")})
	absent := known(map[string]*abac.Value{tag: nil})
	for _, tc := range []struct {
		condition string
		in        abac.Input
		want      abac.Truth
	}{
		{read, abac.Input{Action: blobs + "/write"}, abac.True},
		{read, abac.Input{Action: strings.ToUpper(blobs) + "/READ", NoSubOperation: true, Attribute: cascade}, abac.True},
		{read, abac.Input{Action: blobs + "/read", NoSubOperation: true, Attribute: baker}, abac.False},
		{read, abac.Input{Action: blobs + "/read", SubOperation: "Blob.List", Attribute: baker}, abac.True},
		{read, abac.Input{Action: blobs + "/read", SubOperation: "blob.list", Attribute: baker}, abac.True},
		{read, abac.Input{Action: blobs + "/read", Attribute: baker}, abac.Unknown},
		{read, abac.Input{Action: blobs + "/read", Attribute: cascade}, abac.True},
		{read, abac.Input{Action: blobs + "/read", NoSubOperation: true}, abac.Unknown},
		{read, abac.Input{Action: blobs + "/read", NoSubOperation: true, Attribute: absent}, abac.Unknown},
		{tag + " StringNotEquals 'Cascade'", abac.Input{Attribute: absent}, abac.Unknown},
		{tag + " StringEquals 'a' OR NOT Exists " + tag, abac.Input{Attribute: absent}, abac.True},
		{"Exists " + tag, abac.Input{Attribute: absent}, abac.False},
		{"NotExists " + tag, abac.Input{Attribute: absent}, abac.True},
		{"Exists " + tag, abac.Input{Attribute: baker}, abac.True},
		{"Exists " + tag, abac.Input{}, abac.Unknown},
		{"@Request[subOperation] ForAnyOfAnyValues:StringEqualsIgnoreCase {'Blob.List'}", abac.Input{SubOperation: "blob.LIST"}, abac.True},
		{"@Request[subOperation] ForAnyOfAnyValues:StringEqualsIgnoreCase {'Blob.List'}", abac.Input{NoSubOperation: true}, abac.False},
		{"@Request[subOperation] ForAnyOfAnyValues:StringEqualsIgnoreCase {'Blob.List'}", abac.Input{}, abac.Unknown},
		{"ActionMatches{'a/*/read'}", abac.Input{Action: "a/read"}, abac.Unknown},
		{"!ActionMatches{'a/*/read'}", abac.Input{Action: "a/read"}, abac.Unknown},
		{tag + " StringEquals 'a'", abac.Input{Attribute: known(map[string]*abac.Value{tag: text("a", "a")})}, abac.Unknown},
		{tag + " GuidEquals b24988ac-6180-42a0-ab88-20f7382dd24c", abac.Input{Attribute: baker}, abac.Unknown},
		{tag + " NumericEquals 1", abac.Input{Attribute: known(map[string]*abac.Value{tag: text("1")})}, abac.Unknown},
		{tag + " StringEquals @Principal[p]", abac.Input{Attribute: known(map[string]*abac.Value{tag: text("x"), "@Principal[p]": text("x")})}, abac.True},
		{tag + " ForAllOfAnyValues:StringEquals @Principal[p]", abac.Input{Attribute: known(map[string]*abac.Value{tag: text("x", "y"), "@Principal[p]": text("z", "y")})}, abac.False},
	} {
		assert.Equal(t, tc.want, parse(t, tc.condition).Eval(tc.in), "%s: %v", tc.condition, tc.in)
	}
}

func TestString(t *testing.T) {
	for _, tc := range []struct{ text, want string }{
		{"((('a' StringEquals 'a')))", "'a' StringEquals 'a'"},
		{"@resource[HasObotoken] boolequals true && (!@REQUEST[ x ] foranyofanyvalues:guidequals {DE754D53652D4C75A67F1E48D8B49C97,'x' })", ""},
		{"@resource[HasObotoken] boolequals true && (!@REQUEST[ x ] foranyofanyvalues:guidequals{DE754D53652D4C75A67F1E48D8B49C97})",
			"@Resource[HasObotoken] BoolEquals true AND !(@Request[x] ForAnyOfAnyValues:GuidEquals {de754d53-652d-4c75-a67f-1e48d8b49c97})"},
		{"not actionmatches{'A*'} || (exists @environment[UtcNow] or notexists @principal[a])",
			"!(ActionMatches{'A*'}) OR (Exists @Environment[UtcNow] OR !(Exists @Principal[a]))"},
		{"(1 NumericEquals 1 AND 2 NumericEquals 2) AND {} ForAllOfAnyValues:NumericEquals {1,-2}",
			"(1 NumericEquals 1 AND 2 NumericEquals 2) AND {} ForAllOfAnyValues:NumericEquals {1, -2}"},
	} {
		c, err := abac.Parse(tc.text)
		if tc.want == "" {
			assert.Error(t, err, tc.text)
			continue
		}
		require.NoError(t, err, tc.text)
		assert.Equal(t, tc.want, c.String())
	}
}

func TestSyntaxErrors(t *testing.T) {
	for _, tc := range []struct{ text, want string }{
		{"", "line 1, column 1: the condition is empty"},
		{"\n\n  @Request[a] StringEqualIgnoreCase 'x'", `line 3, column 15: no operator is called "StringEqualIgnoreCase" (did you mean "StringEqualsIgnoreCase"?)`},
		{"@Request[a] ForAnyOfAnyValue:StringEquals {'x'}", `line 1, column 13: no quantifier is called "ForAnyOfAnyValue" (did you mean "ForAnyOfAnyValues"?)`},
		{"@Reqest[a] StringEquals 'x'", `line 1, column 1: want @Request, @Resource, @Principal, @Environment, got @Reqest (did you mean "Request"?)`},
		{"é StringEquals 'x'", `line 1, column 1: want an attribute, a value or a function, got "é"`},
		{"ActionMatch{'x'}", `line 1, column 1: want an attribute, a value or a function, got "ActionMatch" (did you mean "ActionMatches"?)`},
		{"'é' StringEquals $", `line 1, column 18: '$' has no place in a condition`},
		{"@Request[a] StringEquals", "line 1, column 25: want an attribute or a value after StringEquals, got the end"},
		{"@Request[a] 'x'", "line 1, column 13: want an operator after @Request[a], got 'x'"},
		{"@Request[a] StringEquals x", `line 1, column 26: want an attribute or a value after StringEquals, got "x": strings stand in single quotes, numbers are integers`},
		{"@Request[a] NumericEquals 1.5", `line 1, column 27: want an attribute or a value after NumericEquals, got "1.5": strings stand in single quotes, numbers are integers`},
		{"@Request[a] NumericEquals '1'", `line 1, column 27: NumericEquals compares integers, and '1' is none`},
		{"@Request[a] GuidEquals 'x'", `line 1, column 24: GuidEquals compares GUIDs, and 'x' is none`},
		{"@Request[a] BoolEquals 'true'", `line 1, column 24: BoolEquals compares true and false, and 'true' is none`},
		{"@Request[a] StringEquals 1", `line 1, column 26: StringEquals compares strings, in single quotes, and 1 is none`},
		{"@Request[a] DateTimeEquals '2022-13-01T00:00:00Z'", `line 1, column 28: DateTimeEquals compares quoted times such as '2022-06-01T00:00:00.0Z', and '2022-13-01T00:00:00Z' is none`},
		{"1 NumericEquals 1 AND 1 NumericEquals 1 OR 1 NumericEquals 1", "line 1, column 41: AND and OR side by side need parentheses that say which comes first"},
		{"1 NumericEquals 1 || 1 NumericEquals 1 && 1 NumericEquals 1", "line 1, column 40: AND and OR side by side need parentheses that say which comes first"},
		{"(1 NumericEquals 1", "line 1, column 19: want AND, OR or the ) for the ( of line 1, column 1, got the end"},
		{"1 NumericEquals 1)", `line 1, column 18: want AND, OR or the end, got ")"`},
		{"1 NumericEquals 1 'x'", `line 1, column 19: want AND, OR or the end, got 'x'`},
		{"'x", "line 1, column 1: the string has no closing quote"},
		{`"x" StringEquals 'x'`, "line 1, column 1: strings stand in single quotes"},
		{"@Request[x StringEquals", "line 1, column 9: the [ is not closed"},
		{"@Request[ ] StringEquals 'x'", "line 1, column 1: the attribute has no name"},
		{"@Request StringEquals 'x'", "line 1, column 10: want [ and the name of an attribute after @Request"},
		{"ActionMatches 'x'", "line 1, column 15: want { after ActionMatches, got 'x'"},
		{"ActionMatches{x}", `line 1, column 15: want a quoted pattern, got "x"`},
		{"ActionMatches{'x', 'y'}", `line 1, column 18: want } after the one pattern of ActionMatches, got ","`},
		{"Exists 'x'", "line 1, column 8: want an attribute after Exists, got 'x'"},
		{"{1 2} ForAnyOfAnyValues:NumericEquals {1}", `line 1, column 4: want } or a comma after 1, got "2"`},
		{strings.Repeat("(", 600), "line 1, column 501: more than 500 parentheses and negations within each other"},
		{strings.Repeat("!", 600), "line 1, column 501: more than 500 parentheses and negations within each other"},
	} {
		_, err := abac.Parse(tc.text)
		var syntax *abac.SyntaxError
		require.ErrorAs(t, err, &syntax, tc.text)
		assert.Equal(t, tc.want, err.Error(), tc.text)
	}
}

// What is nested as deep as may be can be printed and read again.
func TestDeep(t *testing.T) {
	deep := parse(t, strings.Repeat("!", 499)+"Exists @Request[a]")
	assert.Equal(t, deep, parse(t, deep.String()))
	text := "1 NumericEquals 1"
	for range 249 {
		text = "!((" + text + ") AND 1 NumericEquals 1)"
	}
	deep = parse(t, text)
	assert.Equal(t, deep, parse(t, deep.String()))
}

// Evaluation does not allocate: decisions are made by the thousand.
func TestEvalAllocatesNothing(t *testing.T) {
	c := parse(t, "!(ActionMatches{'a/*'}) OR @Request[x] ForAnyOfAnyValues:GuidEquals {8b9dfcab4b774632a6df94bd07820648}")
	value := abac.Text("8B9DFCAB-4b77-4632-a6df-94bd07820648")
	in := abac.Input{Action: "a/b", Attribute: func(string, string) (abac.Value, abac.Presence) { return value, abac.Present }}
	require.Equal(t, abac.True, c.Eval(in))
	assert.Zero(t, testing.AllocsPerRun(100, func() { c.Eval(in) }))
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"( ( !(ActionMatches{'a/*'} AND NOT SubOperationMatches{'b'}) ) OR ( @Resource[a:b<$c$>] StringLike 'x\\*?*' ) ) AND {10,20} ForAnyOfAllValues:NumericLessThan {15}",
		"@resource[HasObotoken] boolequals true && !exists @Environment[UtcNow] || x",
		"@Request[a] GuidEquals{de754d53652d4c75a67f1e48d8b49c97} OR '2022-06-01T02:00:00.5+02:00' DateTimeEquals @Principal[x]",
	} {
		f.Add(seed, "a/b")
	}
	f.Fuzz(func(t *testing.T, text, action string) {
		c, err := abac.Parse(text)
		if err != nil {
			return
		}
		printed := c.String()
		again, err := abac.Parse(printed)
		require.NoError(t, err, printed)
		require.Equal(t, c, again, printed)
		require.Equal(t, printed, again.String())
		in := abac.Input{Action: action, NoSubOperation: true}
		truth, reasons := c.Why(in)
		require.Equal(t, truth, c.Eval(in))
		require.Equal(t, truth == abac.True, len(reasons) == 0)
		c.Targets(action)
		c.Delegation(action)
		c.Lints()
	})
}
