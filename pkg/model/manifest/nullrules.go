package manifest

import (
	"fmt"

	"github.com/aksim/aksim/pkg/model"
)

// nullRules finds rules and ports of a policy that are null, such as a lone "-" in a
// list. The server takes each as one without conditions: it lets through everyone,
// or every port.
func (s *sheet) nullRules() (found []model.Finding) {
	spec, _ := s.doc.Root().Member("spec")
	for _, direction := range []string{"ingress", "egress"} {
		rules, _ := spec.Value.Member(direction)
		for i, rule := range rules.Value.Elements() {
			path := fmt.Sprintf("spec.%s[%d]", direction, i)
			if rule.Kind() == 'n' {
				found = append(found, s.finding("null-rule", rule.Offset(), path, "an empty rule lets everyone through on every port; write {} if that is meant"))
				continue
			}
			ports, _ := rule.Member("ports")
			for j, port := range ports.Value.Elements() {
				if port.Kind() == 'n' {
					path := fmt.Sprintf("%s.ports[%d]", path, j)
					found = append(found, s.finding("null-rule", port.Offset(), path, "an empty port lets every TCP port through; leave ports out if every port is meant"))
				}
			}
		}
	}
	return found
}
