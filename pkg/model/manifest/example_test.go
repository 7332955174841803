package manifest_test

import (
	"fmt"
	"testing/fstest"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest"
)

func ExampleLoadFS() {
	deploy := fstest.MapFS{"deploy/db.yaml": {Data: []byte(`apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: db
  namespace: shop
spec:
  podSelector:
    matchLabels: {app: db}
  ingress:
  - from:
    - podSelector:
        matchLabels: {app: api}
`)}}
	c, err := manifest.LoadFS(deploy, "deploy")
	if err != nil {
		fmt.Println(err)
		return
	}
	for np := range model.All[networkingv1.NetworkPolicy](c) {
		fmt.Println(np.Ref, np.API.Spec.PolicyTypes)
		fmt.Println(np.Origin.At("spec.ingress[0].from[0]").Short())
	}
	// Output:
	// NetworkPolicy shop/db [Ingress]
	// deploy/db.yaml:11
}

func ExampleErrors() {
	deploy := fstest.MapFS{"deploy/db.yaml": {Data: []byte(`apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db}
spec:
  podSelector:
    matchLabels: {app: on}
  ingress:
  - From: []
`)}}
	_, err := manifest.LoadFS(deploy, "deploy")
	for e := range manifest.Errors(err) {
		fmt.Println(e)
	}
	// Output:
	// deploy/db.yaml:6:24: spec.podSelector.matchLabels.app: want a string, got the boolean true (YAML reads on as true: write "on")
	// deploy/db.yaml:8:5: spec.ingress[0].From: unknown field (did you mean "from"?)
}
