// Package benchcluster answers what a big, ordinary cluster looks like, for
// benchmarks: namespaces of 50 pods, each with a default-deny and a DNS policy,
// and app policies with mixed peers (pod, namespace, both, ipBlock with except)
// and ports (number, name, range).
package benchcluster

import (
	"fmt"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// Shape says how alike the pods are.
type Shape string

const (
	// Replicated pods come in tens with the same labels, and a policy for each ten.
	Replicated Shape = "replicated"
	// Unique pods each have labels of their own, and a policy for each ten.
	Unique Shape = "unique"
	// Policies is Unique with a policy for each pod.
	Policies Shape = "policies"
)

// Shapes are all shapes.
func Shapes() []Shape { return []Shape{Replicated, Unique, Policies} }

const (
	perNamespace = 50
	replicas     = 10
)

// Objects returns the namespaces, pods and policies of a cluster of so many
// pods, as an API server stores them.
func Objects(pods int, shape Shape) []runtime.Object {
	var all []runtime.Object
	for i := range pods {
		if i%perNamespace == 0 {
			all = append(all, namespace(i/perNamespace))
			all = append(all, denyAll(i/perNamespace), allowDNS(i/perNamespace))
		}
		all = append(all, pod(i, shape))
		if shape == Policies || i%replicas == 0 {
			all = append(all, appPolicy(i, pods, shape))
		}
	}
	return all
}

func nsName(i int) string { return "ns-" + strconv.Itoa(i) }

// app is the label by which policies know a pod.
func app(i int, shape Shape) string {
	if shape == Replicated {
		return "app-" + strconv.Itoa(i/replicas)
	}
	return "app-" + strconv.Itoa(i)
}

func meta(ns int, name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Name: name, Namespace: nsName(ns)}
}

func namespace(i int) *corev1.Namespace {
	return &corev1.Namespace{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"},
		ObjectMeta: metav1.ObjectMeta{Name: nsName(i), Labels: map[string]string{corev1.LabelMetadataName: nsName(i), "team": "team-" + strconv.Itoa(i%20)}},
	}
}

func pod(i int, shape Shape) *corev1.Pod {
	ip := fmt.Sprintf("10.%d.%d.%d", 1+i/62500, i/250%250, i%250)
	p := &corev1.Pod{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
		ObjectMeta: meta(i/perNamespace, "pod-"+strconv.Itoa(i)),
		Spec: corev1.PodSpec{Containers: []corev1.Container{{
			Name: "main", Image: "example.invalid/app:1",
			Ports: []corev1.ContainerPort{
				{Name: "http", ContainerPort: int32(8080 + i%3), Protocol: corev1.ProtocolTCP},
				{Name: "metrics", ContainerPort: 9090, Protocol: corev1.ProtocolTCP},
			},
		}}},
		Status: corev1.PodStatus{Phase: corev1.PodRunning, PodIP: ip, PodIPs: []corev1.PodIP{{IP: ip}}},
	}
	p.Labels = map[string]string{"app": app(i, shape), "group": "group-" + strconv.Itoa(i/replicas), "tier": []string{"front", "back", "data"}[i%3]}
	if shape == Replicated {
		p.Labels["tier"] = "back"
		p.Spec.Containers[0].Ports[0].ContainerPort = 8080
	}
	return p
}

func policy(ns int, name string, spec networkingv1.NetworkPolicySpec) *networkingv1.NetworkPolicy {
	return &networkingv1.NetworkPolicy{
		TypeMeta:   metav1.TypeMeta{APIVersion: "networking.k8s.io/v1", Kind: "NetworkPolicy"},
		ObjectMeta: meta(ns, name), Spec: spec,
	}
}

func denyAll(ns int) *networkingv1.NetworkPolicy {
	return policy(ns, "default-deny", networkingv1.NetworkPolicySpec{PolicyTypes: []networkingv1.PolicyType{"Ingress", "Egress"}})
}

func allowDNS(ns int) *networkingv1.NetworkPolicy {
	return policy(ns, "allow-dns", networkingv1.NetworkPolicySpec{
		PolicyTypes: []networkingv1.PolicyType{"Egress"},
		Egress: []networkingv1.NetworkPolicyEgressRule{{
			To:    []networkingv1.NetworkPolicyPeer{{NamespaceSelector: labels(corev1.LabelMetadataName, "ns-0"), PodSelector: labels("tier", "back")}},
			Ports: []networkingv1.NetworkPolicyPort{number("UDP", 53), number("TCP", 53)},
		}},
	})
}

func labels(k, v string) *metav1.LabelSelector {
	return &metav1.LabelSelector{MatchLabels: map[string]string{k: v}}
}

func number(proto corev1.Protocol, n int32) networkingv1.NetworkPolicyPort {
	port := intstr.FromInt32(n)
	return networkingv1.NetworkPolicyPort{Protocol: &proto, Port: &port}
}

func named(name string) networkingv1.NetworkPolicyPort {
	p := number("TCP", 0)
	*p.Port = intstr.FromString(name)
	return p
}

func portRange(first, last int32) networkingv1.NetworkPolicyPort {
	p := number("TCP", first)
	p.EndPort = &last
	return p
}

// appPolicy lets neighbours, another namespace's pods, a team or addresses in,
// and the pod out to others of its namespace and of one other.
func appPolicy(i, pods int, shape Shape) *networkingv1.NetworkPolicy {
	ns := i / perNamespace
	neighbour := ns*perNamespace + (i+7)%perNamespace
	afar := (i*31 + 997) % pods
	selector := labels("app", app(i, shape))
	if shape == Unique {
		selector = labels("group", "group-"+strconv.Itoa(i/replicas))
	}
	peers := []networkingv1.NetworkPolicyPeer{
		{PodSelector: labels("app", app(neighbour, shape))},
		{NamespaceSelector: labels(corev1.LabelMetadataName, nsName(afar/perNamespace)), PodSelector: labels("app", app(afar, shape))},
	}
	switch i / replicas % 4 {
	case 0:
		peers = append(peers, networkingv1.NetworkPolicyPeer{NamespaceSelector: labels("team", "team-"+strconv.Itoa(i%20))})
	case 1:
		peers = append(peers, networkingv1.NetworkPolicyPeer{IPBlock: &networkingv1.IPBlock{
			CIDR:   fmt.Sprintf("10.%d.%d.0/24", 1+afar/62500, afar/250%250),
			Except: []string{fmt.Sprintf("10.%d.%d.64/26", 1+afar/62500, afar/250%250)},
		}})
	case 2:
		peers = append(peers, networkingv1.NetworkPolicyPeer{IPBlock: &networkingv1.IPBlock{CIDR: "0.0.0.0/0", Except: []string{"10.0.0.0/8", "169.254.169.254/32"}}})
	}
	ports := [][]networkingv1.NetworkPolicyPort{
		{named("http"), number("TCP", 9090)},
		{number("TCP", 8080), number("UDP", 53)},
		{portRange(8000, 8100), named("metrics")},
	}[i%3]
	return policy(ns, "app-"+strconv.Itoa(i), networkingv1.NetworkPolicySpec{
		PodSelector: *selector,
		PolicyTypes: []networkingv1.PolicyType{"Ingress", "Egress"},
		Ingress:     []networkingv1.NetworkPolicyIngressRule{{From: peers, Ports: ports}},
		Egress: []networkingv1.NetworkPolicyEgressRule{{
			To:    []networkingv1.NetworkPolicyPeer{{PodSelector: &metav1.LabelSelector{}}, {NamespaceSelector: labels(corev1.LabelMetadataName, nsName(afar/perNamespace))}},
			Ports: []networkingv1.NetworkPolicyPort{portRange(8000, 9999)},
		}},
	})
}
