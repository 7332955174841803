/*
Aksim proves which packets the NetworkPolicies of an AKS cluster let pass, from
its manifests alone.

# Usage

	aksim reach -f FILE … FROM TO[:PORT[/PROTOCOL]]
	aksim reach -f FILE … --into END | --out-of END | --all | --flows FILE
	aksim lint -f FILE …
	aksim completion bash|zsh|fish
	aksim version

Every command explains itself with -h.

reach says whether a connection may pass and why, or which ports are open: between
two ends, into pods, out of them, or between all pods.

	aksim reach -f deploy shop/web shop/db:5432
	aksim reach -f deploy shop/web svc/shop/db:5432 --explain
	aksim reach -f deploy internet shop/web
	aksim reach -f deploy --into shop/db -o md
	aksim reach -f deploy --all -o json
	aksim reach -f deploy --flows flows.jsonl -o jsonl
	kubectl get ns,nodes,pods,svc,netpol -A -o yaml | aksim reach -f - --out-of shop/web

lint finds what an API server would reject, and policies that don't do what they
look like.

	helm template chart | aksim lint -f -

Both read manifests with -f: a file, a directory with all .yaml, .yml and .json
files below it, compressed by gzip or not, or - for standard input. It may be
repeated. Where there is no Kubernetes object, in all files or in one that is named,
the answer is refused: whatever was to write them has failed. Objects that name no namespace go to the one that -n names, else to
default. --kube-version says whose admission rules apply; else it is the newest
kubelet's version in the input or, without one, the newest that aksim knows.

What if is asked with --with FILE, which adds objects or replaces those of the same
name; --without KIND/NAMESPACE/NAME, which leaves one out; and --assume-pod POD,
which adds a pod to come:

	aksim reach -f deploy --without networkpolicy/shop/db shop/web shop/db:5432
	aksim reach -f deploy --assume-pod 'shop/new{app=web}' shop/new shop/db:5432
	aksim reach -f deploy --assume-pod 'blue{team=a}/new{}[http=8080]' shop/web blue/new

--pod-cidr says where pods get their addresses from. It decides about pods whose
address is not in the input: those that only a template describes.

# Ends

An end of a connection is one of

	shop/web           the pod, else the one workload of that name
	pod/shop/web       the pod
	deploy/shop/web    the workload; also sts, ds, rs, rc, job, cronjob
	svc/shop/web       what is behind the Service, by the Service's own ports
	namespace/shop     every pod of the namespace
	10.0.0.7           an address; that of a pod, node or Service stands for it
	10.0.0.0/8         every address of a block
	internet           every address outside the cluster

With -n, NAME and KIND/NAME are meant in that namespace. A port follows the
destination: shop/db:5432, shop/dns:53/UDP, [2001:db8::7]:443. The protocol is TCP
unless it is named. A flow as answers print it, 'shop/web -> shop/db:5432/TCP', can be
asked again as one argument.

A workload stands for its pods; its replicas count as one unless the input holds
them as pods. An end that stands for several is allowed when all of them are, and
denied when none is. Otherwise the answer is mixed, and the output splits it.

# Output

The answer, and nothing else, goes to standard output. All the rest goes to standard
error, each line beginning with "aksim: ".

-o text is for people: a line for each decision or pair of ends, then what the answer
takes for granted. --explain adds all grounds: the policies that isolate either
side, every rule that allows, with its file and line, or the rules that nearly would
and what keeps them from it. The other formats say on standard error what they take
for granted, unless they have a place for it.

-o json of FROM TO:PORT is one object; -o jsonl is the same on one line:

	{"version": 1, "from": "app/api", "to": "data/postgres", "port": 5432, "protocol": "TCP",
	 "decision": "allow|deny|undecided", "mixed": true,
	 "grounds": [
	   {"from": …, "to": …, "addresses": […], "service": "NAMESPACE/NAME", "port": …, "protocol": …,
	    "decision": …, "reasons": ["…"],
	    "sides": [
	      {"direction": "egress|ingress", "pod": …, "decision": …, "reasons": ["…"],
	       "isolatedBy": [{"policy": "NAMESPACE/NAME", "place": "FILE:LINE"}],
	       "allowedBy": [{"policy": …, "path": "egress[0].to[1].ports[0]", "place": …}],
	       "nearestMisses": [{"policy": …, "path": …, "place": …, "but": ["…"]}],
	       "moreNearestMisses": …}]}],
	 "assumptions": ["…"]}

There are grounds for each pair of ends; those about all of the internet list no
addresses. Members that say nothing are left out;
mixed is there only if the answer is mixed, beside the decision undecided. The port
of grounds is that of the pod, to which a Service translates.

-o json of FROM TO, without a port, is one object with an edge for each pair:

	{"version": 1, "from": …, "to": …, "decision": …, "mixed": true, "edges": […], "assumptions": […]}

-o json of --into, --out-of and --all is a list of edges, and -o jsonl an edge a
line; both are written as they are found:

	{"from": "app/api", "to": "data/postgres", "service": "NAMESPACE/NAME",
	 "addresses": ["10.0.0.0/8", …], "node": "NAME",
	 "ports": {"TCP": [[5432,5432]], "UDP": [], "SCTP": []},
	 "undecided": {…}, "portsSecondary": {…}, "undecidedSecondary": {…}}

Ports are lists of intervals, first and last included: sorted, disjoint, and not
adjacent. Ports of which the answer is open are not among them but in undecided.
Both are for the primary address family of the two ends; where they share the other
as well and it differs, it is in portsSecondary and undecidedSecondary. --all lists
the pairs of distinct pods with at least one port that is open or undecided, by the
source's namespace and name, then the destination's; replicas that only a template
describes are one. A pod is NAMESPACE/NAME; replicas of a template have the name of
their workload, as deploy/NAMESPACE/NAME where another has it, too. An end outside the
cluster that is several blocks is "internet", and addresses lists the blocks. If
service is there, the ports are that Service's.

--all --classes prints the relation between classes of pods that no policy tells
apart: -o json as {"version": 1, "classes": [{"id": 0, "pods": […]}], "relation":
[{"from": 0, "to": 1, "ports": …}]}, -o jsonl the same classes, then the relation, a
line each.

--flows reads JSON lines {"from": …, "to": …, "port": 80, "protocol": "TCP"} and
writes exactly one line for each, in order. With -o jsonl, or json, that is the same
object, whatever else is in it, with "decision" and "grounds" as above, and "mixed",
or with "error" if it could not be asked. The protocol may be left out. Each answer is
written before the next line is waited for.

-o csv has a row for each run of ports, with the address family where the two
differ; -o md is a table; -o dot and -o mermaid are graphs, in which a dashed arrow
is undecided.

lint prints a line for each finding, FILE:LINE:COLUMN, object, field, what it is, and
the remedy and rule in brackets; notes begin with "note: "; errors go to standard
error. -o json is {"version": 1, "errors": […], "findings": […], "notes": […]}, each
with "rule", "object", "file", "line", "column", "path", "text" and "hint", as far as
they are known.

# Exit status

The same in every format:

	0  allowed; computed (--into, --out-of, --all); clean (lint)
	1  denied; findings (lint)
	2  could not ask: usage, input, an end that is not there
	3  undecided, or mixed

Without a port, 0 means that any port is open and 1 that none is. With --flows it is
2 if any line could not be asked, else 3 if any is undecided, else 0. With lint, 2
wins over 1.

# Limitations

An answer is about the input: what it does not contain does not exist, and whether the
cluster's network plugin enforces NetworkPolicies is an assumption. An answer is
undecided, never allowed or denied, where the specification leaves it to the
implementation (pods on the host network, egress to a pod's own node, a pod that
reaches itself through its Service), where it hangs on something that the input does
not tell (the address of a pod that is only a template, labels of a Namespace that is
referred to but absent), and where policies of other kinds (Cilium, Calico,
policy.networking.k8s.io, Istio) could change it.

Aksim is about new connections over TCP, UDP and SCTP; replies belong to them. ICMP
and what travels below IP are settled by no NetworkPolicy. Routes, firewalls and
network security groups outside the cluster are not looked at: allowed means that
no NetworkPolicy stands in the way.
*/
package main
