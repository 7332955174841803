package cli

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/aksim/aksim/pkg/rbacsim"
	"github.com/aksim/aksim/pkg/rbacsim/azure"
)

// canI is the command's flags.
type canI struct {
	input
	scope
	persona
	webhook
	azureQuestion
	quiet     bool
	explain   bool
	list      bool
	noHeaders bool
	reviews   string
	output    string

	impersonatedBy string
}

func canICommand() command {
	return command{
		name:    "can-i",
		args:    "-f FILE … (VERB TYPE[/NAME] --as WHO | VERB URL --as WHO | ACTION --scope ID --as WHO | --list --as WHO | --reviews FILE)",
		summary: "says what RBAC and Azure let somebody do, and why: kubectl auth can-i, offline",
		long: `
Says whether somebody may make a request of the API server, and which bindings,
roles and rules say so or, for a no, which come nearest. The request is put as
kubectl auth can-i puts it: TYPE is a plural, singular, kind or short name, with
its group after a dot or without; what follows it is a name, unless it is a
subresource of that type, as in pods/log; without -n and -A the namespace is
default. A verb or type that nobody knows is asked about all the same, with a
warning.

The first line is the authorizer's answer, which is kubectl's. Where a real
request would fare otherwise, the answer says so: nodes are in no namespace,
whatever a RoleBinding grants. The last line says what is taken for granted.

The user has the groups of --as-group and those that Kubernetes adds by itself.
--impersonated-by asks whether somebody else may make the request in that user's
name: by the right to impersonate or, from Kubernetes 1.36 on, to do so for such a
request alone.

--reviews asks for each SubjectAccessReview of a file, whose groups are exactly
its own, and writes it with its status: exactly one line for each line.

Where the input has an AKS cluster with Azure RBAC, its role assignments count as
well, and the answer says which side grants the request. Users of Microsoft Entra ID
are then called by UPN or object id, with the groups that exports put them in; any
other name is that of a local account. How AKS asks Azure is not documented in full:
--azure-mapping says it; by default it is as the webhook's own defaults are.

ACTION is one of Azure itself, with --scope for where it is taken: the same for
managed identities (mi/NAME), service principals (sp/NAME), users and groups.

Examples:
  aksim can-i -f deploy get pods/log -n app --as sa/app/api
  aksim can-i -f deploy delete deployments.apps/web -n app --as alice --as-group team-a
  aksim can-i -f deploy get /metrics --as group/monitoring --explain
  aksim can-i -f deploy --list -n app --as sa/app/api
  aksim can-i -f deploy get pods -n app --as alice --impersonated-by sa/ops/proxy
  aksim can-i -f deploy --reviews reviews.jsonl -o jsonl
  aksim can-i -f deploy --with new.yaml create pods/exec -n app --as alice
  aksim can-i -f deploy -f azure get secrets -n app --as user/alice@contoso.com
  aksim can-i -f azure Microsoft.KeyVault/vaults/secrets/getSecret/action --scope kv-prod/secrets/db --as mi/api

Exit status: 0 yes; 1 no; 2 the question could not be asked; 3 undecided, or a
no to which a role belongs that is not in the input. With --list: 0, or 3 if
there may be more. With --reviews: 2 if any line could not be asked, else 3 if
any is undecided, else 0.`,
		flags: func(flags *pflag.FlagSet) func(*session, []string) (int, error) {
			c := &canI{}
			c.fileFlag(flags)
			c.persona.flags(flags)
			c.scope.flags(flags, "default")
			c.azureQuestion.flags(flags)
			flags.StringVar(&c.impersonatedBy, "impersonated-by", "", "ask whether `who` may make the request in the name of --as and --as-group")
			flags.BoolVar(&c.explain, "explain", false, "give all grounds: every rule that grants it, or the nearest misses")
			flags.BoolVarP(&c.quiet, "quiet", "q", false, "print nothing: the exit status is the answer")
			flags.BoolVar(&c.list, "list", false, "list all that is allowed in a namespace")
			flags.BoolVar(&c.noHeaders, "no-headers", false, "with --list: leave out the first line")
			flags.StringVar(&c.reviews, "reviews", "", "ask about each line of a `file` of SubjectAccessReviews as JSON lines, - for standard input")
			outputFlag(flags, &c.output, objectFormats())
			c.serverFlags(flags)
			c.webhook.flags(flags)
			c.changeFlags(flags, "rolebinding/app/devops")
			return c.run
		},
	}
}

// objectFormats are the formats of answers that are no tables.
func objectFormats() []string { return []string{"text", "json", "jsonl"} }

func (c *canI) run(s *session, args []string) (int, error) {
	if err := c.check(args); err != nil {
		return 0, err
	}
	if c.isAction(args) {
		return c.runAction(s, args[0])
	}
	k, err := c.server(s, &c.webhook)
	if err != nil {
		return 0, err
	}
	a := k.RBAC()
	if c.reviews != "" {
		return c.runReviews(s, k)
	}
	if c.impersonatedBy != "" {
		r, err := c.parse(s, a, args[0], args[1])
		if err != nil {
			return 0, err
		}
		return c.runImpersonated(s, k, r)
	}
	subject, err := c.subject(s, k)
	if err != nil {
		return 0, err
	}
	if c.list {
		return c.runList(s, k, subject)
	}
	r, err := c.parse(s, a, args[0], args[1])
	if err != nil {
		return 0, err
	}
	return c.runOne(s, k, subject, r)
}

// check refuses combinations of flags and arguments that ask for nothing, or
// for several things at once.
func (c *canI) check(args []string) error {
	if !slices.Contains(objectFormats(), c.output) {
		return fmt.Errorf("-o %s: want one of %s", c.output, strings.Join(objectFormats(), ", "))
	}
	switch {
	case len(c.files) == 0 && len(args) > 0:
		return c.input.check(args)
	case c.isAction(args):
		return c.checkAzure(args[0])
	case c.givenFlag() != "":
		return onlyWithAction(c.givenFlag())
	case c.list && c.reviews != "":
		return errors.New("say only one of --list and --reviews")
	case (c.list || c.reviews != "") && len(args) > 0:
		return tooMany(args, args[0], "beside --list or --reviews")
	case c.list && (c.quiet || c.everywhere || c.subresource != ""):
		return errors.New("--list is about all that is allowed in one namespace: it goes with none of -q, -A and --subresource")
	case (c.list || c.reviews != "") && c.impersonatedBy != "":
		return errors.New("--impersonated-by is about one request: it goes with neither --list nor --reviews")
	case c.noHeaders && !c.list:
		return errors.New("--no-headers goes with --list")
	case c.reviews != "":
		if err := c.checkReviews(); err != nil {
			return err
		}
	default:
		if err := c.checkQuestion(args); err != nil {
			return err
		}
	}
	if err := c.webhook.check(); err != nil {
		return err
	}
	return c.input.check(args, c.readers(reader{"--reviews", c.reviews}, reader{"--api-resources", c.apiResources})...)
}

func (c *canI) checkQuestion(args []string) error {
	switch {
	case c.list:
	case len(args) == 0:
		return errors.New("can they do what? say VERB TYPE[/NAME] or VERB URL, --list or --reviews; aksim can-i -h explains")
	case len(args) == 1:
		return fmt.Errorf("what is it that they %s? say VERB TYPE[/NAME] or VERB URL, for example %s pods", args[0], args[0])
	case len(args) == 3 && !strings.Contains(args[1], "/"):
		if _, ok := existing(args[2:]); !ok {
			return fmt.Errorf("%q is one argument too many: a name follows its type after a slash, as in %s/%s", args[2], args[1], args[2])
		}
		fallthrough
	case len(args) > 2:
		return tooMany(args, args[2], "beside VERB TYPE[/NAME]")
	}
	if err := c.scope.check(); err != nil {
		return err
	}
	return c.persona.check()
}

// runOne answers the question about one request.
func (c *canI) runOne(s *session, k *azure.Kubernetes, subject azure.KubernetesSubject, r rbacsim.Request) (int, error) {
	v, err := k.Check(subject, r)
	if err != nil {
		return 0, err
	}
	s.warn(k.RBAC(), r)
	switch {
	case c.quiet:
	case c.output == "json":
		err = writeJSON(s.out, accessOf(v, k), "  ")
	case c.output == "jsonl":
		err = writeJSON(s.out, accessOf(v, k), "")
	default:
		c.print(s, k, v)
	}
	return exitOfVerdict(v), err
}

// exitOfVerdict is that of the decision, but for a no that something may turn which
// the input refers to and lacks.
func exitOfVerdict(v azure.KubernetesVerdict) int { return exitOfComplete(v.Decision, v.Incomplete()) }

func exitOfComplete(d rbacsim.Decision, incomplete iter.Seq[string]) int {
	for range incomplete {
		return exitUndecided
	}
	return exitOfAccess(d)
}

// fewGrants is how many grants a brief answer tells of either side.
const fewGrants = 3

// print prints kubectl's word and the grounds.
func (c *canI) print(s *session, k *azure.Kubernetes, v azure.KubernetesVerdict) {
	fmt.Fprintln(s.out, yesNo(v.Decision))
	most := fewGrants
	if c.explain {
		most = mostGrants(v)
		fmt.Fprintf(s.out, "    %s: %s\n", v.Question(), v.Decision)
	}
	warned := slices.Collect(k.RBAC().Warnings(v.Request())) // on standard error
	tidy := c.tidy(k)
	for line := range v.Grounds(most) {
		if !slices.Contains(warned, strings.TrimSpace(line)) {
			fmt.Fprintln(s.out, tidy("    "+line))
		}
	}
	if mostGrants(v) > most {
		fmt.Fprintln(s.out, "    --explain tells all")
	}
	s.assume(k, c.explain)
}

// tidy returns what makes lines about Azure fit: short names for ids, unless all is to
// be told.
func (c *canI) tidy(k *azure.Kubernetes) func(string) string {
	if c.explain || !isAKS(k) {
		return func(line string) string { return line }
	}
	short := placesOf(k.RBAC().Cluster()).shorten
	return func(line string) string { return wrapLine(short(line)) }
}

// mostGrants is how many grants any part of the answer has.
func mostGrants(v azure.KubernetesVerdict) int {
	most := count(v.RBAC.Grants())
	for asked := range v.Azure.Asked() {
		for _, answer := range asked.Verdicts {
			most = max(most, count(answer.Grants()))
		}
	}
	return most
}

// yesNo is kubectl's word for a decision.
func yesNo(d rbacsim.Decision) string {
	switch d {
	case rbacsim.Allowed:
		return "yes"
	case rbacsim.Denied:
		return "no"
	default:
		return "undecided"
	}
}

func count[T any](seq iter.Seq[T]) (n int) {
	for range seq {
		n++
	}
	return n
}
