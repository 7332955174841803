package manifest

import (
	"fmt"
	"iter"
	"net/netip"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// wrongAddresses yields the field paths of the IP addresses and CIDRs of an
// object that engines read and that cannot be read, and what is wrong with them.
func wrongAddresses(object metav1.Object) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		more := true
		check := func(text, path string) {
			if !more || text == "" || text == corev1.ClusterIPNone {
				return
			}
			if _, err := netip.ParseAddr(text); err != nil {
				more = yield(path, fmt.Sprintf("want an IP address, got %q", text))
			}
		}
		checkCIDR := func(text, path string) {
			if !more || text == "" {
				return
			}
			if _, err := netip.ParsePrefix(text); err != nil {
				more = yield(path, fmt.Sprintf("want a CIDR, got %q", text))
			}
		}
		switch o := object.(type) {
		case *corev1.Pod:
			check(o.Status.PodIP, "status.podIP")
			for i, ip := range o.Status.PodIPs {
				check(ip.IP, element("status.podIPs", i)+".ip")
			}
			check(o.Status.HostIP, "status.hostIP")
			for i, ip := range o.Status.HostIPs {
				check(ip.IP, element("status.hostIPs", i)+".ip")
			}
		case *corev1.Service:
			check(o.Spec.ClusterIP, "spec.clusterIP")
			for i, ip := range o.Spec.ClusterIPs {
				check(ip, element("spec.clusterIPs", i))
			}
			for i, ip := range o.Spec.ExternalIPs {
				check(ip, element("spec.externalIPs", i))
			}
		case *corev1.Node:
			checkCIDR(o.Spec.PodCIDR, "spec.podCIDR")
			for i, cidr := range o.Spec.PodCIDRs {
				checkCIDR(cidr, element("spec.podCIDRs", i))
			}
			for i, a := range o.Status.Addresses {
				if a.Type == corev1.NodeInternalIP || a.Type == corev1.NodeExternalIP {
					check(a.Address, element("status.addresses", i)+".address")
				}
			}
		case *discoveryv1.EndpointSlice:
			for i, e := range o.Endpoints {
				for j, a := range e.Addresses {
					if o.AddressType != discoveryv1.AddressTypeFQDN {
						check(a, element(element("endpoints", i)+".addresses", j))
					}
				}
			}
		}
	}
}
