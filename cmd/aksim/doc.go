/*
Aksim proves who and what can reach what in an AKS cluster, from its manifests and
the exports of Azure alone: which packets the NetworkPolicies let pass, and what RBAC
and Azure allow to whom.

# Usage

	aksim reach -f FILE … FROM TO[:PORT[/PROTOCOL]]
	aksim reach -f FILE … --into END | --out-of END | --all | --flows FILE
	aksim can-i -f FILE … VERB TYPE[/NAME] | VERB URL | --list | --reviews FILE
	aksim can-i -f FILE … ACTION --scope ID --as WHO
	aksim who-can -f FILE … VERB[,VERB…] TYPE[/NAME] | VERB[,VERB…] URL
	aksim who-can -f FILE … ACTION --scope ID
	aksim whoami -f FILE … POD
	aksim compare -f FILE … OLD NEW
	aksim compare --from FILE … --to FILE …
	aksim minimal-role --requests FILE | --audit FILE --as WHO
	aksim minimal-role --audit FILE -f FILE … --excess
	aksim lint -f FILE …
	aksim verify -f FILE …
	aksim controls [ID]
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

can-i is kubectl auth can-i, offline: it says whether somebody may make a request of
the API server, and by which bindings, roles and rules, or lists what somebody may do.

	aksim can-i -f deploy get pods/log -n app --as sa/app/api
	aksim can-i -f deploy delete deployments.apps/web -n app --as alice --as-group team-a
	aksim can-i -f deploy get /metrics --as group/monitoring --explain
	aksim can-i -f deploy --list -n app --as sa/app/api
	aksim can-i -f deploy get pods -n app --as alice --impersonated-by sa/ops/proxy
	aksim can-i -f deploy --reviews reviews.jsonl -o jsonl
	kubectl get clusterroles,clusterrolebindings,roles,rolebindings -A -o yaml |
		aksim can-i -f - create pods --subresource exec -n app --as alice -q

who-can says who may do something, or which of several things.

	aksim who-can -f deploy delete secrets -n data
	aksim who-can -f deploy get,list,delete secrets -n data -o md

Both ask Azure as well where the input has an AKS cluster with Azure RBAC, and both
answer about actions of Azure itself:

	aksim can-i -f deploy -f azure get secrets -n app --as user/alice@contoso.com
	aksim can-i -f azure Microsoft.KeyVault/vaults/secrets/getSecret/action
		--scope kv-prod/secrets/db --as mi/api
	aksim who-can -f azure Microsoft.Authorization/roleAssignments/write --scope kv-prod

whoami follows a pod through workload identity to what it may do in Azure, and says
where the chain breaks:

	aksim whoami -f deploy -f azure app/api

compare proves how what one role, subject or snapshot allows compares with another,
over all requests there can be, and gives a request as proof.

	aksim compare -f deploy role/app/old role/app/new
	aksim compare -f deploy sa/app/api sa/app/worker
	aksim compare --from main/deploy --to deploy -o md

minimal-role prints the least roles that allow given requests, or those of an audit log,
for kubectl apply; with --excess it prints what somebody may do and did not.

	aksim minimal-role --requests needed.txt --name api | kubectl apply -f -
	aksim minimal-role --audit audit.jsonl --as sa/app/api
	aksim minimal-role --audit audit.jsonl -f deploy --excess

lint finds what an API server would reject, and policies that don't do what they
look like.

	helm template chart | aksim lint -f -

verify answers every control of the operating procedure, and every claim of the claims
file: proved, refuted with a counterexample, or undecided with the input that is missing.
controls lists the controls, and says all about one.

	aksim verify -f deploy -f azure
	aksim verify -f deploy -f azure --claims claims.yaml --only network,rbac -o sarif
	aksim verify -f deploy -f azure --baseline last-week.json --fail-on refuted
	aksim controls AKS-NET-004

All of them read manifests with -f: a file, a directory with all .yaml, .yml and .json
files below it, compressed by gzip or not, or - for standard input. It may be
repeated. Where there is no Kubernetes object, in all files or in one that is named,
the answer is refused: whatever was to write them has failed. Objects that name no
namespace go to the one that -n names, else to default; with can-i and who-can, where
-n is about the request, always to default. --kube-version says whose admission rules
apply; else it is the newest
kubelet's version in the input or, without one, the newest that aksim knows.

What if is asked with --with FILE, which adds objects or replaces those of the same
name; --without KIND/NAMESPACE/NAME, which leaves one out; and, with reach,
--assume-pod POD, which adds a pod to come:

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

# Requests

can-i and who-can put a request as kubectl auth can-i does. TYPE is the plural, singular,
kind or short name of a resource, with its group after a dot or without: those of
Kubernetes 1.37, and those that CustomResourceDefinitions of the input define. With
--api-resources FILE, the output of kubectl api-resources, it is those of the file and of
the input. What follows the type is a name; --subresource says which subresource is
meant. pods/log and its like are understood, too: what a resource has as a subresource
is not taken for a name unless --subresource is given, if only as an empty word. A URL
begins with a slash. Verbs, types and subresources that nobody knows are asked about as
they stand, with a warning; so are namespaces and ServiceAccounts that the input does not
name, and users and groups if another is called nearly so. * asks about the star itself,
which only a rule with a star allows.

The namespace is that of -n, or default; -A asks about all namespaces at once, and about
what is in none. Without -n and -A, who-can asks about what is in no namespace there, and
about namespaces/NAME in NAME, as real requests do.

With can-i, --as says who asks: without it nothing can be asked, since offline nobody is
logged in.

	sa/app/api                         a ServiceAccount
	system:serviceaccount:app:api      the same
	alice, user/alice                  a user
	group/team-a                       a member of the group of whom nothing else is known

--as-group NAME, which may be repeated, says which groups the user is in. To these come
the groups that Kubernetes adds by itself: system:authenticated, or for anonymous users
system:unauthenticated, and those of ServiceAccounts, unless --as-group is given, which
then replaces them: just as with kubectl.

	user/alice@contoso.com             a user of Microsoft Entra ID, by UPN or object id
	group/…                            its groups, by object id or display name
	mi/api, sp/…                       a managed identity or service principal, by name or id

The last three are told by exports of users, groups and their members (az ad), of
managed identities (az identity list) and of role assignments. A UPN that none of them
names is an error, with the nearest.

# Azure

With an AKS cluster in the input (az aks show, a template or Terraform) that has Azure
RBAC on, a request is allowed if RBAC or Azure allows it. Azure has no opinion about
ServiceAccounts and local accounts. --cluster says which of several clusters is meant.
What AKS asks Azure about a request is settled by flags of its authorization webhook,
which are not documented for each region. --azure-mapping says them:

	plain                the webhook's defaults: no map, no attributes
	discovered           with a map of Azure's actions, made of what the API server serves,
	                     by which wildcards are expanded
	custom               custom resources are asked about as such, and subresources told
	custom-resources     the one of these, by customresources/read, write and delete
	subresources         the other, on which conditions may hang
	no-discovery-paths   asks about paths such as /api, which else are allowed to all

The last four may be put together, with commas between. --operation-map FILE gives the map
as JSON.

An action of Azure, such as Microsoft.KeyVault/vaults/secrets/getSecret/action, is asked
about at a --scope: the id of a resource, resource group, subscription or management
group, or in short the name of a resource of the input with what is below it, as in
kv-prod/secrets/db. Whether it is an action of the control plane or a data action the
known roles tell; --control or --data does where they don't. --attribute
'@Request[NAME]=VALUE', which may be repeated, says what conditions ask for. What is not
said of the attributes leaves conditions open.

In --reviews, the principal to Azure is spec.extra.oid, as AKS sends it, with the groups
of spec.groups that are object ids, and those of the exports.

# Proofs

compare looks at every request that rules can tell apart, and so at all requests: any
verb, any resource, those of CustomResourceDefinitions to come and the literal * among
them. With --known only requests for known resources count, with the verbs and in the
places that they are served: then * is the same as all of these, until the next
CustomResourceDefinition. Known are those that can-i knows.

Roles, role/NAMESPACE/NAME and clusterrole/NAME, are compared with the rules in force, as if
both were granted in one place: the namespace of the first that has one, else the whole
cluster. Subjects, written as for --as, are compared with all that they have, by their
groups, too. Of two snapshots, --from and --to, each subject that bindings name is compared
with itself: it gains what its own bindings grant it and neither these nor the groups that
it is in by itself did before. So what a group gains is told once, of the group, and if
nobody gains anything, no member of whatever groups does by requests of their own. Not looked
at, and named as such, are group system:masters, which needs no role, what the Node authorizer
allows, and reviews and impersonations that leave out a subject's own groups, as --as with
--as-group does those of a ServiceAccount.

A role that a binding names and the input lacks, and parts that an aggregated role lacks,
may be anything: what hangs on them is undecided. What both snapshots lack is taken to
be the same in both, and is named.

minimal-role proves that its roles allow the requests; that whatever else they allow
differs from one of them in the name alone, where it has none, or in the namespace alone,
where it has none; and that no rule and no value of one can go. What no rule allows by
itself, such as the verb *, is left out, with a note. --requests has a request a line: the
arguments of can-i, with one verb or several, as in get,list, and -n, -A and --subresource,
or JSON: a SubjectAccessReview, its resourceAttributes or its nonResourceAttributes. -n of
minimal-role is for lines that name no namespace; --name names the roles. --audit reads
audit.k8s.io/v1 events as JSON lines, or as Azure exports them. Requests that were denied do
not count.

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

can-i prints kubectl's word, yes, no or undecided, on the first line, then the grounds:
the bindings and rules that grant it, a few of them unless --explain asks for all; or
those that nearly would, and what keeps them from it; and what real requests can do where
that is something else. -q prints nothing. -o json is one object; -o jsonl is the same on
one line:

	{"version": 1, "subject": {"user": …, "groups": […]},
	 "request": {"verb": …, "group": …, "resource": …, "subresource": …, "namespace": …, "name": …},
	 "decision": "allow|deny|undecided", "effective": "allow|deny|undecided",
	 "ways": [{"decision": …, "needs": [{"request": {…}, "decision": …}]}],
	 "grants": [
	   {"to": "group/team-a", "binding": "RoleBinding app/team", "bindingPlace": "FILE:LINE",
	    "role": "ClusterRole edit", "through": ["ClusterRole view"], "rule": 1, "rulePlace": …,
	    "namespace": "app", "bindingDefault": true, "ruleDefault": true, "open": …}],
	 "nearestMisses": [{…, "but": ["…"]}],
	 "reasons": […], "warnings": […], "incomplete": […], "assumptions": […]}

A request for a URL has "path" instead of a resource. The decision is the authorizer's,
which a SubjectAccessReview is answered; effective is whether a real request can do it,
which puts the questions of one of the ways. A rule is given by its position in the last of
the roles: the one bound or, through aggregation, the last of those it came through. What
is default is not in the input but assumed; what has "open" may not be granted, for the
reason given. Incomplete is what the input refers to and lacks, and what could make a yes
of a no.

Where the input has an AKS cluster, the answer is that of both sides together, and
"aks" beside "effective" tells them apart; grants, nearestMisses and reasons are those of
RBAC:

	"aks": {"by": "kubernetes|azure", "kubernetes": "allow|deny|undecided",
	  "azure": {"decision": …, "opinion": true, "error": …, "reasons": […],
	    "asked": [{"scope": …, "attributes": {…}, "decision": …, "doubt": …, "actions": [answer, …]}]}}

By is the side that grants it, or may. Asked are the questions of the webhook up to the
first that is allowed; all its actions have to be. An answer about an action is

	{"action": …, "data": true, "decision": …,
	 "grants": [
	   {"to": "mi/api", "assignment": ID, "assignmentPlace": …, "policy": 0, "role": …, "roleId": …,
	    "rolePlace": …, "permission": 0, "pattern": …, "scope": …, "through": [GROUP, …],
	    "eligible": true, "classic": true, "condition": …, "open": …}],
	 "denials": [{"assignment": …, "assignmentPlace": …, "name": …, "scope": …, "pattern": …, "open": true}],
	 "nearestMisses": [{…, "but": ["…"]}], "reasons": […], "incomplete": […]}

With policy a grant is an access policy of a key vault, and assignment the vault.

can-i of an action of Azure prints the same. -o json is {"version": 1, "subject":
{"principal": …, "objectId": …, "groups": […]}, "request": {"action": …, "data": true,
"scope": …, "attributes": {…}}, "decision": …, "grants": […], "denials": […],
"nearestMisses": […], "reasons": […], "warnings": […], "incomplete": […],
"assumptions": […]}.

can-i --impersonated-by WHO asks whether WHO may make the request in the name of --as and
--as-group. It prints the modes in which the API server lets one impersonate, up to the
first that is allowed, each with what it needs. -o json is {"version": 1,
"impersonatedBy": …, "request": {…}, "decision": …, "modes": [{"name": …, "as": {…},
"decision": …, "needs": [{"request": {…}, "decision": …}], "then": …, "reason": …}],
"assumptions": […]}; then is what the request gets where the mode may be allowed.

can-i --list prints kubectl's table, without its first line after --no-headers; --explain
adds to each line where it is from. -o json is {"version": 1, "subject": {…}, "namespace": …,
"rules": […], "incomplete": […], "assumptions": […]}, with rules as they are written and
the members of a grant beside those; -o jsonl a rule a line.

can-i --reviews reads SubjectAccessReviews as JSON lines and writes exactly one line for
each, in order. With -o jsonl, or json, that is the same object, whatever else is in it,
with "status": {"allowed": …, "reason": …, "evaluationError": …}. Groups are exactly those
of the object; verbs, resources and paths are taken as they stand, empty ones too. A line
that can't be asked has the reason as evaluationError; one that is undecided is not
allowed, and its evaluationError begins "undecided: "; one that is denied while a binding
names a role that does not exist has the API server's "rbac: … not found". Each answer is
written before the next line is waited for.

who-can prints groups, ServiceAccounts and users, each with all grants, or with several
verbs a table of answers. -o json is one object, and -o jsonl has a holder a line:

	{"version": 1, "request": {…}, "verbs": […],
	 "holders": [
	   {"principal": "sa/app/api", "kind": "Group|ServiceAccount|User", "namespace": …, "name": …,
	    "decision": "allow|undecided", "effective": …, "grants": […]}],
	 "always": ["group/system:masters"], "unmodelled": ["group/system:nodes"],
	 "warnings": […], "incomplete": […], "assumptions": […]}

With several verbs a holder has "verbs": [{"verb": …, "decision": …, "effective": …,
"grants": […]}] instead of the last three. Always is who needs no role, and unmodelled who
may have the right from elsewhere. -o csv has a row for each grant; -o md is a
table.

Of an AKS cluster, holders have "by", "objectId" and "assignments", grants of Azure as
above, and -o csv has columns more. who-can of an action of Azure has -o json {"version":
1, "request": {…}, "holders": [{"principal": …, "kind": …, "objectId": …, "name": …,
"decision": …, "grants": […]}], "warnings": […], "assumptions": […]}; an empty principal
is anybody.

whoami prints the ways by which the pod comes to act in Azure, each with its steps. Of a
step that is broken it gives the two values that should be equal, and what Microsoft Entra
ID answers. Without --explain, ids are shortened, and identities of the nodes that the pod
can't reach make one line. -o json is one object:

	{"version": 1, "pod": …, "outcome": "complete|broken|undecided",
	 "chains": [
	   {"way": …, "containers": […], "asked": true, "outcome": …, "identity": "mi/api", "objectId": …,
	    "clientId": …, "steps": [
	      {"title": …, "detail": …, "place": …, "outcome": "ok|broken|undecided",
	       "differences": [{"what": "issuer", "have": …, "haveOf": …, "havePlace": …, "want": …,
	         "wantOf": …, "wantPlace": …, "how": …}],
	       "errors": ["AADSTS700211"], "hint": …, "needs": …}]}],
	 "assumptions": […]}

Asked is false of what every pod gets without asking, which does not count.

With reach, -o csv has a row for each run of ports, with the address family where the two
differ; -o md is a table; -o dot and -o mermaid are graphs, in which a dashed arrow
is undecided.

compare prints the relation, boxes of what is gained and lost, and for each an example with
its grounds and the arguments of the can-i that replays it. -o md is a table for a pull
request. -o json of OLD NEW is one object:

	{"version": 1, "from": …, "to": …, "over": …,
	 "relation": "equal|narrower|wider|incomparable|undecided",
	 "gained": {"is": "none|some|undecided",
	   "boxes": [{"text": …, "verbs": {"all": true, "values": […], "but": […]}, "groups": {…},
	     "resources": {…}, "names": {…}, "namespaces": {…}, "urls": {…}}],
	   "example": {"subject": {…}, "request": {…}, "grants": […], "replay": ["--as", …]},
	   "reasons": […]},
	 "lost": {…}, "notLookedAt": […], "assumptions": […]}

A box holds the requests with a value of each axis: all, or the values as rules write them,
each but the exceptions. Boxes may overlap; there are none where hundreds of rules are to be
taken out of a wildcard. An example's some-name and some-namespace stand for any that no rule
names. Replay is the arguments of the can-i that answers yes to the example, given the same
input; where kubectl's words can't put it, review is a line for --reviews. Reasons are why it
is undecided. Of two
snapshots it is {"version": 1, "over": …, "relation": …, "gained": "none|some|undecided",
"lost": …, "compared": …, "subjects": [{"subject": …, "relation": …, "gained": {…}, "lost":
{…}}], "takenToBeTheSame": […], "notLookedAt": […], "assumptions": {"from": […], "to": […]}},
with the subjects that differ.

minimal-role prints YAML documents, or with -o json an object or a List. --excess comes as
-o text, which is its default, or as -o json:

	{"version": 1, "subjects": [
	   {"subject": …, "excess": true, "requests": …,
	    "rules": [{…, "requests": …, "unused": [{"path": "rules[0].verbs[1]", "value": "delete"}]}],
	    "beyondUse": [box, …], "notGranted": [request, …],
	    "minimal": [{"namespace": …, "rules": […]}], "incomplete": […]}],
	 "assumptions": […]}

Rules are the grants of the subject's own bindings, with how many different requests of
the log each allowed, and the values that none of these needed. beyondUse is all that they
allow beyond the minimal role; notGranted are requests of the log that the input grants
in no way, so that the log is of another state of the cluster.

lint prints a line for each finding, FILE:LINE:COLUMN, object, field, what it is, and
the remedy and rule in brackets; notes begin with "note: "; errors go to standard
error. -o json is {"version": 1, "errors": […], "findings": […], "notes": […]}, each
with "rule", "object", "file", "line", "column", "path", "text" and "hint", as far as
they are known.

# Claims

The claims of verify are the document of kind Claims (aksim.dev/v1alpha1) in the input, or
that of --claims. docs/claims.md describes it, docs/claims.schema.json is its schema.
--only limits the run to areas. Exceptions count until the day on which they expire, which is
compared with --now, or else with the clock's day.

As text a result is a line, with what refutes it or leaves it open below; --verbose says over
what it is proved. -o json is {"version": 1, "outcome": …, "counts": {…}, "results": [{"id": …,
"area": …, "title": …, "severity": …, "outcome": "proved|refuted|undecided|excepted|not
applicable", "over": …, "file": …, "line": …, "findings": [{"outcome": …, "object": …, "text": …,
"grounds": […], "replay": […], "missing": …, "file": …, "line": …, "fingerprint": …}],
"excepted": […], "missing": […], "notes": […], "fix": …}], "exceptions": […], "notes": […],
"assumptions": […]}, and what --baseline reads: of a later run only findings with another
fingerprint count. -o sarif is for code scanning, -o junit for CI, -o md for reviewers.

# Exit status

The same in every format:

	0  allowed; computed (--into, --out-of, --all, --list); somebody (who-can); complete (whoami);
	   clean (lint)
	1  denied; nobody (who-can); broken (whoami); findings (lint)
	2  could not ask: usage, input, an end that is not there
	3  undecided, mixed, or incomplete

Without a port, 0 means that any port is open and 1 that none is. With --flows it is
2 if any line could not be asked, else 3 if any is undecided, else 0; so it is with
--reviews. With lint, 2 wins over 1. With compare, 0 is
equal or narrower, 1 wider or incomparable, and 3 that a gain is undecided. With
minimal-role, 3 is that a request is left out or a line of the log could not be read;
with --excess, 0 is none, 1 some, and 3 none as far as input and log tell. With verify, 0 is
that all is proved, excepted or not applicable, 1 that something is refuted, and 3 that
something is undecided; with --fail-on refuted the latter is 0.

can-i goes by the authorizer's answer, as kubectl does, even where no real request can
use it. A no is incomplete if a role that a binding of the subject names, or a part of one
that aggregates others, is not in the input; a list, of can-i or who-can, if there may be
more for such a reason.

# Limitations

An answer is about the input: what it does not contain does not exist, and whether the
cluster's network plugin enforces NetworkPolicies is an assumption. An answer is
undecided, never allowed or denied, where the specification leaves it to the
implementation (pods on the host network, egress to a pod's own node, a pod that
reaches itself through its Service), where it hangs on something that the input does
not tell (the address of a pod that is only a template, labels of a Namespace that is
referred to but absent), and where policies of other kinds (Cilium, Calico,
policy.networking.k8s.io, Istio) could change it.

Where no object of the input is labelled kubernetes.io/bootstrapping=rbac-defaults, the
default roles and bindings of Kubernetes 1.37 are taken to be there. Authorization webhooks
are taken not to be there, but Azure's where the input has an AKS cluster that turns it on.
compare and minimal-role leave it out of account. The Node authorizer is not modelled: what
roles do not allow to group system:nodes is undecided.

Built-in roles of Azure that the input does not define are as they were on the day that the
answer names. Kinds of export that are wholly absent, such as deny assignments and group
members, are taken to be empty, and every answer lists them.

Aksim is about new connections over TCP, UDP and SCTP; replies belong to them. ICMP
and what travels below IP are settled by no NetworkPolicy. Routes, firewalls and
network security groups outside the cluster are not looked at: allowed means that
no NetworkPolicy stands in the way.
*/
package main
