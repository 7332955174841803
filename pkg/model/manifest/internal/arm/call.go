package arm

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/model/manifest/internal/tree"
)

// special are the functions that look at more than the values of their arguments, in
// lower case, with their names as written and the least and most arguments.
//
//nolint:gochecknoglobals // a constant table
var special = map[string]signature{
	"parameters":                {"parameters", 1, 1},
	"variables":                 {"variables", 1, 1},
	"copyindex":                 {"copyIndex", 0, 2},
	"lambdavariables":           {"lambdaVariables", 1, 1},
	"if":                        {"if", 3, 3},
	"and":                       {"and", 1, many},
	"or":                        {"or", 1, many},
	"coalesce":                  {"coalesce", 1, many},
	"reference":                 {"reference", 1, 3},
	"resourceinfo":              {"resourceInfo", 1, 1},
	"subscription":              {"subscription", 0, 0},
	"resourcegroup":             {"resourceGroup", 0, 0},
	"managementgroup":           {"managementGroup", 0, 0},
	"tenant":                    {"tenant", 0, 0},
	"environment":               {"environment", 0, 0},
	"deployment":                {"deployment", 0, 0},
	"deployer":                  {"deployer", 0, 0},
	"resourceid":                {"resourceId", 2, many},
	"subscriptionresourceid":    {"subscriptionResourceId", 2, many},
	"tenantresourceid":          {"tenantResourceId", 2, many},
	"managementgroupresourceid": {"managementGroupResourceId", 2, many},
	"extensionresourceid":       {"extensionResourceId", 3, many},
	"newguid":                   {"newGuid", 0, 0},
	"utcnow":                    {"utcNow", 0, 1},
	"map":                       {"map", 2, 2},
	"filter":                    {"filter", 2, 2},
	"reduce":                    {"reduce", 3, 3},
	"sort":                      {"sort", 2, 2},
	"toobject":                  {"toObject", 2, 3},
	"mapvalues":                 {"mapValues", 2, 2},
	"groupby":                   {"groupBy", 2, 2},
}

// asking are the functions that ask Azure, or whose results are not worked out here.
// The functions list… belong to them, too.
//
//nolint:gochecknoglobals // a constant table
var asking = map[string]signature{
	"pickzones":         {"pickZones", 3, 5},
	"providers":         {"providers", 1, 2},
	"references":        {"references", 1, 3},
	"tologicalzone":     {"toLogicalZone", 3, 3},
	"tologicalzones":    {"toLogicalZones", 3, 3},
	"tophysicalzone":    {"toPhysicalZone", 3, 3},
	"tophysicalzones":   {"toPhysicalZones", 3, 3},
	"datetimeadd":       {"dateTimeAdd", 2, 3},
	"datetimefromepoch": {"dateTimeFromEpoch", 1, 1},
	"datetimetoepoch":   {"dateTimeToEpoch", 1, 1},
	"parseuri":          {"parseUri", 1, 1},
	"builduri":          {"buildUri", 1, 1},
}

const many = 1 << 30

// signature is a function's name as written and how many arguments it takes.
type signature struct {
	name        string
	least, most int
}

func (s signature) check(args int) error {
	if args < s.least || args > s.most {
		want := fmt.Sprintf("%d to %d", s.least, s.most)
		switch {
		case s.least == s.most:
			want = fmt.Sprint(s.least)
		case s.most == many:
			want = fmt.Sprintf("at least %d", s.least)
		}
		return fmt.Errorf("%s() has %d arguments, want %s", s.name, args, want)
	}
	return nil
}

// known returns the signature of a function of the language.
func known(function string) (signature, bool) {
	lower := strings.ToLower(function)
	if s, ok := special[lower]; ok {
		return s, true
	}
	if s, ok := asking[lower]; ok {
		return s, true
	}
	if f, ok := pure[lower]; ok {
		return f.signature, true
	}
	if strings.HasPrefix(lower, "list") {
		return signature{function, 1, 3}, true
	}
	return signature{}, false
}

// call evaluates a call of a function.
func (v env) call(x *expr) (tree.Node, error) {
	if namespace, _, ok := strings.Cut(x.text, "."); ok && !strings.EqualFold(namespace, "sys") {
		return v.userFunction(x)
	}
	name := x.text
	if hasFoldedPrefix(name, "sys.") {
		name = name[len("sys."):]
	}
	s, ok := known(name)
	if !ok {
		return tree.Node{}, unknownFunction(x.text)
	}
	if err := s.check(len(x.args)); err != nil {
		return tree.Node{}, err
	}
	lower := strings.ToLower(s.name)
	if lazy := v.lazy(lower); lazy != nil {
		return lazy(x)
	}
	args := make([]tree.Node, len(x.args))
	for i, arg := range x.args {
		var err error
		if args[i], err = v.eval(arg); err != nil {
			return tree.Node{}, err
		}
	}
	if err := v.weigh(args...); err != nil {
		return tree.Node{}, err
	}
	if _, ok := special[lower]; ok {
		return v.special(s.name, args)
	}
	f, ok := pure[lower]
	if !ok {
		return opaque(s.name, args...), nil
	}
	return f.apply(args)
}

func unknownFunction(name string) error {
	return fmt.Errorf("there is no function %s()", name)
}

// apply calls a function of the values of its arguments.
func (f function) apply(args []tree.Node) (tree.Node, error) {
	if !f.partial && slices.ContainsFunc(args, unknown) {
		return opaque(f.name, args...), nil
	}
	n, err := f.call(args)
	if errors.Is(err, errOpen) {
		return opaque(f.name, args...), nil
	}
	if err != nil {
		return n, fmt.Errorf("%s(): %w", f.name, err)
	}
	return n, nil
}

// special evaluates the functions of the table special that evaluate all their
// arguments.
func (v env) special(function string, args []tree.Node) (tree.Node, error) {
	switch function {
	case "parameters", "variables", "lambdaVariables", "resourceInfo":
		if args[0].Kind != tree.String {
			return tree.Node{}, fmt.Errorf("%s() wants a name, not %s", function, kindName(args[0]))
		}
		return v.named(function, args[0].Text)
	case "copyIndex":
		return v.copyIndex(args)
	case "reference":
		return v.reference(args)
	case "newGuid", "utcNow":
		if !v.inDefault {
			return tree.Node{}, fmt.Errorf("%s() stands for itself only in the default of a parameter", function)
		}
		v.scope.fresh = true
		return opaque(function, args...), nil
	case "subscription", "resourceGroup", "managementGroup", "tenant", "environment", "deployment", "deployer":
		return v.here(function)
	}
	return v.resourceID(function, args)
}

func (v env) named(function, name string) (tree.Node, error) {
	switch function {
	case "parameters":
		return v.parameter(name)
	case "variables":
		return v.variable(name)
	case "lambdaVariables":
		if n, ok := v.local[strings.ToLower(name)]; ok {
			return n, nil
		}
		return tree.Node{}, fmt.Errorf("no lambda has the variable %s", quoted(name))
	}
	d := unique(v.symbols[strings.ToLower(name)])
	if d == nil {
		return tree.Node{}, fmt.Errorf("no single resource has the symbolic name %s", quoted(name))
	}
	return fields("id", d.id, "name", d.name, "type", text(d.kind), "apiVersion", text(d.apiVersion)), nil
}

// userFunction calls a function that the template defines. It sees nothing but its
// arguments.
// https://learn.microsoft.com/azure/azure-resource-manager/templates/user-defined-functions
func (v env) userFunction(x *expr) (tree.Node, error) {
	f, ok := userDefined(v.template, x.text)
	if !ok {
		return tree.Node{}, unknownFunction(x.text)
	}
	params := f.Value.Get("parameters").Items
	if len(params) != len(x.args) {
		return tree.Node{}, fmt.Errorf("%s() has %d arguments, want %d", x.text, len(x.args), len(params))
	}
	inner := newScope(v.evaluator, v.template, v.target)
	inner.bound = map[string]tree.Node{}
	for i, arg := range x.args {
		n, err := v.eval(arg)
		if err != nil {
			return n, err
		}
		inner.bound[strings.ToLower(params[i].Get("name").Text)] = n
	}
	if v.depth > maxChain {
		return tree.Node{}, fmt.Errorf("%s() calls itself without end", x.text)
	}
	v.evaluator.depth++
	defer func() { v.evaluator.depth-- }()
	return env{scope: inner}.node(f.Value.Get("output", "value")), nil
}

// userDefined finds a template's own function by NAMESPACE.NAME.
func userDefined(template tree.Node, name string) (tree.Member, bool) {
	namespace, member, _ := strings.Cut(name, ".")
	for _, ns := range template.Get("functions").Items {
		if strings.EqualFold(ns.Get("namespace").Text, namespace) {
			return ns.Get("members").Member(member)
		}
	}
	return tree.Member{}, false
}
