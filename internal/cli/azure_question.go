package cli

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/rbacsim/azure"
)

// azureQuestion is what the flags say of a question about an action of Azure.
type azureQuestion struct {
	at         string
	data       bool
	control    bool
	attributes []string
}

func (q *azureQuestion) flags(flags *pflag.FlagSet) {
	flags.StringVar(&q.at, "scope", "", "where an Azure action is taken: the `id` of a resource, resource group or subscription, or the name of a resource of the input, as in kv-prod/secrets/db")
	flags.BoolVar(&q.data, "data", false, "it is a data action, if no known role tells")
	flags.BoolVar(&q.control, "control", false, "it is an action of the control plane, if no known role tells")
	flags.StringArrayVar(&q.attributes, "attribute", nil, "what is known of the request, for conditions: an `attribute` with its value, as in '@Request[Microsoft.…:name]=value'; may be repeated")
}

// actionForm matches an action of Azure: the namespace of a provider, types and an
// operation.
var actionForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]*(\.[A-Za-z0-9]+)+/.+$`)

// isAction reports whether the arguments are an action of Azure. The API groups of
// Kubernetes have dots, too.
func (q *azureQuestion) isAction(args []string) bool {
	if len(args) != 1 || !actionForm.MatchString(args[0]) {
		return false
	}
	return q.at != "" || strings.HasPrefix(strings.ToLower(args[0]), "microsoft.")
}

// givenFlag returns the first flag that only goes with an action of Azure; empty for none.
func (q *azureQuestion) givenFlag() string {
	switch {
	case q.at != "":
		return "--scope"
	case q.data:
		return "--data"
	case q.control:
		return "--control"
	case len(q.attributes) > 0:
		return "--attribute"
	}
	return ""
}

// checkAction refuses flags that contradict each other, or say nothing.
func (q *azureQuestion) checkAction(action string) error {
	switch {
	case strings.ContainsAny(action, "*?"):
		return fmt.Errorf("%q is a pattern: ask about one action, such as Microsoft.KeyVault/vaults/secrets/getSecret/action", action)
	case strings.HasSuffix(action, "/") || strings.Contains(action, "//"):
		return fmt.Errorf("%q is no action: a part between two slashes is empty", action)
	case q.at == "":
		return errors.New("at which scope? say --scope with the id of a resource, resource group or subscription, or the name of a resource of the input")
	case q.data && q.control:
		return errors.New("--data and --control contradict each other")
	}
	_, err := q.known()
	return err
}

// attributeForm matches --attribute.
var attributeForm = regexp.MustCompile(`^@?(Request|Resource|Principal|Environment)\[([^\]=]+)\]=(.*)$`)

// known reads what --attribute says. One that is given several times has several
// values.
func (q *azureQuestion) known() (azure.Attributes, error) {
	known := azure.Attributes{}
	for _, text := range q.attributes {
		parts := attributeForm.FindStringSubmatch(text)
		if parts == nil {
			return known, fmt.Errorf("--attribute %q: want '@Request[NAME]=VALUE', or Resource, Principal or Environment for Request", text)
		}
		if known.Values == nil {
			known.Values = map[string][]string{}
		}
		key := parts[1] + ":" + parts[2]
		known.Values[key] = append(known.Values[key], parts[3])
	}
	return known, nil
}

// request reads the question, and tells what is odd about it.
func (q *azureQuestion) request(a *azure.Authorizer, p places, action string) (r azure.Request, odd []string, err error) {
	scope, err := p.parse(q.at)
	if err != nil {
		return r, nil, fmt.Errorf("--scope: %w", err)
	}
	if text := p.doubt(scope); text != "" {
		odd = append(odd, text)
	}
	attributes, err := q.known()
	if err != nil {
		return r, nil, err
	}
	isData, text, err := q.plane(a, action)
	if err != nil {
		return r, nil, err
	}
	if text != "" {
		odd = append(odd, text)
	}
	return azure.Request{Action: action, Data: isData, Scope: scope, Attributes: attributes}, odd, nil
}

// plane says on which plane the action is, and what is odd about that. A word that is
// nearly that of a known action is an error, unless the question says the plane.
func (q *azureQuestion) plane(a *azure.Authorizer, action string) (isData bool, odd string, err error) {
	near := a.NearestActions(action)
	isData, known := a.Plane(action)
	isNamed := len(near) == 1 && strings.EqualFold(near[0], action)
	if !isNamed && (!known || len(near) > 0) {
		odd = "no known role names the action " + action
		if len(near) > 0 {
			odd += ` (did you mean "` + strings.Join(near, `" or "`) + `"?)`
		}
	}
	switch {
	case odd != "" && !q.data && !q.control:
		return false, "", fmt.Errorf("%s; if it is right, say --data or --control for its plane", odd)
	case known && isData && q.control:
		odd = action + " is a data action, as far as roles tell"
	case known && !isData && q.data:
		odd = action + " is an action of the control plane, as far as roles tell"
	}
	if q.data || q.control {
		isData = q.data
	}
	return isData, odd, nil
}

// asker returns who asks Azure.
func (p *persona) asker(a *azure.Authorizer) (identity.Entity, azure.Subject, error) {
	who, err := identity.Parse(p.as)
	if err != nil {
		return identity.Entity{}, azure.Subject{}, asFlag(err)
	}
	if who.Kind() == identity.ServiceAccount {
		return identity.Entity{}, azure.Subject{}, fmt.Errorf("--as: Azure does not know %s, only managed identities that it may act as: aksim whoami tells which, for a pod", who)
	}
	e, err := a.Directory().Find(who)
	if err != nil {
		return e, azure.Subject{}, asFlag(err)
	}
	var groups []string
	for _, name := range p.groups {
		g, err := a.Directory().Find(identity.NewGroup(name))
		if err != nil {
			return e, azure.Subject{}, fmt.Errorf("--as-group: %w", err)
		}
		groups = append(groups, g.ObjectID)
	}
	if who.Kind() == identity.Group { // somebody in it, of whom nothing else is known
		groups = append([]string{e.ObjectID}, groups...)
		e.Kind = identity.Group
	}
	subject, err := a.SubjectOf(who, groups...)
	if err != nil {
		return e, azure.Subject{}, asFlag(err)
	}
	slices.Sort(subject.Groups)
	return e, subject, nil
}

// onlyWithAction complains about a flag that goes with actions of Azure.
func onlyWithAction(flag string) error {
	return fmt.Errorf("%s goes with an action of Azure, such as Microsoft.KeyVault/vaults/secrets/getSecret/action", flag)
}
