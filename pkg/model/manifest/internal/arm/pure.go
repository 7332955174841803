package arm

import (
	"fmt"
	"strconv"

	"github.com/aksim/aksim/pkg/model/manifest/internal/tree"
)

// function is a function of the values of its arguments.
type function struct {
	signature
	partial bool // it can do with arguments of which not all is known
	call    func(args []tree.Node) (tree.Node, error)
}

// pure are the functions of the values of their arguments, in lower case.
// https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions
//
//nolint:gochecknoglobals // a constant table
var pure = tableOf(
	// Logic and comparison.
	function{signature{"true", 0, 0}, false, func([]tree.Node) (tree.Node, error) { return boolean(true), nil }},
	function{signature{"false", 0, 0}, false, func([]tree.Node) (tree.Node, error) { return boolean(false), nil }},
	function{signature{"null", 0, 0}, false, func([]tree.Node) (tree.Node, error) { return tree.Node{Kind: tree.Null}, nil }},
	function{signature{"fail", 1, 1}, false, fail},
	function{signature{"not", 1, 1}, false, not},
	function{signature{"bool", 1, 1}, false, toBool},
	function{signature{"equals", 2, 2}, true, equals},
	function{signature{"less", 2, 2}, false, compare(func(c int) bool { return c < 0 })},
	function{signature{"lessOrEquals", 2, 2}, false, compare(func(c int) bool { return c <= 0 })},
	function{signature{"greater", 2, 2}, false, compare(func(c int) bool { return c > 0 })},
	function{signature{"greaterOrEquals", 2, 2}, false, compare(func(c int) bool { return c >= 0 })},

	// Numbers.
	function{signature{"add", 2, 2}, false, arithmetic(add)},
	function{signature{"sub", 2, 2}, false, arithmetic(sub)},
	function{signature{"mul", 2, 2}, false, arithmetic(mul)},
	function{signature{"div", 2, 2}, false, arithmetic(div)},
	function{signature{"mod", 2, 2}, false, arithmetic(mod)},
	function{signature{"int", 1, 1}, false, toInt},
	function{signature{"float", 1, 1}, false, toFloat},
	function{signature{"min", 1, many}, false, extreme(func(a, b int64) bool { return a < b })},
	function{signature{"max", 1, many}, false, extreme(func(a, b int64) bool { return a > b })},
	function{signature{"range", 2, 2}, false, rangeOf},

	// Lists and objects.
	function{signature{"array", 1, 1}, true, array},
	function{signature{"createArray", 0, many}, true, func(args []tree.Node) (tree.Node, error) { return list(args), nil }},
	function{signature{"createObject", 0, many}, true, createObject},
	function{signature{"concat", 1, many}, true, concat},
	function{signature{"contains", 2, 2}, true, containsItem},
	function{signature{"empty", 1, 1}, true, empty},
	function{signature{"length", 1, 1}, true, length},
	function{signature{"first", 1, 1}, true, first},
	function{signature{"last", 1, 1}, true, last},
	function{signature{"take", 2, 2}, true, take},
	function{signature{"skip", 2, 2}, true, skip},
	function{signature{"indexOf", 2, 2}, false, indexOf},
	function{signature{"lastIndexOf", 2, 2}, false, lastIndexOf},
	function{signature{"union", 2, many}, true, union},
	function{signature{"intersection", 2, many}, false, intersection},
	function{signature{"flatten", 1, 1}, true, flatten},
	function{signature{"items", 1, 1}, true, items},
	function{signature{"objectKeys", 1, 1}, true, objectKeys},
	function{signature{"tryGet", 2, many}, true, tryGet},
	function{signature{"indexFromEnd", 2, 2}, true, indexFromEnd},
	function{signature{"tryIndexFromEnd", 2, many}, true, tryIndexFromEnd},
	function{signature{"shallowMerge", 1, 1}, true, shallowMerge},

	// Strings.
	function{signature{"string", 1, 1}, true, toString},
	function{signature{"json", 1, 1}, false, fromJSON},
	function{signature{"format", 1, many}, true, format},
	function{signature{"split", 2, 2}, true, splitString},
	function{signature{"join", 2, 2}, true, join},
	function{signature{"replace", 3, 3}, false, replace},
	function{signature{"substring", 2, 3}, false, substring},
	function{signature{"startsWith", 2, 2}, false, startsWith},
	function{signature{"endsWith", 2, 2}, false, endsWith},
	function{signature{"toLower", 1, 1}, false, toLower},
	function{signature{"toUpper", 1, 1}, false, toUpper},
	function{signature{"trim", 1, 1}, false, trim},
	function{signature{"padLeft", 2, 3}, false, padLeft},
	function{signature{"guid", 1, many}, false, guid},
	function{signature{"uniqueString", 1, many}, false, uniqueString},
	function{signature{"base64", 1, 1}, false, base64Encode},
	function{signature{"base64ToString", 1, 1}, false, base64ToString},
	function{signature{"base64ToJson", 1, 1}, false, base64ToJSON},
	function{signature{"dataUri", 1, 1}, false, dataURI},
	function{signature{"dataUriToString", 1, 1}, false, dataURIToString},
	function{signature{"uri", 2, 2}, false, uri},
	function{signature{"uriComponent", 1, 1}, false, uriComponent},
	function{signature{"uriComponentToString", 1, 1}, false, uriComponentToString},

	// Addresses.
	function{signature{"parseCidr", 1, 1}, false, parseCIDR},
	function{signature{"cidrSubnet", 3, 3}, false, cidrSubnet},
	function{signature{"cidrHost", 2, 2}, false, cidrHost},
)

func tableOf(functions ...function) map[string]function {
	table := make(map[string]function, len(functions))
	for _, f := range functions {
		lower, _ := toLower([]tree.Node{text(f.name)})
		table[lower.Text] = f
	}
	return table
}

// wantString returns the string that an argument is.
func wantString(n tree.Node) (string, error) {
	if n.Kind != tree.String {
		return "", fmt.Errorf("want a string, not %s", kindName(n))
	}
	return n.Text, nil
}

// wantInt returns the integer that an argument is.
func wantInt(n tree.Node) (int64, error) {
	i, err := strconv.ParseInt(n.Text, 10, 64)
	if n.Kind != tree.Number || err != nil {
		return 0, fmt.Errorf("want an integer, not %s", kindName(n))
	}
	return i, nil
}
