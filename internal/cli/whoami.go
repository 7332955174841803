package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/netsim"
	"github.com/aksim/aksim/pkg/rbacsim"
	"github.com/aksim/aksim/pkg/rbacsim/azure"
)

// whoami is the command's flags.
type whoami struct {
	input
	webhook
	quiet   bool
	explain bool
	output  string
}

func whoamiCommand() command {
	return command{
		name:    "whoami",
		args:    "-f FILE … POD",
		summary: "follows a pod to what it may do in Azure, and says where the chain breaks",
		long: `
Follows a pod through workload identity to what it may do in Azure: its
ServiceAccount, the token that it gets, the managed identity that takes the token,
and the role assignments of that. Each step is told with its place; of a step that
breaks the chain, both values that should be equal, and what Microsoft Entra ID
answers, such as AADSTS70021. SecretProviderClasses, pod identity and the identities
of the nodes are followed likewise.

POD is NAMESPACE/NAME of a pod or workload, or KIND/NAMESPACE/NAME. What every pod
gets without asking, such as the identities of the nodes, is told last, and does not
count.

Examples:
  aksim whoami -f deploy -f azure app/api
  aksim whoami -f deploy -f azure deploy/app/api --explain
  aksim whoami -f deploy -f azure -n app api -o json

Exit status: 0 every way that the pod asks for is complete; 1 one is broken, or the
pod asks for none; 2 the question could not be asked; 3 undecided.`,
		flags: func(flags *pflag.FlagSet) func(*session, []string) (int, error) {
			w := &whoami{}
			w.loadFlags(flags)
			flags.BoolVar(&w.explain, "explain", false, "print ids in full, and all that is taken for granted")
			flags.BoolVarP(&w.quiet, "quiet", "q", false, "print nothing: the exit status is the answer")
			outputFlag(flags, &w.output, objectFormats())
			flags.StringVar(&w.cluster, "cluster", "", "which AKS cluster the pod runs in, by `name` or id, if the input has several")
			w.whatIfFlags(flags)
			return w.run
		},
	}
}

func (w *whoami) check(args []string) error {
	switch {
	case !slices.Contains(objectFormats(), w.output):
		return fmt.Errorf("-o %s: want one of %s", w.output, strings.Join(objectFormats(), ", "))
	case len(w.files) == 0:
		return w.input.check(args)
	case len(args) == 0:
		return errors.New("who is which pod? say NAMESPACE/NAME of a pod or workload")
	case len(args) > 1:
		return tooMany(args, args[1], "beside the pod")
	}
	return w.input.check(args)
}

func (w *whoami) run(s *session, args []string) (int, error) {
	if err := w.check(args); err != nil {
		return 0, err
	}
	network, err := w.compile(s)
	if err != nil {
		return 0, err
	}
	pod := args[0]
	if w.namespace != "" && !strings.Contains(pod, "/") {
		pod = w.namespace + "/" + pod
	}
	if network, err = w.only(network); err != nil {
		return 0, err
	}
	graph := identity.NewGraph(network.cluster)
	trace, err := graph.WhoAmI(pod)
	if err != nil {
		return 0, err
	}
	j := &judge{network: network.Network, azure: azure.New(network.cluster)}
	j.rbac = rbacsim.New(network.cluster)
	trace = trace.Settle(j.settle)
	for i, c := range trace.Chains {
		trace.Chains[i] = j.azure.Access(c)
	}
	switch {
	case w.quiet:
	case w.output == "json":
		err = writeJSON(s.out, traceOf(trace, j.azure), "  ")
	case w.output == "jsonl":
		err = writeJSON(s.out, traceOf(trace, j.azure), "")
	default:
		w.print(s, j, trace)
	}
	return exitOfOutcome(trace.Outcome()), err
}

// only leaves out the AKS clusters that the pod does not run in.
func (w *whoami) only(s *snapshot) (*snapshot, error) {
	a := rbacsim.New(s.cluster, rbacsim.WithManagedCluster(w.cluster))
	meant, err := a.ManagedCluster()
	switch {
	case err != nil && w.cluster != "":
		return nil, fmt.Errorf("--cluster: %w", err)
	case err != nil:
		return nil, fmt.Errorf("%w; say --cluster NAME", err)
	}
	var others []model.Ref
	for o := range model.All[model.ManagedCluster](s.cluster) {
		if o != meant {
			others = append(others, o.Ref)
		}
	}
	if others == nil {
		return s, nil
	}
	c, err := s.cluster.Without(others...)
	if err != nil {
		return nil, err
	}
	return &snapshot{s.Network, c}, nil
}

func exitOfOutcome(o identity.Outcome) int {
	switch o {
	case identity.OK:
		return exitYes
	case identity.Broken:
		return exitNo
	case identity.Undecided:
	}
	return exitUndecided
}

// judge settles what a chain leaves to other engines.
type judge struct {
	network *netsim.Network
	rbac    *rbacsim.Authorizer
	azure   *azure.Authorizer
}

// settle answers a question of a step, with a clause that says why.
func (j *judge) settle(n identity.Need) (identity.Outcome, string, model.Place) {
	if n.Verb != "" {
		return j.mayUse(n)
	}
	flow, err := netsim.ParseFlow(n.Pod + " -> " + n.Destination)
	if err != nil {
		return identity.Undecided, "", model.Place{}
	}
	v, err := j.network.Check(flow)
	if err != nil {
		return identity.Undecided, "", model.Place{}
	}
	text := fmt.Sprintf("NetworkPolicies: %s is %s", flow, v.Decision)
	switch v.Decision {
	case netsim.Allowed:
		return identity.OK, text, model.Place{}
	case netsim.Denied:
		return identity.Broken, text, model.Place{}
	default:
		return identity.Undecided, "", model.Place{}
	}
}

// mayUse answers a question about rights in the cluster.
func (j *judge) mayUse(n identity.Need) (identity.Outcome, string, model.Place) {
	v, err := j.rbac.Check(rbacsim.As(n.Principal), rbacsim.Request{Verb: n.Verb, Group: n.APIGroup, Resource: n.Resource})
	if err != nil {
		return identity.Undecided, "", model.Place{}
	}
	switch v.Decision {
	case rbacsim.Allowed:
		for g := range v.Grants() {
			return identity.OK, fmt.Sprintf("%s, by %s", n, g.Binding), g.BindingPlace
		}
		return identity.OK, n.String(), model.Place{}
	case rbacsim.Denied:
		return identity.Broken, fmt.Sprintf("%s may not %s %s.%s", n.Principal, n.Verb, n.Resource, n.APIGroup), model.Place{}
	default:
		return identity.Undecided, "", model.Place{}
	}
}

// print prints the chains. In brief, ids are shortened, and the ways that are closed
// to a pod which did not ask for them make one line.
func (w *whoami) print(s *session, j *judge, t identity.Trace) {
	short := func(text string) string { return text }
	var closed []string
	if !w.explain {
		short = placesOf(j.rbac.Cluster()).shorten
		closed = dropClosed(&t)
	}
	for line := range t.Lines() {
		fmt.Fprintln(s.out, wrapLine(short(line)))
	}
	if len(closed) > 0 {
		fmt.Fprintln(s.out, wrapLine("    out of reach: "+strings.Join(closed, ", ")+"; --explain tells why"))
	}
	s.listAssumptions(j.azure, w.explain)
}

// dropClosed takes the chains out that the pod does not ask for and can't go, and
// returns whom they would lead to.
func dropClosed(t *identity.Trace) (names []string) {
	t.Chains = slices.DeleteFunc(slices.Clone(t.Chains), func(c identity.Chain) bool {
		closed := !c.Asked && c.Outcome() == identity.Broken
		if closed && c.Identity.ObjectID != "" {
			names = append(names, c.Identity.Principal().String())
		}
		return closed
	})
	return names
}
