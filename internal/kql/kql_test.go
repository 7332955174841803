package kql_test

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/internal/kql"
)

func schema() kql.Schema {
	return kql.Schema{"Verb": kql.String, "log_s": kql.String, "Ref": kql.Dynamic, "Status": kql.Dynamic, "User": kql.Dynamic, "Time": kql.Opaque}
}

func row(t testing.TB) map[string]any {
	t.Helper()
	var r map[string]any
	require.NoError(t, json.Unmarshal([]byte(`{
		"Verb": "get",
		"log_s": "{\"responseStatus\":{\"code\":403},\"verb\":\"list\",\"a b\":[1,{\"c\":\"d\"}]}",
		"Ref": {"resource": "secrets", "namespace": "app", "port": "8080", "on": true},
		"Status": {"code": 403},
		"User": {"username": "system:serviceaccount:app:api_v2", "groups": ["system:nodes", "system:authenticated"]}
	}`), &r))
	return r
}

func keeps(t testing.TB, predicate string) kql.Truth {
	t.Helper()
	q, err := kql.Parse("T | where " + predicate)
	require.NoError(t, err)
	got, err := q.Keeps(schema(), row(t))
	require.NoError(t, err, predicate)
	return got
}

func TestPredicates(t *testing.T) {
	for predicate, want := range map[string]kql.Truth{
		`Verb == "get"`:                                kql.Yes,
		`Verb == "GET"`:                                kql.No,
		`Verb =~ "GET"`:                                kql.Yes,
		`Verb !~ "GET"`:                                kql.No,
		`Verb != 'list'`:                               kql.Yes,
		`Verb in ("get", "list")`:                      kql.Yes,
		`Verb in ("Get")`:                              kql.No,
		`Verb in~ ("Get")`:                             kql.Yes,
		`Verb !in ("list")`:                            kql.Yes,
		`Verb !in~ ("GET")`:                            kql.No,
		`Status.code == 403`:                           kql.Yes,
		`Status["code"] == 403.0`:                      kql.Yes,
		`Status.code in (401, 403)`:                    kql.Yes,
		`Status.code == "403"`:                         kql.Unknown, // what Kusto makes of a number and a string
		`tostring(Status.code) == "403"`:               kql.Yes,
		`toint(Ref.port) == 8080`:                      kql.Yes,
		`tolong(Status.missing) == 403`:                kql.No,
		`tolong(Status.missing) != 403`:                kql.Yes,
		`Ref.missing == "x"`:                           kql.No,
		`Ref.missing != "x"`:                           kql.Yes, // as the documentation has it
		`Ref.missing == ""`:                            kql.Unknown,
		`Ref.missing in ("x", "y")`:                    kql.No,
		`Ref.missing has "x"`:                          kql.No,
		`not(Ref.missing has "x")`:                     kql.Unknown,
		`Ref.missing !contains "x"`:                    kql.Unknown,
		`Ref.on == true`:                               kql.Yes,
		`Ref == "secrets"`:                             kql.Unknown,
		`Ref contains "SECRET"`:                        kql.Yes,
		`Ref has "secret"`:                             kql.No,
		`Ref has "secrets"`:                            kql.Yes,
		`Ref contains "\"app\""`:                       kql.Unknown, // hangs on how it is written
		`User.groups has "system:nodes"`:               kql.Yes,
		`User.groups has "system:node"`:                kql.No,
		`User.groups[0] == "system:nodes"`:             kql.Yes,
		`User.groups[9] == "system:nodes"`:             kql.No,
		`User.username has "api"`:                      kql.Unknown, // whether _ ends a term
		`User.username has ":api"`:                     kql.Unknown,
		`User.username has "app"`:                      kql.Yes,
		`User.username has "ap"`:                       kql.No,
		`User.username contains "ap"`:                  kql.Yes,
		`Time == "now"`:                                kql.Unknown,
		`Verb == "get" or Time == "now"`:               kql.Yes,
		`Verb == "put" and Time == "now"`:              kql.No,
		`Verb == "put" or Time == "now"`:               kql.Unknown,
		`not(Verb == "put")`:                           kql.Yes,
		`true and (false or true)`:                     kql.Yes,
		`(Verb == "get") == true`:                      kql.Yes,
		`"a" == "a" and 1 == 1`:                        kql.Yes,
		`Verb == "x" or Verb == "get" and Verb == "x"`: kql.No,
	} {
		assert.Equal(t, want, keeps(t, predicate), predicate)
	}
}

func TestOperators(t *testing.T) {
	for query, want := range map[string]kql.Truth{
		"T":         kql.Yes,
		"T | count": kql.Yes,
		"T | where Verb == \"get\" // all of them\n| where Status.code == 200":                             kql.No,
		"T | extend e = parse_json(log_s) | where e.responseStatus.code == 403 and e[\"a b\"][1].c == 'd'": kql.Yes,
		"T | extend e = todynamic(log_s), Verb = tostring(Ref.resource) | where Verb == \"secrets\";":      kql.Yes,
		"T | extend isGet = Verb == \"get\" | where isGet":                                                 kql.Yes,
		"T | extend e = parse_json(Ref) | where e.resource == \"secrets\"":                                 kql.Yes,
	} {
		q, err := kql.Parse(query)
		require.NoError(t, err, query)
		assert.Equal(t, "T", q.Table)
		assert.Equal(t, strings.HasSuffix(query, "count"), q.Counts(), query)
		got, err := q.Keeps(schema(), row(t))
		require.NoError(t, err, query)
		assert.Equal(t, want, got, query)
	}
}

// What is not understood is an error at its place.
func TestErrors(t *testing.T) {
	for query, want := range map[string]string{
		"":                                      "1:1: want the name of a table, not the end",
		"let x = 1; T":                          "1:1: let x is not understood",
		"T\n| summarize count() by Verb":        "2:3: the operator summarize is not understood",
		"T | where Time > ago(5m)":              "1:16: '>' is not understood",
		"T | where Verb startswith \"g\"":       "1:16: the operator startswith is not understood",
		"T | where Verb has_any (\"g\")":        "1:16: the operator has_any is not understood",
		"T | where Verb !startswith \"g\"":      "1:16: the operator !startswith is not understood",
		"T | where isnotempty(Verb)":            "1:11: the function isnotempty is not understood",
		"T | where Verb in (Names)":             "1:20: Names in a list is not understood: it may be a table",
		"T | where Verb == \"get":               "1:19: a string that has no end",
		"T | where Verb == h\"get\"":            "1:19: a string that begins with h\" is not understood",
		"T | where Verb == \"\\x41\"":           `1:20: the escape "\\x" is not understood`,
		"T | where 1 == 007":                    "1:16: the number 007 is not understood",
		"T | where 1 == 1e3":                    "1:16: the number 1e3 is not understood",
		"T | count | where Count > 1":           "1:25: '>' is not understood",
		"T | count | where Count == 1":          "1:13: what follows count is not understood",
		"T | where parse_json(log_s).a == 1":    "1:28: a property of what parse_json returns is not understood: extend a column by it",
		"T | where " + strings.Repeat("(", 200): "1:111: brackets nest too deep",
		"T | where a == 1 == 2":                 "1:18: == is not understood",
	} {
		_, err := kql.Parse(query)
		assert.EqualError(t, err, want, query)
	}
	for query, want := range map[string]string{
		"T | where Nope == 1":                       "1:11: the table is not known to have a column Nope",
		"T | where log_s.verb == 1":                 "1:11: log_s is of type string, which has no properties: want parse_json",
		"T | where Verb == 1":                       "1:16: a comparison of types string and long",
		"T | where Verb":                            "1:11: want a predicate, not a value of type string",
		"T | where Ref.on":                          "1:11: want a predicate, not a value of type dynamic",
		"T | where Ref.a == Ref.b":                  "1:17: a comparison of two dynamic values: want tostring",
		"T | where Verb has 1":                      "1:16: has with a value of type long is not understood",
		"T | extend a = Verb, b = a | where b == a": "1:26: the table is not known to have a column a",
	} {
		q, err := kql.Parse(query)
		require.NoError(t, err, query)
		_, err = q.Keeps(schema(), row(t))
		assert.EqualError(t, err, want, query)
	}
}

// Queries of random shape print as they are read, and keep the same rows then.
func TestPrint(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		text := "T | extend e = parse_json(log_s) | where " + randomPredicate(r, 4)
		q, err := kql.Parse(text)
		require.NoError(t, err, text)
		again, err := kql.Parse(q.String())
		require.NoError(t, err, q.String())
		assert.Equal(t, q.String(), again.String())
		want, err := q.Keeps(schema(), row(t))
		require.NoError(t, err, text)
		got, err := again.Keeps(schema(), row(t))
		require.NoError(t, err)
		assert.Equal(t, want, got, text)
	}
}

func randomPredicate(r *rand.Rand, depth int) string {
	pick := func(all ...string) string { return all[r.IntN(len(all))] }
	if depth > 0 {
		switch r.IntN(4) {
		case 0:
			return "(" + randomPredicate(r, depth-1) + pick(" and ", " or ") + randomPredicate(r, depth-1) + ")"
		case 1:
			return randomPredicate(r, depth-1) + pick(" and ", " or ") + randomPredicate(r, depth-1)
		case 2:
			return "not(" + randomPredicate(r, depth-1) + ")"
		}
	}
	left := pick("Verb", "Ref.resource", "e.verb", `User["username"]`, "Ref.none", "tostring(Ref.port)")
	return left + pick(` == "get"`, ` != "secrets"`, ` in ("get", "list")`, ` !in~ ("LIST")`, ` has "app"`, ` !contains "a"`, ` =~ "GET"`)
}

func FuzzParse(f *testing.F) {
	f.Add("AKSAudit\n| where ResponseStatus.code == 403")
	f.Add("AzureDiagnostics | where Category == \"kube-audit\" | extend e = parse_json(log_s) | where e.x[\"y z\"][0] in~ ('a', \"b\\\"\") | count")
	f.Add("T | where not(a has \"b\" or (c !contains 'd' and 1.5 == 2)) == false;")
	f.Fuzz(func(t *testing.T, text string) {
		q, err := kql.Parse(text)
		if err != nil {
			return
		}
		again, err := kql.Parse(q.String())
		require.NoError(t, err, q.String())
		assert.Equal(t, q.String(), again.String())
	})
}
