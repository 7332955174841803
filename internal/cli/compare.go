package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/rbacsim"
)

// compare is the command's flags.
type compare struct {
	input
	from, to []string
	known    bool
	output   string
}

func compareCommand() command {
	return command{
		name:    "compare",
		args:    "-f FILE … OLD NEW | --from FILE … --to FILE …",
		summary: "proves whether one role, subject or snapshot allows more than another",
		long: `
Says how what NEW allows compares with what OLD allows: equal, narrower, wider or
incomparable. The answer is about every request there can be, not about a sample,
and comes with a request as proof, the rules that allow it, and a command that
replays it.

OLD and NEW are two roles, role/NAMESPACE/NAME or clusterrole/NAME, with the rules
that are in force after aggregation; or two subjects, sa/NAMESPACE/NAME, user/NAME
or group/NAME, with what they have by their groups. Two roles are compared as if
both were granted in one place: the namespace of the first that has one, else the
whole cluster.

--from and --to compare two snapshots, for example the manifests before and after
a pull request: what anybody gains or loses. What a group gains is told of the
group, and of a member only what it gains beyond that, so that access that
moves from a ServiceAccount to its group is no gain.

Requests for resources to come, of CustomResourceDefinitions that are yet to be
made, count; with --known only those for known resources do, so that * is the same
as all of these.

Examples:
  aksim compare -f deploy role/app/old role/app/new
  aksim compare -f deploy clusterrole/view role/app/team
  aksim compare -f deploy sa/app/api sa/app/worker --known
  aksim compare --from main/deploy --to deploy -o md

Exit status: 0 equal or narrower: NEW allows nothing that OLD does not; 1 wider or
incomparable: it does; 2 the question could not be asked; 3 it may: a role is not
in the input, or something is undecided.`,
		flags: func(flags *pflag.FlagSet) func(*session, []string) (int, error) {
			c := &compare{}
			c.fileFlag(flags)
			flags.StringArrayVar(&c.from, "from", nil, "the snapshot before: a `file` or directory; may be repeated")
			flags.StringArrayVar(&c.to, "to", nil, "the snapshot after: a `file` or directory; may be repeated")
			flags.BoolVar(&c.known, "known", false, "look at requests for known resources only, not at those to come")
			outputFlag(flags, &c.output, compareFormats())
			c.serverFlags(flags)
			return c.run
		},
	}
}

func compareFormats() []string { return []string{"text", "json", "md"} }

func (c *compare) universe() rbacsim.Universe {
	if c.known {
		return rbacsim.KnownRequests
	}
	return rbacsim.AllRequests
}

func (c *compare) run(s *session, args []string) (int, error) {
	if err := c.check(args); err != nil {
		return 0, err
	}
	if len(c.from) > 0 {
		return c.runSnapshots(s)
	}
	a, err := c.authorizer(s)
	if err != nil {
		return 0, err
	}
	answer, err := c.compare(s, a, args[0], args[1])
	if err != nil {
		return 0, err
	}
	switch c.output {
	case "json":
		err = writeJSON(s.out, comparisonOf(answer, a), "  ")
	case "md":
		printComparisonTable(s, []namedComparison{{answer.To, answer}})
		if len(answer.Apart) > 0 {
			fmt.Fprintln(s.out, "not looked at: "+strings.Join(answer.Apart, "; "))
		}
		s.assumptions(a)
	default:
		fmt.Fprintln(s.out, answer)
		s.assumptions(a)
	}
	return exitOfGain(answer.Gained.Outcome), err
}

// check refuses combinations of flags and arguments that ask for nothing, or for
// several things at once.
func (c *compare) check(args []string) error {
	if !slices.Contains(compareFormats(), c.output) {
		return fmt.Errorf("-o %s: want one of %s", c.output, strings.Join(compareFormats(), ", "))
	}
	if len(c.from) > 0 || len(c.to) > 0 {
		return c.checkSnapshots(args)
	}
	switch {
	case len(args) == 0:
		return errors.New("compare what with what? say OLD NEW, or --from and --to; aksim compare -h explains")
	case len(args) == 1:
		return fmt.Errorf("with what is %s to be compared? say OLD NEW, for example role/app/old role/app/new", args[0])
	case len(args) > 2:
		return tooMany(args, args[2], "beside OLD NEW")
	}
	if len(c.files) == 0 {
		if _, ok := existing(args); ok {
			return fmt.Errorf("no input: two snapshots are compared with --from %s --to %s", args[0], args[1])
		}
	}
	return c.input.check(args, reader{"--api-resources", c.apiResources})
}

// compare compares two roles or two subjects.
func (c *compare) compare(s *session, a *rbacsim.Authorizer, from, to string) (rbacsim.Comparison, error) {
	isRole, isRoleToo := roleWord(from), roleWord(to)
	if isRole != isRoleToo {
		return rbacsim.Comparison{}, fmt.Errorf("%s and %s: a role is compared with a role, and a subject with a subject", from, to)
	}
	if isRole {
		x, err := model.ParseRef(from)
		if err != nil {
			return rbacsim.Comparison{}, err
		}
		y, err := model.ParseRef(to)
		if err != nil {
			return rbacsim.Comparison{}, err
		}
		return a.CompareRoles(x, y, c.universe())
	}
	x, err := s.principal(a, from)
	if err != nil {
		return rbacsim.Comparison{}, err
	}
	y, err := s.principal(a, to)
	if err != nil {
		return rbacsim.Comparison{}, err
	}
	return a.CompareSubjects(rbacsim.As(x), rbacsim.As(y), c.universe()), nil
}

// roleWord reports whether the text begins as the reference of a role does.
func roleWord(text string) bool {
	word, _, ok := strings.Cut(text, "/")
	kind, known := model.KindByWord(word)
	return ok && known && (kind.Name == "Role" || kind.Name == "ClusterRole")
}

// principal reads somebody, and warns of one whom nothing in the input names.
func (s *session) principal(a *rbacsim.Authorizer, text string) (identity.Principal, error) {
	p, err := identity.Parse(text)
	if err != nil {
		return p, err
	}
	s.doubtPrincipal(a, p)
	return p, nil
}

// exitOfGain is no if somebody gains something.
func exitOfGain(o rbacsim.Outcome) int {
	switch o {
	case rbacsim.Proved:
		return exitYes
	case rbacsim.Refuted:
		return exitNo
	default:
		return exitUndecided
	}
}
