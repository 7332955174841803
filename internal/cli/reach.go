package cli

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/aksim/aksim/pkg/netsim"
)

// reach is the command's flags.
type reach struct {
	input
	explain bool
	into    string
	outOf   string
	all     bool
	classes bool
	flows   string
	output  string
}

func reachCommand() command {
	return command{
		name:    "reach",
		args:    "-f FILE … (FROM TO[:PORT[/PROTOCOL]] | --into END | --out-of END | --all | --flows FILE)",
		summary: "says which packets NetworkPolicies let pass, and why",
		long: `
Says whether a connection may pass and why, or which ports are open between two
ends, into pods, out of them, or between all pods. The last line of an answer
says what it takes for granted.

An end is one of
  shop/web           the pod, else the one workload of that name
  pod/shop/web       the pod
  deploy/shop/web    the workload; also sts, ds, rs, rc, job, cronjob
  svc/shop/web       what is behind the Service, by the Service's own ports
  namespace/shop     every pod of the namespace
  10.0.0.7           an address; that of a pod, node or Service stands for it
  10.0.0.0/8         every address of a block
  internet           every address outside the cluster
With -n, NAME and KIND/NAME are meant in that namespace.

Examples:
  aksim reach -f deploy shop/web shop/db:5432
  aksim reach -f deploy shop/web svc/shop/db:5432 --explain
  aksim reach -f deploy internet shop/web
  aksim reach -f deploy --into shop/db -o md
  aksim reach -f deploy --flows flows.jsonl -o jsonl
  aksim reach -f deploy --without networkpolicy/shop/db shop/web shop/db:5432

Exit status: 0 allowed, or computed; 1 denied; 2 the question could not be
asked; 3 undecided, or mixed: an end that stands for several is allowed for some
of them and not for others. Without a port: 0 if any port is open, 1 if none is.
With --flows: 2 if any line could not be asked, else 3 if any is undecided, else
0.`,
		flags: func(flags *pflag.FlagSet) func(*session, []string) (int, error) {
			r := &reach{}
			r.loadFlags(flags)
			flags.BoolVar(&r.explain, "explain", false, "give all grounds: every rule that allows, or the nearest misses")
			flags.StringVar(&r.into, "into", "", "all that reaches the pods of an `end`")
			flags.StringVar(&r.outOf, "out-of", "", "all that the pods of an `end` reach")
			flags.BoolVar(&r.all, "all", false, "all pairs of pods with an open port")
			flags.BoolVar(&r.classes, "classes", false, "with --all: the relation between classes of pods that no policy tells apart")
			flags.StringVar(&r.flows, "flows", "", "ask about each line of a `file` of JSON lines, - for standard input: {\"from\":…,\"to\":…,\"port\":…,\"protocol\":…}")
			outputFlag(flags, &r.output, formats)
			r.whatIfFlags(flags)
			return r.run
		},
	}
}

var formats = []string{"text", "json", "jsonl", "md", "csv", "dot", "mermaid"} //nolint:gochecknoglobals // a constant list

func (r *reach) run(s *session, args []string) (int, error) {
	args = split(args)
	if err := r.check(args); err != nil {
		return 0, err
	}
	n, err := r.compile(s)
	if err != nil {
		return 0, err
	}
	switch {
	case r.flows != "":
		return r.runFlows(s, n)
	case r.all && r.classes:
		return r.runClasses(s, n)
	case r.all:
		return r.runSet(s, n, n.All(), question{})
	case r.into != "":
		return r.runAround(s, n, r.into, n.Into)
	case r.outOf != "":
		return r.runAround(s, n, r.outOf, n.OutOf)
	}
	f, err := r.parseFlow(n, args[0], args[1])
	if err != nil {
		return 0, err
	}
	if f.Port == 0 {
		return r.runBetween(s, n, f, args)
	}
	return r.runFlow(s, n, f, args)
}

// split takes a flow apart that is one argument, as answers print it.
func split(args []string) []string {
	if len(args) == 1 {
		if from, to, ok := strings.Cut(args[0], "->"); ok {
			return []string{strings.TrimSpace(from), strings.TrimSpace(to)}
		}
	}
	return args
}

// check refuses combinations of flags and arguments that ask for nothing, or
// for several things at once.
func (r *reach) check(args []string) error {
	if !slices.Contains(formats, r.output) {
		return fmt.Errorf("-o %s: want one of %s", r.output, strings.Join(formats, ", "))
	}
	modes := 0
	for _, set := range []bool{r.into != "", r.outOf != "", r.all, r.flows != ""} {
		if set {
			modes++
		}
	}
	switch {
	case len(r.files) == 0 && len(args) > 0:
		return r.input.check(args)
	case modes > 1:
		return errors.New("say only one of --into, --out-of, --all and --flows")
	case modes == 1 && len(args) > 0:
		return tooMany(args, args[0], "beside --into, --out-of, --all or --flows")
	case modes == 0 && len(args) == 0:
		return errors.New("what is to reach what? say FROM TO[:PORT], --into, --out-of, --all or --flows; aksim reach -h explains")
	case modes == 0 && len(args) == 1:
		return fmt.Errorf("what is to be reached from %s? say FROM TO[:PORT], or --out-of %s for all that it reaches", args[0], args[0])
	case modes == 0 && len(args) > 2:
		return tooMany(args, args[2], "beside FROM TO[:PORT]")
	case r.classes && !r.all:
		return errors.New("--classes goes with --all")
	case r.explain && modes == 1:
		return errors.New("--explain is about FROM TO; ask about a pair")
	}
	if err := r.checkFormat(args); err != nil {
		return err
	}
	return r.input.check(args, reader{"--flows", r.flows})
}

// checkFormat refuses formats that have no room for the answer.
func (r *reach) checkFormat(args []string) error {
	isObject := r.output == "text" || r.output == "json" || r.output == "jsonl"
	onePort := len(args) == 2 && hasPort(args[1])
	switch {
	case r.flows != "" && !isObject:
		return fmt.Errorf("--flows comes as text or jsonl, not %s", r.output)
	case r.classes && !isObject:
		return fmt.Errorf("--classes comes as text, json or jsonl, not %s", r.output)
	case onePort && !isObject:
		return fmt.Errorf("-o %s is for sets of ports: leave out the port, or say --into, --out-of or --all", r.output)
	case r.explain && r.output != "text" && !onePort:
		return errors.New("--explain comes as text; -o json gives the grounds of FROM TO:PORT")
	}
	return nil
}

// runAround answers --into and --out-of.
func (r *reach) runAround(s *session, n *snapshot, text string, ask func(netsim.Endpoint) (iter.Seq[netsim.Edge], error)) (int, error) {
	e, err := r.parseEnd(n, text)
	if err != nil {
		return 0, err
	}
	edges, err := ask(e)
	if err != nil {
		return 0, r.advise(n, err, text)
	}
	return r.runSet(s, n, edges, question{ends: []netsim.Endpoint{e}})
}

// runSet prints a relation; having computed it is a yes.
func (r *reach) runSet(s *session, n *snapshot, edges iter.Seq[netsim.Edge], q question) (int, error) {
	w, err := r.newEdgeWriter(s, n, q)
	if err != nil {
		return 0, err
	}
	progress := s.newProgress("writing")
	defer progress.clear()
	for e := range edges {
		if err := w.edge(e); err != nil {
			return 0, err
		}
		progress.add()
	}
	return exitYes, w.end()
}

// runBetween answers the question about all ports between two ends.
func (r *reach) runBetween(s *session, n *snapshot, f netsim.Flow, args []string) (int, error) {
	edges, err := n.Between(f.From, f.To)
	if err != nil {
		return 0, r.advise(n, err, args...)
	}
	found := slices.Collect(edges)
	decision := decisionOf(found)
	q := question{ends: []netsim.Endpoint{f.From, f.To}, service: n.serviceAt(f.To)}
	if r.output == "json" {
		return exitOf(decision), r.writeBetween(s, n, q, decision, found)
	}
	w, err := r.newEdgeWriter(s, n, q)
	if err != nil {
		return 0, err
	}
	if r.explain {
		w = &explainedEdges{w.(*textEdges), f, map[protocolPort][]netsim.Grounds{}}
	}
	for _, e := range found {
		if err := w.edge(e); err != nil {
			return 0, err
		}
	}
	return exitOf(decision), w.end()
}

// decisionOf answers "is any port open?" for all pairs of ends together.
func decisionOf(edges []netsim.Edge) netsim.Decision {
	decision := netsim.Undecided
	for i, e := range edges {
		d := e.Decision()
		switch {
		case i == 0:
			decision = d
		case d != decision:
			return netsim.Mixed
		}
	}
	return decision
}
