package netsim_test

import (
	"fmt"
	"strings"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest"
	"github.com/aksim/aksim/pkg/netsim"
)

const shop = `apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: web, image: example.invalid/web}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: shop, labels: {app: db}}
spec: {containers: [{name: db, image: example.invalid/db, ports: [{name: sql, containerPort: 5432}]}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  ingress:
  - from:
    - podSelector: {matchLabels: {app: web}}
    ports:
    - port: sql
`

func exampleCluster() *model.Cluster {
	c, err := manifest.Loader{}.Read("shop.yaml", strings.NewReader(shop))
	if err != nil {
		panic(err)
	}
	return c
}

func ExampleNetwork_Check() {
	n := netsim.New(exampleCluster())
	for _, text := range []string{"shop/web -> shop/db:5432", "internet -> shop/db:5432"} {
		v, err := n.Check(netsim.MustParseFlow(text))
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(v.Explain())
	}
	_, err := n.Check(netsim.MustParseFlow("shop/weeb -> shop/db:5432"))
	fmt.Println(err)
	// Output:
	// shop/web -> shop/db:5432/TCP: allowed
	//     egress  shop/web: allowed, no policy selects it for egress
	//     ingress shop/db: allowed
	//         by NetworkPolicy shop/db, ingress[0].from[0].ports[0]  (shop.yaml:22)
	// internet -> shop/db:5432/TCP: denied
	//     ingress shop/db: denied
	//         isolated by NetworkPolicy shop/db  (shop.yaml:15)
	//         not by NetworkPolicy shop/db, ingress[0].from[0].ports[0]  (shop.yaml:22)
	//             it is about pods, and internet is outside the cluster
	// no pod or workload shop/weeb in the input (did you mean "shop/web"?)
}

func ExampleNetwork_Into() {
	n := netsim.New(exampleCluster())
	edges, err := n.Into(netsim.Named("shop", "db"))
	if err != nil {
		fmt.Println(err)
		return
	}
	for e := range edges {
		fmt.Println(e.From, "reaches", e.To, "on", e.Ports)
	}
	// Output:
	// shop/web reaches shop/db on TCP 5432
}

func ExampleNetwork_OnlyInto() {
	n := netsim.New(exampleCluster())
	p, err := n.OnlyInto(netsim.Named("shop", "db"), netsim.MustParseFlow("shop/web -> shop/db:5432"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p.Outcome)

	// Without its policy the database is open to everyone.
	open, err := exampleCluster().Without(model.Ref{Kind: "NetworkPolicy", Namespace: "shop", Name: "db"})
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err = netsim.New(open).DefaultDeny("shop", netsim.Ingress)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p.Outcome)
	fmt.Println(p.Counterexample)
	// Output:
	// proved
	// refuted
	// 192.0.2.1 -> shop/db:80/TCP
}
