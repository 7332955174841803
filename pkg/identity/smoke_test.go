package identity_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
)

func TestSmoke(t *testing.T) {
	show := func(a *azure) {
		g := identity.NewGraph(estate(t, apiAccount+apiDeployment, a))
		tr, err := g.WhoAmI("app/api")
		require.NoError(t, err)
		fmt.Println(tr)
		n, err := g.Principal(identity.MustParse("sa/app/api"))
		require.NoError(t, err)
		for r := range g.ActsAs(n) {
			fmt.Println(r)
		}
	}
	show(baseline())
	show(with(func(a *azure) {
		a.credentials[0].Issuer = model.Known(issuer[:len(issuer)-1])
		a.clusters[0].Kubelet.ClientID = model.Known(nodeClient)
		a.clusters[0].Kubelet.PrincipalID = model.Known(nodeObject)
	}))
	show(with(func(a *azure) {
		a.credentials[0].Subject = model.Known("system:serviceaccount:App:api")
		a.clusters = nil
	}))
	show(with(func(a *azure) { a.identities[0].ClientID = model.Known(apiObject) }))
}
