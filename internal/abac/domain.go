package abac

import (
	"slices"
	"strings"
)

// Domain is a set of values: those listed or, if Except, all others. The zero
// Domain is empty.
type Domain struct {
	Except bool
	Values []string // sorted, each once
}

// Any reports whether every value is in the domain.
func (d Domain) Any() bool { return d.Except && len(d.Values) == 0 }

// Empty reports whether no value is.
func (d Domain) Empty() bool { return !d.Except && len(d.Values) == 0 }

// Has reports whether the value is in the domain: a GUID in lower case with
// hyphens, or a type of principal spelt as Azure does.
func (d Domain) Has(value string) bool {
	_, listed := slices.BinarySearch(d.Values, value)
	return listed != d.Except
}

// String returns "any", "none", the values, or "any but" and the values.
func (d Domain) String() string {
	switch {
	case d.Any():
		return "any"
	case d.Empty():
		return "none"
	case d.Except:
		return "any but " + strings.Join(d.Values, ", ")
	default:
		return strings.Join(d.Values, ", ")
	}
}

func anything() Domain { return Domain{Except: true} }

// intersect returns the values in both domains.
func (d Domain) intersect(e Domain) Domain {
	switch {
	case d.Except && e.Except:
		return Domain{Except: true, Values: slices.Compact(slices.Sorted(slices.Values(slices.Concat(d.Values, e.Values))))}
	case d.Except:
		return e.intersect(d)
	default:
		return Domain{Values: slices.DeleteFunc(slices.Clone(d.Values), func(v string) bool { return !e.Has(v) })}
	}
}

func (d Domain) complement() Domain { return Domain{!d.Except, d.Values} }

// within reports whether all of the domain is part of another. There are more
// values than any list has.
func (d Domain) within(e Domain) bool { return d.intersect(e.complement()).Empty() }
