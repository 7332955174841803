package arm

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"strings"

	"github.com/aksim/aksim/pkg/model/manifest/internal/tree"
)

// fail is what templates call where they must not come.
func fail(args []tree.Node) (tree.Node, error) {
	return args[0], errors.New("the template fails: " + quoted(args[0].Text))
}

func not(args []tree.Node) (tree.Node, error) {
	if args[0].Kind != tree.Bool {
		return args[0], fmt.Errorf("want a boolean, not %s", kindName(args[0]))
	}
	return boolean(args[0].Text == "false"), nil
}

func toBool(args []tree.Node) (tree.Node, error) {
	n := args[0]
	switch lower := strings.ToLower(n.Text); {
	case n.Kind == tree.Bool, n.Kind == tree.String && (lower == "true" || lower == "false"):
		return boolean(lower == "true"), nil
	case n.Kind == tree.Number || n.Kind == tree.String && (lower == "1" || lower == "0"):
		return boolean(lower != "0"), nil
	}
	return n, errors.New("want true, false or an integer")
}

func equals(args []tree.Node) (tree.Node, error) {
	eq, sure := equal(args[0], args[1])
	if !sure {
		return tree.Node{}, errOpen
	}
	return boolean(eq), nil
}

// compare compares integers. How Azure orders strings is not documented.
func compare(holds func(c int) bool) func([]tree.Node) (tree.Node, error) {
	return func(args []tree.Node) (tree.Node, error) {
		if args[0].Kind == tree.String && args[1].Kind == tree.String {
			if args[0].Text == args[1].Text {
				return boolean(holds(0)), nil
			}
			return tree.Node{}, errOpen
		}
		a, errA := wantInt(args[0])
		b, errB := wantInt(args[1])
		return boolean(holds(cmp.Compare(a, b))), errors.Join(errA, errB)
	}
}

func arithmetic(compute func(a, b int64) (int64, bool)) func([]tree.Node) (tree.Node, error) {
	return func(args []tree.Node) (tree.Node, error) {
		a, err := wantInt(args[0])
		if err != nil {
			return args[0], err
		}
		b, err := wantInt(args[1])
		if err != nil {
			return args[1], err
		}
		n, ok := compute(a, b)
		if !ok {
			return args[0], fmt.Errorf("%d and %d have no result of 64 bits", a, b)
		}
		return integer(n), nil
	}
}

func add(a, b int64) (int64, bool) {
	n := a + b
	return n, (n > a) == (b > 0)
}

func sub(a, b int64) (int64, bool) {
	n := a - b
	return n, (n < a) == (b > 0)
}

func mul(a, b int64) (int64, bool) {
	if a == 0 || b == 0 {
		return 0, true
	}
	if a == math.MinInt64 || b == math.MinInt64 {
		n := a * b
		return n, a == 1 || b == 1
	}
	high, low := bits.Mul64(uint64(max(a, -a)), uint64(max(b, -b))) //nolint:gosec // not negative
	return a * b, high == 0 && low <= math.MaxInt64
}

func div(a, b int64) (int64, bool) {
	if b == 0 || a == math.MinInt64 && b == -1 {
		return 0, false
	}
	return a / b, true
}

func mod(a, b int64) (int64, bool) {
	if b == 0 || b == -1 {
		return 0, b == -1
	}
	return a % b, true
}

func toInt(args []tree.Node) (tree.Node, error) {
	n := args[0]
	i, err := strconv.ParseInt(strings.TrimSpace(n.Text), 10, 64)
	switch {
	case n.Kind == tree.Number && err != nil:
		return n, errOpen // how it is rounded is not documented
	case n.Kind != tree.Number && n.Kind != tree.String || err != nil:
		return n, errors.New("want an integer")
	}
	return integer(i), nil
}

func toFloat(args []tree.Node) (tree.Node, error) {
	if f, ok := args[0].Number(); ok && !math.IsNaN(f) && !math.IsInf(f, 0) {
		return tree.Node{Kind: tree.Number, Text: strconv.FormatFloat(f, 'g', -1, 64)}, nil
	}
	return args[0], errors.New("want a number")
}

func extreme(better func(a, b int64) bool) func([]tree.Node) (tree.Node, error) {
	return func(args []tree.Node) (tree.Node, error) {
		if len(args) == 1 && args[0].Kind == tree.List {
			args = args[0].Items
		}
		var best int64
		for i, arg := range args {
			n, err := wantInt(arg)
			if err != nil {
				return arg, err
			}
			if i == 0 || better(n, best) {
				best = n
			}
		}
		if len(args) == 0 {
			return tree.Node{}, errOpen
		}
		return integer(best), nil
	}
}

func rangeOf(args []tree.Node) (tree.Node, error) {
	start, err := wantInt(args[0])
	if err != nil {
		return args[0], err
	}
	count, err := wantInt(args[1])
	if err != nil {
		return args[1], err
	}
	if count < 0 || count > maxRange {
		return args[1], fmt.Errorf("want a count from 0 to %d", maxRange)
	}
	out := make([]tree.Node, count)
	for i := range out {
		out[i] = integer(start + int64(i))
	}
	return list(out), nil
}
