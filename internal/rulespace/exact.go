package rulespace

import "fmt"

// Need is the reason why a part can't go: without it the request is denied.
type Need struct {
	Part
	Request Request
}

// Exact proves that an access is the least that allows the requests, or says
// what is wrong with it. Least is:
//
//   - every request is allowed;
//   - whatever else is allowed differs from one of them in the name alone,
//     where it has none, or in the namespace alone, where it has none;
//   - no rule can go, and no value of a list: of each the needs name a request
//     that would be denied.
//
// Requests that no rule can express exactly must be left out.
func Exact(a Access, requests []Request) ([]Need, error) {
	for _, r := range requests {
		if !a.Allows(r) {
			return nil, fmt.Errorf("%s is not allowed", r)
		}
	}
	var wanted Access
	for _, r := range requests {
		wanted = append(wanted, Grant{Namespace: r.Namespace, Rules: merge([]atom{atomOf(r)})})
	}
	if witness, ok := New(Universe{}).Covers(wanted, a); !ok {
		return nil, fmt.Errorf("%s is allowed, too", witness)
	}
	var needs []Need
	for _, p := range a.parts() {
		rest := a.Without(p)
		needed := false
		for _, r := range requests {
			if !rest.Allows(r) {
				needs, needed = append(needs, Need{p, r}), true
				break
			}
		}
		if !needed {
			return nil, fmt.Errorf("%s can go", p)
		}
	}
	return needs, nil
}
