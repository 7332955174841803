package rbacsim

import (
	"flag"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/aksim/aksim/internal/rulespace"
	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
)

var (
	plantSweep = flag.Bool("plant", false, "plant every bug of the catalogue, one at a time, and see whether the tests notice")
	plantBug   = flag.String("bug", "", "run the tests with the `bug` planted")
)

// TestMain plants the bug of a child process.
func TestMain(m *testing.M) {
	flag.Parse()
	if *plantBug != "" {
		i := slices.IndexFunc(catalogue, func(b bug) bool { return b.name == *plantBug })
		if i < 0 {
			panic("no bug " + *plantBug)
		}
		catalogue[i].plant()
	}
	os.Exit(m.Run())
}

// The tests notice every bug of the catalogue. Each is planted in a process of its
// own, of this same binary, that runs the tests until one fails.
func TestPlantedBugs(t *testing.T) {
	if !*plantSweep {
		t.Skip("a sweep of a minute: make planted-bugs")
	}
	failed := regexp.MustCompile(`--- FAIL: (\S+)`)
	out, err := runTests("")
	require.NoError(t, err, "the tests fail without a bug:\n%s", out)
	for _, b := range catalogue {
		t.Run(b.name, func(t *testing.T) {
			start := time.Now()
			out, err := runTests(b.name)
			require.Error(t, err, "nobody noticed")
			m := failed.FindSubmatch(out)
			require.NotNil(t, m, "%s", out)
			t.Logf("noticed by %s after %v", m[1], time.Since(start).Round(time.Millisecond))
		})
	}
}

// runTests runs the tests with the bug planted, or none, until one fails. Recorded
// answers, which are not there for everybody, have no part.
func runTests(bug string) ([]byte, error) {
	cmd := exec.Command(os.Args[0], "-bug", bug, "-test.failfast", "-worlds", "60", "-test.run", "^Test(Corpus|Against|WhoCan|Lists|Law|RB|Assumptions|Compare|Claims|Proofs|Spares|Minimal|Excess)")
	return cmd.CombinedOutput()
}

type bug struct {
	name  string
	plant func()
}

// misrule makes a bug out of a wrong reading of each rule.
func misrule(name string, f func(*rbacv1.PolicyRule)) bug {
	return misrules(name, func(rules []rbacv1.PolicyRule) []rbacv1.PolicyRule {
		for i := range rules {
			f(&rules[i])
		}
		return rules
	})
}

func misrules(name string, f func([]rbacv1.PolicyRule) []rbacv1.PolicyRule) bug {
	return bug{name, func() {
		planted.rules = func(rules []rbacv1.PolicyRule) []rbacv1.PolicyRule {
			own := make([]rbacv1.PolicyRule, len(rules))
			for i := range rules {
				rules[i].DeepCopyInto(&own[i])
			}
			return f(own)
		}
	}}
}

// misword makes a bug out of a wrong reading of words: each becomes others.
func misword(name string, list func(*rbacv1.PolicyRule) *[]string, f func(string) []string) bug {
	return misrule(name, func(r *rbacv1.PolicyRule) {
		words := list(r)
		var read []string
		for _, w := range *words {
			read = append(read, f(w)...)
		}
		*words = read
	})
}

func verbsOf(r *rbacv1.PolicyRule) *[]string     { return &r.Verbs }
func groupsOf(r *rbacv1.PolicyRule) *[]string    { return &r.APIGroups }
func resourcesOf(r *rbacv1.PolicyRule) *[]string { return &r.Resources }
func urlsOf(r *rbacv1.PolicyRule) *[]string      { return &r.NonResourceURLs }

// misbind makes a bug out of a wrong reading of each binding.
func misbind(name string, f func(*compiler, *binding)) bug {
	return misread(name, func(c *compiler) {
		for _, b := range slices.Clone(c.bindings) {
			b.subjects = slices.Clone(b.subjects)
			f(c, b)
		}
	})
}

func misread(name string, f func(*compiler)) bug { return bug{name, func() { planted.read = f }} }

// missubject makes a bug out of a wrong reading of each subject; one that is read
// as nobody is dropped.
func missubject(name string, f func(*binding, *rbacv1.Subject) bool) bug {
	return misbind(name, func(_ *compiler, b *binding) {
		b.subjects = slices.DeleteFunc(b.subjects, func(s rbacv1.Subject) bool { return !f(b, &s) })
		for i := range b.subjects {
			f(b, &b.subjects[i])
		}
	})
}

// misrole makes a bug out of a wrong reading of each role.
func misrole(name string, f func(*compiler, *role)) bug {
	return misread(name, func(c *compiler) {
		for _, r := range slices.Clone(c.roles) {
			f(c, r)
		}
	})
}

// misaggregate makes a bug out of wrong rules in force.
func misaggregate(name string, f func(*compiler, *role)) bug {
	return bug{name, func() {
		planted.aggregated = func(c *compiler) {
			for _, r := range c.roles {
				f(c, r)
			}
		}
	}}
}

func misreal(name string, f func(Request, [][]Request) [][]Request) bug {
	return bug{name, func() { planted.real = f }}
}

func same(words ...string) []string { return words }

var catalogue = []bug{
	// Rules.
	misword("verbs are lower-cased", verbsOf, func(w string) []string { return same(strings.ToLower(w)) }),
	misword("the verb * covers what requests have only", verbsOf, func(w string) []string {
		if w == "*" {
			return objectVerbs()
		}
		return same(w)
	}),
	misword("get means list, too", verbsOf, func(w string) []string {
		if w == "get" {
			return same("get", "list")
		}
		return same(w)
	}),
	misword("get means head, too", verbsOf, func(w string) []string {
		if w == "get" {
			return same("get", "head")
		}
		return same(w)
	}),
	misrule("only the first verb", func(r *rbacv1.PolicyRule) { r.Verbs = r.Verbs[:min(1, len(r.Verbs))] }),
	misrule("only the first API group", func(r *rbacv1.PolicyRule) { r.APIGroups = r.APIGroups[:min(1, len(r.APIGroups))] }),
	misrule("only the first resource", func(r *rbacv1.PolicyRule) { r.Resources = r.Resources[:min(1, len(r.Resources))] }),
	misrule("only the first name", func(r *rbacv1.PolicyRule) { r.ResourceNames = r.ResourceNames[:min(1, len(r.ResourceNames))] }),
	misrules("only the first rule", func(rules []rbacv1.PolicyRule) []rbacv1.PolicyRule { return rules[:min(1, len(rules))] }),
	misrules("the last rule is forgotten", func(rules []rbacv1.PolicyRule) []rbacv1.PolicyRule { return rules[:max(0, len(rules)-1)] }),
	misrules("rules help each other", func(rules []rbacv1.PolicyRule) []rbacv1.PolicyRule {
		var verbs []string
		for _, r := range rules {
			verbs = append(verbs, r.Verbs...)
		}
		for i := range rules {
			rules[i].Verbs = verbs
		}
		return rules
	}),
	misword("the core group is any group", groupsOf, func(w string) []string {
		if w == "" {
			return same("*")
		}
		return same(w)
	}),
	misword("the core group is also called core", groupsOf, func(w string) []string {
		if w == "core" || w == "v1" {
			return same(w, "")
		}
		return same(w)
	}),
	misword("versions of groups are cut off", groupsOf, func(w string) []string {
		group, _, _ := strings.Cut(w, "/")
		return same(group)
	}),
	misword("* is not the core group", groupsOf, func(w string) []string {
		if w == "*" {
			return same("apps", "example.com", "rbac.authorization.k8s.io", "*.com")
		}
		return same(w)
	}),
	misword("a star ends groups", groupsOf, func(w string) []string {
		if strings.HasPrefix(w, "*.") {
			return same("*")
		}
		return same(w)
	}),
	misword("resources cover their subresources", resourcesOf, func(w string) []string { return same(w, w+"/log", w+"/exec") }),
	misword("subresources cover their resource", resourcesOf, func(w string) []string {
		base, _, _ := strings.Cut(w, "/")
		return same(w, base)
	}),
	misword("pods/* covers the subresources of pods", resourcesOf, func(w string) []string {
		if base, ok := strings.CutSuffix(w, "/*"); ok && base != "*" {
			return same(w, base+"/log", base+"/exec")
		}
		return same(w)
	}),
	misword("*/* covers every subresource", resourcesOf, func(w string) []string {
		if w == "*/*" {
			return same(w, "*/log", "*/exec")
		}
		return same(w)
	}),
	misword("*/log covers log alone", resourcesOf, func(w string) []string {
		return same(w, strings.TrimPrefix(w, "*/"))
	}),
	misword("*/log covers pods/log only", resourcesOf, func(w string) []string {
		if w == "*/log" {
			return same("pods/log")
		}
		return same(w)
	}),
	misword("* covers no subresource", resourcesOf, func(w string) []string {
		if w == "*" {
			return same("pods", "secrets", "nodes", "namespaces", "po", "", "a", "unheard-of", "a/b")
		}
		return same(w)
	}),
	misword("a star begins resources", resourcesOf, func(w string) []string {
		if strings.HasPrefix(w, "p*") {
			return same(w, "pods")
		}
		return same(w)
	}),
	misword("short names are resources", resourcesOf, func(w string) []string {
		if w == "po" {
			return same("pods")
		}
		return same(w)
	}),
	misrule("the name * is any name", func(r *rbacv1.PolicyRule) {
		if slices.Contains(r.ResourceNames, "*") {
			r.ResourceNames = nil
		}
	}),
	misrule("the name \"\" is no name", func(r *rbacv1.PolicyRule) {
		if r.ResourceNames = slices.DeleteFunc(r.ResourceNames, func(n string) bool { return n == "" }); len(r.ResourceNames) == 0 && r.ResourceNames != nil {
			r.Verbs = nil
		}
	}),
	misrule("names are ignored", func(r *rbacv1.PolicyRule) { r.ResourceNames = nil }),
	misrule("names do not hold for list and create", func(r *rbacv1.PolicyRule) {
		if len(r.ResourceNames) > 0 {
			r.Verbs = slices.DeleteFunc(r.Verbs, func(v string) bool { return v == "list" || v == "watch" || v == "create" })
		}
	}),
	misrule("a nameless request has any name", func(r *rbacv1.PolicyRule) {
		if len(r.ResourceNames) > 0 {
			r.ResourceNames = append(r.ResourceNames, "")
		}
	}),
	misword("URLs have no wildcards", urlsOf, func(w string) []string { return same(strings.TrimSuffix(w, "*")) }),
	misword("/a/* covers /a", urlsOf, func(w string) []string { return same(w, strings.TrimSuffix(w, "/*")) }),
	misword("a prefix ends at a segment", urlsOf, func(w string) []string {
		if p, ok := strings.CutSuffix(w, "*"); ok && p != "" && !strings.HasSuffix(p, "/") && !strings.HasSuffix(p, "*") {
			return same(p, p+"/*")
		}
		return same(w)
	}),
	misword("one star of URLs is cut off", urlsOf, func(w string) []string {
		if strings.HasSuffix(w, "**") {
			return same(strings.TrimSuffix(w, "*") + "x*")
		}
		return same(w)
	}),
	misword("URLs begin with a slash", urlsOf, func(w string) []string {
		if w != "*" && !strings.HasPrefix(w, "/") {
			return nil
		}
		return same(w)
	}),
	misrule("resources * cover URLs", func(r *rbacv1.PolicyRule) {
		if slices.Contains(r.Resources, "*") {
			r.NonResourceURLs = append(r.NonResourceURLs, "*")
		}
	}),
	// Subjects.
	missubject("a ServiceAccount needs a namespace", func(_ *binding, s *rbacv1.Subject) bool { return s.Kind != "ServiceAccount" || s.Namespace != "" }),
	missubject("a ServiceAccount is of the binding's namespace", func(b *binding, s *rbacv1.Subject) bool {
		if s.Kind == "ServiceAccount" && b.ref.Namespace != "" {
			s.Namespace = b.ref.Namespace
		}
		return true
	}),
	missubject("a User called like a ServiceAccount is nobody", func(_ *binding, s *rbacv1.Subject) bool {
		return s.Kind != "User" || identity.NewUser(s.Name).Kind() == identity.User
	}),
	missubject("a User has no namespace", func(_ *binding, s *rbacv1.Subject) bool { return s.Kind != "User" || s.Namespace == "" }),
	missubject("groups are users", func(_ *binding, s *rbacv1.Subject) bool {
		if s.Kind == "Group" {
			s.Kind = "User"
		}
		return true
	}),
	missubject("groups are lower-cased", func(_ *binding, s *rbacv1.Subject) bool {
		s.Name = strings.ToLower(s.Name)
		return true
	}),
	missubject("* is everybody", func(b *binding, s *rbacv1.Subject) bool {
		if s.Name == "*" {
			s.Kind, s.Name = "Group", identity.AllAuthenticated
		}
		return true
	}),
	misbind("only the first subject", func(_ *compiler, b *binding) { b.subjects = b.subjects[:min(1, len(b.subjects))] }),
	// Bindings.
	misbind("RoleBindings hold everywhere", func(_ *compiler, b *binding) {
		if b.roleRef.Kind == "ClusterRole" {
			b.ref = model.Ref{Kind: "ClusterRoleBinding", Name: b.ref.Namespace + b.ref.Name}
		}
	}),
	misbind("RoleBindings bind Roles only", func(_ *compiler, b *binding) {
		if b.ref.Namespace != "" {
			b.roleRef.Kind = "Role"
		}
	}),
	misbind("a Role of any namespace is bound", func(c *compiler, b *binding) {
		if b.roleRef.Kind == "Role" {
			for _, r := range c.roles {
				if r.ref.Kind == "Role" && r.ref.Name == b.roleRef.Name {
					b.roleRef = rbacv1.RoleRef{Kind: "Role", Name: r.ref.Name}
					b.ref.Namespace = r.ref.Namespace
				}
			}
		}
	}),
	misbind("a missing Role is the ClusterRole", func(c *compiler, b *binding) {
		if c.byName[b.roleKey()] == nil {
			b.roleRef.Kind = "ClusterRole"
		}
	}),
	misread("the last binding of a namespace counts", func(c *compiler) {
		last := map[string]*binding{}
		for _, b := range c.bindings {
			last[b.ref.Namespace] = b
		}
		c.bindings = slices.DeleteFunc(c.bindings, func(b *binding) bool { return b.ref.Namespace != "" && last[b.ref.Namespace] != b })
	}),
	misread("a missing role stops everything", func(c *compiler) {
		for _, b := range c.bindings {
			if c.byName[b.roleKey()] == nil && !readDefaultsHave(b) {
				c.bindings = nil
				return
			}
		}
	}),
	misread("bindings to missing roles are dropped", func(c *compiler) {
		c.bindings = slices.DeleteFunc(c.bindings, func(b *binding) bool { return c.byName[b.roleKey()] == nil && !readDefaultsHave(b) })
	}),
	// Aggregation.
	misrole("nothing is aggregated", func(_ *compiler, r *role) { r.aggregation = nil }),
	misrole("the first selector is the only one", func(_ *compiler, r *role) {
		if r.aggregation != nil {
			r.aggregation = &rbacv1.AggregationRule{ClusterRoleSelectors: r.aggregation.ClusterRoleSelectors[:1]}
		}
	}),
	misaggregate("aggregation goes one level deep", func(_ *compiler, r *role) {
		r.rules = slices.DeleteFunc(slices.Clone(r.rules), func(q rule) bool { return len(q.through) > 1 })
	}),
	misaggregate("aggregated rules come on top", func(_ *compiler, r *role) {
		if r.aggregation != nil {
			r.rules = append(slices.Clone(r.rules), r.own...)
		}
	}),
	misaggregate("a role without a match is empty", func(_ *compiler, r *role) {
		if r.aggregation != nil {
			r.rules = slices.DeleteFunc(slices.Clone(r.rules), func(q rule) bool { return len(q.through) == 0 })
		}
	}),
	misaggregate("what is uncertain is granted", func(_ *compiler, r *role) {
		r.rules = slices.Clone(r.rules)
		for i := range r.rules {
			r.rules[i].open = ""
		}
	}),
	misaggregate("what is uncertain is not granted", func(_ *compiler, r *role) {
		r.rules = slices.DeleteFunc(slices.Clone(r.rules), func(q rule) bool { return q.open != "" })
	}),
	misaggregate("the parts of a role are no grounds", func(_ *compiler, r *role) {
		r.rules = slices.Clone(r.rules)
		for i := range r.rules {
			r.rules[i].through = nil
		}
	}),
	// Defaults, and what is not understood.
	misread("everything was taken from a server", func(c *compiler) {
		for _, r := range c.roles {
			r.labels = map[string]string{bootstrapLabel: bootstrapValue, "to": r.labels["to"], "n": r.labels["n"]}
		}
	}),
	misrole("nothing was taken from a server", func(_ *compiler, r *role) {
		delete(r.labels, bootstrapLabel)
	}),
	misrole("every role is kept as it is", func(_ *compiler, r *role) { r.keeps = true }),
	misrole("autoupdate is always on", func(_ *compiler, r *role) { r.keeps = false }),
	misbind("bindings are always understood", func(_ *compiler, b *binding) { b.open = "" }),
	misbind("subjects are always understood", func(_ *compiler, b *binding) { b.unclear = nil }),
	// Indexes.
	{"a second page of verbs is lost", func() {
		planted.index = func(ix *ruleIndex) {
			ix.cells = slices.DeleteFunc(ix.cells, func(c cell) bool { return c.key>>(groupBits+resourceBits) > 0 })
		}
	}},
	{"names are lost where others have any", func() {
		planted.index = func(ix *ruleIndex) {
			for i := range ix.cells {
				if ix.cells[i].verbs != 0 {
					ix.cells[i].byName = nil
				}
			}
		}
	}},
	{"the longest prefix is lost", func() {
		planted.index = func(ix *ruleIndex) { ix.widths = ix.widths[:max(0, len(ix.widths)-1)] }
	}},
	{"resources with many parts are lost", func() {
		planted.ready = func(a *Authorizer) { a.vocabulary.longest = 5 }
	}},
	{"who-can forgets URLs", func() { planted.who = func(w *whoIndex) { w.urls = nil } }},
	{"who-can forgets namespaces", func() { planted.who = func(w *whoIndex) { clear(w.namespace) } }},
	{"who-can forgets what is open", func() { planted.who = func(w *whoIndex) { w.openBindings = nil } }},
	// Identities and real requests.
	{"no group is added", func() { planted.subject = func(s *Subject) { s.Groups = nil } }},
	{"system:authenticated is not added", func() {
		planted.subject = func(s *Subject) {
			s.Groups = slices.DeleteFunc(s.Groups, func(g string) bool { return g == identity.AllAuthenticated })
		}
	}},
	{"field selectors name nothing", func() {
		planted.http = func(r *Request) {
			if r.Verb == "list" || r.Verb == "watch" {
				r.Name = ""
			}
		}
	}},
	{"namespaces are outside of namespaces", func() {
		planted.http = func(r *Request) {
			if r.Resource == "namespaces" {
				r.Namespace = ""
			}
		}
	}},
	{"subresources are of any depth", func() {
		planted.http = func(r *Request) {
			if r.Subresource == "proxy" {
				r.Subresource += "/a"
			}
		}
	}},
	misreal("real requests are as reviewed", func(r Request, _ [][]Request) [][]Request { return [][]Request{{r}} }),
	misreal("one need is enough", func(_ Request, ways [][]Request) [][]Request {
		for i := range ways {
			ways[i] = ways[i][:1]
		}
		return ways
	}),
	misreal("the first way is the only one", func(_ Request, ways [][]Request) [][]Request { return ways[:min(1, len(ways))] }),
	// Proofs.
	misprove("what a role may be is nothing", func(e *extent) { e.open = nil }),
	misprove("what a role may be is for certain", func(e *extent) {
		for _, u := range e.open {
			e.sure = append(e.sure, u.grant)
		}
		e.open = nil
	}),
	misprove("what is not known is the same everywhere", func(e *extent) {
		for i := range e.open {
			e.open[i].key = "unknown"
		}
	}),
	misprove("proofs forget the last binding", func(e *extent) { e.sure = e.sure[:max(0, len(e.sure)-1)] }),
	misprove("proofs forget RoleBindings", func(e *extent) {
		e.sure = slices.DeleteFunc(e.sure, func(g rulespace.Grant) bool { return g.Namespace != "" })
	}),
	misprove("proofs take RoleBindings to hold everywhere", func(e *extent) {
		for i := range e.sure {
			e.sure[i].Namespace = ""
		}
	}),
	{"what may be refuted is", func() {
		planted.direction = func(d *direction) {
			if d.outcome == Open {
				d.outcome = Refuted
			}
		}
	}},
	{"what may be refuted is proved", func() {
		planted.direction = func(d *direction) {
			if d.outcome == Open {
				*d = direction{outcome: Proved}
			}
		}
	}},
	{"the witness is another verb", func() {
		planted.direction = func(d *direction) {
			if d.outcome == Refuted {
				d.witness.Verb = "none"
			}
		}
	}},
	{"the open universe is closed", func() {
		planted.universe = func(u *rulespace.Universe) { u.Closed = true }
	}},
	{"the closed universe is open", func() {
		planted.universe = func(u *rulespace.Universe) { u.Closed = false }
	}},
	{"nothing has a namespace", func() {
		planted.universe = func(u *rulespace.Universe) {
			for i := range u.Known {
				u.Known[i].Namespaced = false
			}
		}
	}},
	{"a minimal role forgets names", func() {
		planted.minimum = func(m *rulespace.Minimum) {
			for _, g := range m.Access {
				for i := range g.Rules {
					g.Rules[i].ResourceNames = nil
				}
			}
		}
	}},
	{"a minimal role says things twice", func() {
		planted.minimum = func(m *rulespace.Minimum) { m.Access = append(m.Access, m.Access...) }
	}},
	{"a minimal role forgets a rule", func() {
		planted.minimum = func(m *rulespace.Minimum) {
			if n := len(m.Access); n > 0 {
				m.Access[n-1].Rules = m.Access[n-1].Rules[1:]
			}
		}
	}},
}

// misprove makes a bug out of what proofs take somebody to have.
func misprove(name string, f func(*extent)) bug { return bug{name, func() { planted.extent = f }} }

// readDefaultsHave reports whether a binding's role is a default one.
func readDefaultsHave(b *binding) bool {
	for _, r := range readDefaults().clusterRoles {
		if b.roleRef.Kind == "ClusterRole" && b.roleRef.Name == r.Name {
			return true
		}
	}
	return false
}
