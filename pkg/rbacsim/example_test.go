package rbacsim_test

import (
	"fmt"
	"strings"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model/manifest"
	"github.com/aksim/aksim/pkg/rbacsim"
)

const shop = `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: logs, namespace: shop}
rules:
- {apiGroups: [""], resources: [pods, pods/log], verbs: [get, list]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: web-logs, namespace: shop}
roleRef: {kind: Role, name: logs}
subjects:
- {kind: ServiceAccount, name: web}
- {kind: Group, name: on-call}
`

func ExampleAuthorizer_Check() {
	c, err := manifest.Loader{}.Read("shop.yaml", strings.NewReader(shop))
	if err != nil {
		fmt.Println(err)
		return
	}
	a := rbacsim.New(c)
	web := rbacsim.As(identity.MustParse("sa/shop/web"))
	for _, r := range []rbacsim.Request{
		{Verb: "get", Resource: "pods", Subresource: "log", Namespace: "shop", Name: "web-0"},
		{Verb: "get", Resource: "pods", Subresource: "exec", Namespace: "shop", Name: "web-0"},
	} {
		v, err := a.Check(web, r)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(v.Explain())
	}
	// Output:
	// sa/shop/web in system:serviceaccounts, system:serviceaccounts:shop, system:authenticated: get pods/log web-0 in shop: allowed
	//     by RoleBinding shop/web-logs to sa/shop/web  (shop.yaml:12)
	//         Role shop/logs, rules[0]  (shop.yaml:5)
	// sa/shop/web in system:serviceaccounts, system:serviceaccounts:shop, system:authenticated: get pods/exec web-0 in shop: denied
	//     not by RoleBinding shop/web-logs to sa/shop/web  (shop.yaml:12)
	//         Role shop/logs, rules[0]  (shop.yaml:5)
	//         pods does not cover pods/exec
}

func ExampleAuthorizer_WhoCan() {
	c, err := manifest.Loader{}.Read("shop.yaml", strings.NewReader(shop))
	if err != nil {
		fmt.Println(err)
		return
	}
	for h := range rbacsim.New(c).WhoCan(rbacsim.Request{Verb: "list", Resource: "pods", Namespace: "shop"}).All() {
		for g := range h.Grants() {
			if !g.BindingAssumed {
				fmt.Println(h.Principal, "through", g.Binding)
			}
		}
	}
	// Output:
	// group/on-call through RoleBinding shop/web-logs
	// sa/shop/web through RoleBinding shop/web-logs
}
