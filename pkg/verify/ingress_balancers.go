package verify

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/aksim/aksim/pkg/model"
)

// The annotations of load balancers on AKS.
// https://learn.microsoft.com/azure/aks/load-balancer-standard
const (
	internalAnnotation = "service.beta.kubernetes.io/azure-load-balancer-internal"
	rangesAnnotation   = "service.beta.kubernetes.io/azure-allowed-ip-ranges"
	tagsAnnotation     = "service.beta.kubernetes.io/azure-allowed-service-tags"
)

// isInternal reports whether a Service's load balancer has an address of the virtual
// network. Only the text true means that, in lower case.
func isInternal(s *corev1.Service) bool { return s.Annotations[internalAnnotation] == "true" }

// checkLoadBalancers looks at the Services that entries lead to, and at those of AKS's
// own namespaces; the others are for AKS-NET-006.
func checkLoadBalancers(c *Context, a *Answer) {
	apps := c.AppNamespaces()
	services := 0
	for s := range model.All[corev1.Service](c.cluster) {
		why := exposure(s.API)
		if why == "" {
			continue
		}
		isEntry := c.isEntry(s)
		switch {
		case isEntry:
			services++
			c.checkBalancer(a, s)
		case !slices.Contains(apps, s.Ref.Namespace):
			services++
			a.Refute(Finding{Object: s.Ref.String(), Place: s.Origin.Place, Text: why + ", and no entry of the claims leads to it"})
		}
	}
	if services == 0 {
		a.NotApplicable("no Service that an entry leads to, and none of AKS's own, is reached from outside the cluster")
		return
	}
	a.Proved("%s that outsiders reach", count(services, "Service"))
}

func (c *Context) checkBalancer(a *Answer, s *model.Object[corev1.Service]) {
	f := Finding{Object: s.Ref.String(), Place: s.Origin.Place}
	for _, text := range s.API.Spec.ExternalIPs {
		if addr, err := netip.ParseAddr(text); err != nil || !isPrivate(netip.PrefixFrom(addr, addr.BitLen())) {
			f.Text = "takes what is sent to the external IP " + text + ", around its door"
			a.Refute(f)
		}
	}
	if s.API.Spec.Type != corev1.ServiceTypeLoadBalancer || isInternal(s.API) {
		return
	}
	if class := s.API.Spec.LoadBalancerClass; class != nil {
		f.Text = "is of load balancer class " + *class + ", which is not Azure's"
		a.Open(f)
		return
	}
	why := "everybody reaches it"
	if ranges := sourceRanges(s.API); len(ranges) > 0 {
		if why = c.outOfDoor(s, ranges); why == "" {
			return
		}
	}
	if v, ok := s.API.Annotations[internalAnnotation]; ok {
		why += fmt.Sprintf("; its annotation %s is %q, and only true counts", internalAnnotation, v)
	}
	f.Text = "has a public address, and " + why
	a.Refute(f)
}

// sourceRanges returns from where a public load balancer lets anybody in, as written:
// blocks and service tags; none if from everywhere.
func sourceRanges(s *corev1.Service) []string {
	all := slices.Clone(s.Spec.LoadBalancerSourceRanges)
	for _, name := range []string{corev1.AnnotationLoadBalancerSourceRangesKey, rangesAnnotation, tagsAnnotation} {
		for text := range strings.SplitSeq(s.Annotations[name], ",") {
			if text = strings.TrimSpace(text); text != "" {
				all = append(all, text)
			}
		}
	}
	return all
}

// frontDoorTag are the addresses of all Front Doors, whosever they are.
const frontDoorTag = "AzureFrontDoor.Backend"

// outOfDoor says which range is none from which an entry lets in.
func (c *Context) outOfDoor(s *model.Object[corev1.Service], ranges []string) string {
	for _, text := range ranges {
		block, err := netip.ParsePrefix(text)
		if err != nil {
			if text == frontDoorTag {
				return "every Front Door reaches it, and not only its own"
			}
			return "the service tag " + text + " reaches it"
		}
		isDoor := slices.ContainsFunc(c.claims.Spec.Entry, func(e Entry) bool {
			return e.isDoor() && c.leadsTo(s, &e) && slices.ContainsFunc(e.From, func(from End) bool {
				of, ok := blockOf(from.Endpoint)
				return ok && inside(block, of)
			})
		})
		if !isDoor {
			return text + " reaches it, from which no entry lets in"
		}
	}
	return ""
}
