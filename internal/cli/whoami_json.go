package cli

import (
	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/rbacsim/azure"
)

// traceJSON is how a pod comes to act in Azure. Outcomes are the words complete, broken
// and undecided.
type traceJSON struct {
	Version     int         `json:"version"`
	Pod         string      `json:"pod"`
	Outcome     string      `json:"outcome"`
	Chains      []chainJSON `json:"chains"`
	Assumptions []string    `json:"assumptions"`
}

type chainJSON struct {
	Way        string     `json:"way"`
	Containers []string   `json:"containers,omitempty"`
	Asked      bool       `json:"asked"` // the pod's manifests ask for it
	Outcome    string     `json:"outcome"`
	Identity   string     `json:"identity,omitempty"`
	ObjectID   string     `json:"objectId,omitempty"`
	ClientID   string     `json:"clientId,omitempty"`
	Steps      []stepJSON `json:"steps"`
}

type stepJSON struct {
	Title       string         `json:"title"`
	Detail      string         `json:"detail"`
	Place       string         `json:"place,omitempty"`
	Outcome     string         `json:"outcome"`
	Differences []mismatchJSON `json:"differences,omitempty"`
	Errors      []string       `json:"errors,omitempty"` // of Microsoft Entra ID
	Hint        string         `json:"hint,omitempty"`
	Needs       string         `json:"needs,omitempty"` // a question that is open
}

// mismatchJSON is two values that should be equal.
type mismatchJSON struct {
	What      string `json:"what"`
	Have      string `json:"have"`
	HaveOf    string `json:"haveOf,omitempty"`
	HavePlace string `json:"havePlace,omitempty"`
	Want      string `json:"want"`
	WantOf    string `json:"wantOf,omitempty"`
	WantPlace string `json:"wantPlace,omitempty"`
	How       string `json:"how,omitempty"`
}

func outcomeWord(o identity.Outcome) string {
	if o == identity.OK {
		return "complete"
	}
	return o.String()
}

func traceOf(t identity.Trace, a *azure.Authorizer) traceJSON {
	out := traceJSON{Version: 1, Pod: t.Name, Outcome: outcomeWord(t.Outcome()), Chains: []chainJSON{}, Assumptions: list(a.Assumptions())}
	for _, c := range t.Chains {
		chain := chainJSON{
			Way: c.Way.String(), Containers: c.Containers, Asked: c.Asked, Outcome: outcomeWord(c.Outcome()),
			Identity: nameOf(c.Identity), ObjectID: c.Identity.ObjectID, ClientID: c.Identity.ClientID, Steps: []stepJSON{},
		}
		for _, s := range c.Steps {
			chain.Steps = append(chain.Steps, stepOf(s))
		}
		out.Chains = append(out.Chains, chain)
	}
	return out
}

func stepOf(s identity.Step) stepJSON {
	out := stepJSON{Title: s.Title, Detail: s.Detail, Place: shortPlace(s.Place), Outcome: s.Outcome.String(), Errors: s.Errors, Hint: s.Hint}
	for _, d := range s.Differences {
		out.Differences = append(out.Differences, mismatchJSON{
			d.What, d.Have, d.HaveWhose, shortPlace(d.HavePlace), d.Want, d.WantWhose, shortPlace(d.WantPlace), d.How,
		})
	}
	if s.Needs != nil {
		out.Needs = s.Needs.String()
	}
	return out
}
