// Tool is a program that asks the engines of aksim directly: who gets at a database,
// over the network and by its Secrets.
//
//	go run ./examples/tool NAMESPACE WORKLOAD FILE…
package main

import (
	"fmt"
	"io"
	"log"
	"os"

	"github.com/aksim/aksim/pkg/model/manifest"
	"github.com/aksim/aksim/pkg/netsim"
	"github.com/aksim/aksim/pkg/rbacsim"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) < 4 {
		log.Fatal("usage: tool NAMESPACE WORKLOAD FILE…")
	}
	if err := run(os.Stdout, os.Args[1], os.Args[2], os.Args[3:]...); err != nil {
		log.Fatal(err)
	}
}

func run(w io.Writer, namespace, workload string, files ...string) error {
	c, err := manifest.Load(files...)
	if err != nil {
		return err
	}
	edges, err := netsim.New(c).Into(netsim.Named(namespace, workload))
	if err != nil {
		return err
	}
	for e := range edges {
		fmt.Fprintln(w, e)
	}
	secrets := rbacsim.Request{Verb: "get", Resource: "secrets", Namespace: namespace}
	for h := range rbacsim.New(c).WhoCan(secrets).All() {
		fmt.Fprintf(w, "%s: %s: %s\n", secrets, h.Principal, h.Decision)
	}
	return nil
}
