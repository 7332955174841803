package azure

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
	cmd := exec.Command(os.Args[0], "-bug", bug, "-test.failfast", "-test.run", "^Test(AZ|Ambiguous|AssignmentsOnly|DecideIs|Effective|Holders|Least|Many|Spare|Spelling)")
	return cmd.CombinedOutput()
}

type bug struct {
	name  string
	plant func()
}

func misread(name string, f func(*compiler)) bug { return bug{name, func() { planted.read = f }} }

func misbuilt(name string, f func(*Authorizer)) bug { return bug{name, func() { planted.ready = f }} }

func misreached(name string, f func(*reaching)) bug { return bug{name, func() { planted.reach = f }} }

// permissionsOf makes a bug of a wrong reading of each permission object.
func wrongPermissions(name string, f func(*permission)) bug {
	return misread(name, func(c *compiler) {
		for _, r := range c.roles {
			for i := range r.permissions {
				f(&r.permissions[i])
			}
		}
	})
}

func wrongAssignments(name string, f func(*assignment)) bug {
	return misread(name, func(c *compiler) {
		for _, a := range c.assignments {
			f(a)
		}
	})
}

func wrongDenies(name string, f func(*deny)) bug {
	return misread(name, func(c *compiler) {
		for _, d := range c.denies {
			f(d)
		}
	})
}

func wrongVaults(name string, f func(*keyVault)) bug {
	return misread(name, func(c *compiler) {
		for _, v := range c.vaults {
			f(v)
		}
	})
}

func wrongPolicies(name string, f func(*policy)) bug {
	return wrongVaults(name, func(v *keyVault) {
		for i := range v.policies {
			f(&v.policies[i])
		}
	})
}

// unless keeps the reached nodes of which a test says no.
func unless(name string, drop func(*reaching, reached) bool) bug {
	return misreached(name, func(r *reaching) {
		r.list = slices.DeleteFunc(r.list, func(n reached) bool { return drop(r, n) })
	})
}

var catalogue = []bug{
	wrongPermissions("notActions take nothing", func(p *permission) {
		p.planes[control].except, p.planes[data].except = patterns{}, patterns{}
	}),
	wrongPermissions("notActions take nothing of actions", func(p *permission) { p.planes[control].except = patterns{} }),
	wrongPermissions("actions grant data actions", func(p *permission) { p.planes[data].allow = p.planes[control].allow }),
	wrongPermissions("data actions grant actions", func(p *permission) { p.planes[control].allow = p.planes[data].allow }),
	wrongPermissions("notActions take data actions", func(p *permission) { p.planes[data].except = p.planes[control].except }),
	wrongPermissions("conditions of roles are forgotten", func(p *permission) { p.condition = nil }),
	wrongPermissions("one of two patterns is lost", func(p *permission) {
		list := &p.planes[data].allow.list
		*list = (*list)[:min(len(*list), 1)]
	}),
	wrongPermissions("the patterns of many with other stars are lost", func(p *permission) { p.planes[control].allow.others, p.planes[control].except.others = nil, nil }),
	wrongPermissions("the literal patterns of many are lost", func(p *permission) {
		if p.planes[control].except.literals != nil {
			p.planes[control].except.literals = map[string]int32{}
		}
	}),
	misread("only the first permission object counts", func(c *compiler) {
		for _, r := range c.roles {
			r.permissions = r.permissions[:min(len(r.permissions), 1)]
		}
	}),
	misread("notActions bite other permission objects", func(c *compiler) {
		for _, r := range c.roles {
			for i := range r.permissions {
				r.permissions[i].planes[data].except = r.permissions[0].planes[data].except
			}
		}
	}),
	misread("roles that are not known have no actions", func(c *compiler) {
		for _, a := range c.assignments {
			a.role.open = ""
		}
	}),
	misread("roles are taken for one another", func(c *compiler) {
		for _, r := range c.roles {
			r.number = 1
		}
	}),
	misread("built-in roles beat the input", func(c *compiler) {
		for guid, r := range c.roles {
			if b := c.builtin(guid); b != nil {
				r.permissions, r.builtin = b.permissions, true
			}
		}
	}),
	wrongAssignments("conditions of assignments are forgotten", func(a *assignment) { a.condition = nil }),
	wrongAssignments("doubts about assignments are forgotten", func(a *assignment) { a.open = "" }),
	wrongAssignments("what is eligible is not there", func(a *assignment) {
		if a.api.Eligible {
			a.role = &role{}
		}
	}),
	wrongDenies("deny assignments deny nothing", func(d *deny) { d.permissions = nil }),
	wrongDenies("those excluded are denied", func(d *deny) { d.excluded, d.spared, d.openExcept = nil, nil, "" }),
	wrongDenies("everyone is nobody", func(d *deny) { d.everyone = false }),
	wrongDenies("deny assignments are for everyone", func(d *deny) { d.everyone = true }),
	wrongDenies("children are always denied", func(d *deny) { d.onlyHere = no }),
	wrongDenies("children are never denied", func(d *deny) { d.onlyHere = yes }),
	wrongDenies("audits deny", func(d *deny) { d.audit = false }),
	wrongDenies("doubts about deny assignments are forgotten", func(d *deny) { d.open = "" }),
	wrongDenies("unknown members are not denied", func(d *deny) { d.doubtful = nil }),
	wrongDenies("unknown members are not excluded", func(d *deny) { d.spared = nil }),
	wrongDenies("conditions of deny assignments are forgotten", func(d *deny) { d.condition = nil }),
	wrongVaults("vaults are in RBAC mode", func(v *keyVault) { v.rbac = yes }),
	wrongVaults("vaults are in the mode of policies", func(v *keyVault) { v.rbac = no }),
	wrongVaults("a mode that is not known is RBAC", func(v *keyVault) {
		if v.rbac == maybe {
			v.rbac = yes
		}
	}),
	wrongVaults("policies that are not known are none", func(v *keyVault) { v.open = "" }),
	wrongPolicies("applications are forgotten", func(p *policy) { p.application = "" }),
	wrongPolicies("members of groups in policies are known", func(p *policy) { p.group = false }),
	wrongPolicies("principals of policies are known", func(p *policy) { p.open = "" }),
	wrongPolicies("all permissions of secrets are those of keys", func(p *policy) { p.permissions[keysCategory] = p.permissions[secretsCategory] }),
	wrongPolicies("get is list", func(p *policy) {
		if p.permissions[secretsCategory]["get"] {
			p.permissions[secretsCategory]["list"] = true
		}
	}),
	misbuilt("vaults that are not in the input are in RBAC mode", func(a *Authorizer) {
		for s := range a.vaults {
			for n := range a.nodes {
				if at, ok := vaultOf(Scope{n}); ok && a.vaults[at] == nil {
					a.vaults[at] = &keyVault{scope: at, rbac: yes, ref: a.vaults[s].ref}
				}
			}
		}
	}),
	misbuilt("nobody may be anybody", func(a *Authorizer) { a.anybody = holder{} }),
	misbuilt("nobody is a classic administrator", func(a *Authorizer) { a.anonym = holder{} }),
	misbuilt("the last scope of everybody is lost", func(a *Authorizer) {
		for _, h := range a.holders {
			h.placed = h.placed[:len(h.placed)-1]
		}
	}),
	misbuilt("one assignment a scope is enough", func(a *Authorizer) {
		for _, h := range a.holders {
			for i := range h.placed {
				h.placed[i].grants = h.placed[i].grants[:1]
			}
		}
	}),
	misbuilt("a mask lacks nodes", func(a *Authorizer) {
		for _, h := range a.holders {
			h.mask &^= bit(3)
		}
	}),
	misbuilt("management groups that are not expanded are empty", func(a *Authorizer) {
		for _, w := range a.ways {
			w.perhaps = nil
		}
	}),
	misbuilt("management groups hold no subscriptions that are not listed", func(a *Authorizer) { a.unknown = &way{} }),
	misbuilt("management groups hold nothing", func(a *Authorizer) {
		for _, w := range a.ways {
			w.sure = nil
		}
	}),
	{"groups of a principal are forgotten", func() { planted.subject = func(s *Subject) { s.Groups = nil } }},
	{"one group is enough", func() { planted.subject = func(s *Subject) { s.Groups = s.Groups[:min(len(s.Groups), 1)] } }},
	unless("scopes above don't count", func(r *reaching, n reached) bool { return n.match == yes && n.node.scope != r.scope }),
	unless("the scope itself doesn't count", func(r *reaching, n reached) bool { return n.node.scope == r.scope }),
	unless("the root doesn't count", func(_ *reaching, n reached) bool { return n.node.scope.Kind() == Root }),
	unless("scopes that are not known don't count", func(r *reaching, n reached) bool { return n.node == r.authorizer.nowhere }),
	unless("what hangs on a template doesn't count", func(_ *reaching, n reached) bool { return vague(n.node.scope) && n.match == maybe }),
	misreached("scopes that may count do", func(r *reaching) {
		for i := range r.list {
			r.list[i].match = yes
		}
	}),
	misreached("rg1 covers rg10", func(r *reaching) {
		for id, n := range r.authorizer.nodes {
			if id != "" && strings.HasPrefix(r.scope.id, id) && !n.scope.Covers(r.scope) {
				r.list = append(r.list, reached{n, yes})
			}
		}
	}),
	misreached("scopes below count", func(r *reaching) {
		for _, n := range r.authorizer.nodes {
			if r.scope.Covers(n.scope) && n.scope != r.scope {
				r.list = append(r.list, reached{n, yes})
			}
		}
	}),
}
