package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"sigs.k8s.io/yaml"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/rbacsim"
)

// minimalRole is the command's flags.
type minimalRole struct {
	input
	requests string
	audit    string
	as       string
	excess   bool
	within   string // a namespace
	name     string
	output   string
	changed  func(flag string) bool
}

func minimalRoleCommand() command {
	return command{
		name:    "minimal-role",
		args:    "--requests FILE | --audit FILE --as WHO | --audit FILE -f FILE … --excess",
		summary: "prints the least role that allows given requests, or those of an audit log",
		long: `
Prints the Role, ClusterRole or several of them that allow the requests and, as
far as rules can say so, nothing else: proved is that whatever else they allow
differs from a request in the name or the namespace alone, where that has none,
and that no rule and no value of one can go. Standard output is for kubectl apply;
notes, such as what no rule can allow by itself, go to standard error. Binding
the roles is left to you: a ClusterRole by a ClusterRoleBinding, since what is
asked of it is in no namespace or in all.

--requests reads a line for each request, as can-i puts it, or a
SubjectAccessReview, or its resourceAttributes or nonResourceAttributes, as JSON;
empty lines and those that begin with # are skipped:
  get pods/log -n app
  list,watch deployments.apps -n app
  update configmaps/state -n app
  get nodes
  get /metrics
-n says where requests are that name no namespace.

--audit reads the audit log of an API server, or what Azure exports of it, and
takes the requests of --as that were not denied. A group's are those of its
members.

--excess prints what somebody may do and did not, of --as or of everybody: rule
by rule, and as a whole, with -o text, which is its default, or json. It is about
the bindings that name them; what they have by a group is told of the group.

Examples:
  aksim minimal-role --requests needed.txt --name api
  aksim minimal-role --audit audit.jsonl --as sa/app/api | kubectl apply -f -
  aksim minimal-role --audit audit.jsonl -f deploy --excess
  aksim minimal-role --audit audit.jsonl -f deploy --excess --as sa/app/api -o json

Exit status: 0 printed; 2 the question could not be asked; 3 printed, but a
request is left out that no rule allows by itself, or a line of the log could not
be read. With --excess: 0 there is none; 1 there is some; 3 there is none, but a
role is not in the input or a line of the log could not be read.`,
		flags: func(flags *pflag.FlagSet) func(*session, []string) (int, error) {
			m := &minimalRole{changed: flags.Changed}
			flags.StringVar(&m.requests, "requests", "", "a `file` of requests, - for standard input")
			flags.StringVar(&m.audit, "audit", "", "a `file` with an audit log, - for standard input")
			flags.StringVar(&m.as, "as", "", "`whose` requests of the log: sa/NAMESPACE/NAME, user/NAME or group/NAME")
			flags.BoolVar(&m.excess, "excess", false, "print what of the rights in -f the log shows no use of")
			flags.StringVarP(&m.within, "namespace", "n", "", "the `namespace` of requests that name none (else default)")
			flags.StringVar(&m.name, "name", "", "the `name` of the roles (else that of --as, or minimal)")
			outputFlag(flags, &m.output, []string{"yaml", "json", "text"})
			m.fileFlag(flags)
			m.serverFlags(flags)
			return m.run
		},
	}
}

func (m *minimalRole) run(s *session, args []string) (int, error) {
	if err := m.check(args); err != nil {
		return 0, err
	}
	a, err := m.snapshot(s)
	if err != nil {
		return 0, err
	}
	if m.excess {
		return m.runExcess(s, a)
	}
	var requests []rbacsim.Request
	status := exitYes
	if m.audit != "" {
		requests, status, err = m.used(s)
	} else {
		requests, err = m.readRequests(s, a)
	}
	if err != nil {
		return 0, err
	}
	least := rbacsim.MinimalRole(m.roleName(), requests)
	if least.Proof.Outcome != rbacsim.Proved {
		return 0, fmt.Errorf("the role is not minimal, which is a bug: %s", strings.Join(least.Proof.Reasons, "; "))
	}
	for _, n := range least.Notes {
		if !everywhere(a, n.Request) {
			s.note("%s: %s", n.Request, n.Text)
		}
	}
	for _, r := range least.Left {
		s.note("left out: %s", r)
		status = exitUndecided
	}
	return status, m.print(s, least)
}

// everywhere reports whether a request for many objects is for all that there are, since
// they are in no namespace.
func everywhere(a *rbacsim.Authorizer, r rbacsim.Request) bool {
	res, known := a.Resources().Get(r.Group, r.Resource)
	return known && !res.Namespaced && (r.Verb == "list" || r.Verb == "watch") && r.Namespace == "" && r.Name == ""
}

// check refuses combinations of flags and arguments that ask for nothing, or for
// several things at once.
func (m *minimalRole) check(args []string) error {
	switch {
	case len(args) > 0:
		if file, ok := existing(args); ok {
			return fmt.Errorf("%q is one argument too many: a file of requests is read with --requests, an audit log with --audit", file)
		}
		return fmt.Errorf("%q is one argument too many: requests are read from a file, with --requests", args[0])
	case m.requests == "" && m.audit == "":
		return errors.New("the least role for what? say --requests FILE, or --audit FILE and --as; aksim minimal-role -h explains")
	case m.requests != "" && m.audit != "":
		return errors.New("say only one of --requests and --audit")
	case m.requests != "" && (m.as != "" || m.excess):
		return errors.New("--as and --excess go with --audit: --requests says itself what is needed")
	case m.excess && len(m.files) == 0:
		return errors.New("in excess of use of which rights? say where the manifests are with -f")
	case m.audit != "" && m.as == "" && !m.excess:
		return errors.New("whose requests? say --as, for example --as sa/NAMESPACE/NAME")
	case m.audit != "" && m.within != "":
		return errors.New("-n goes with --requests: a log says itself where requests were")
	}
	if err := m.checkOutput(); err != nil {
		return err
	}
	if m.as != "" {
		if _, err := identity.Parse(m.as); err != nil {
			return asFlag(err)
		}
	}
	if len(m.files) == 0 {
		return nil
	}
	return m.input.check(args, reader{"--requests", m.requests}, reader{"--audit", m.audit}, reader{"--api-resources", m.apiResources})
}

func (m *minimalRole) checkOutput() error {
	if m.excess && !m.changed("output") {
		m.output = "text"
	}
	switch {
	case m.excess && m.output != "text" && m.output != "json":
		return fmt.Errorf("-o %s: --excess comes as text or json", m.output)
	case m.excess && m.changed("name"):
		return errors.New("--name is for the roles: --excess prints none")
	case !m.excess && m.output != "yaml" && m.output != "json":
		return fmt.Errorf("-o %s: a role comes as yaml or json", m.output)
	}
	if m.changed("name") {
		for _, wrong := range validation.IsDNS1123Subdomain(m.name) {
			return fmt.Errorf("--name %s: %s", m.name, wrong)
		}
	}
	return nil
}

// snapshot returns the input, or an empty one: then only what is built in is known.
func (m *minimalRole) snapshot(s *session) (*rbacsim.Authorizer, error) {
	if len(m.files) > 0 {
		return m.authorizer(s)
	}
	var opts []rbacsim.Option
	resources, err := m.served(s)
	if err != nil {
		return nil, err
	}
	if resources != nil {
		opts = append(opts, rbacsim.WithResources(resources))
	}
	return rbacsim.New(new(model.Builder).Cluster(), opts...), nil
}

// roleName is the name given, that of a ServiceAccount, or minimal.
func (m *minimalRole) roleName() string {
	if m.name != "" {
		return m.name
	}
	if p, err := identity.Parse(m.as); m.as != "" && err == nil && len(validation.IsDNS1123Subdomain(p.Name())) == 0 {
		return p.Name()
	}
	return "minimal"
}

// print prints the roles as kubectl apply reads them.
func (m *minimalRole) print(s *session, least rbacsim.Minimum) error {
	var objects []any
	if least.ClusterRole != nil {
		objects = append(objects, least.ClusterRole)
	}
	for _, r := range least.Roles {
		objects = append(objects, r)
	}
	if m.output == "json" {
		if len(objects) == 1 {
			return writeJSON(s.out, objects[0], "  ")
		}
		return writeJSON(s.out, listJSON{"v1", "List", append([]any{}, objects...)}, "  ")
	}
	for i, o := range objects {
		text, err := yaml.Marshal(o)
		if err != nil {
			return err
		}
		if i > 0 {
			fmt.Fprintln(s.out, "---")
		}
		if _, err := s.out.Write(text); err != nil {
			return err
		}
	}
	return nil
}

type listJSON struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Items      []any  `json:"items"`
}

// ruleText is a rule for people, as can-i --list has it.
func ruleText(p *rbacv1.PolicyRule) string {
	if p == nil {
		return "a role that is not in the input"
	}
	what := slices.Concat(p.NonResourceURLs, p.Resources)
	text := strings.Join(p.Verbs, ", ") + " " + strings.Join(what, ", ")
	if groups := slices.DeleteFunc(slices.Clone(p.APIGroups), func(g string) bool { return g == "" }); len(groups) > 0 {
		text += " of " + strings.Join(p.APIGroups, ", ")
		text = strings.ReplaceAll(text, " of , ", ` of "", `)
	}
	if len(p.ResourceNames) > 0 {
		text += " named " + strings.Join(p.ResourceNames, ", ")
	}
	return text
}
