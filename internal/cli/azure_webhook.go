package cli

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/aksim/aksim/internal/suggest"
	"github.com/aksim/aksim/pkg/rbacsim"
	"github.com/aksim/aksim/pkg/rbacsim/azure"
)

// webhook is what the flags say of the AKS cluster, and of how its authorization
// webhook asks Azure.
type webhook struct {
	cluster    string
	mapping    []string
	operations string // a file
}

// The words of --azure-mapping. The first three are whole mappings, the others parts.
const (
	plainMapping      = "plain"
	discoveredMapping = "discovered"
	customMapping     = "custom"
	customResources   = "custom-resources"
	subresources      = "subresources"
	noDiscoveryPaths  = "no-discovery-paths"
)

func mappings() []string {
	return []string{plainMapping, discoveredMapping, customMapping, customResources, subresources, noDiscoveryPaths}
}

func (w *webhook) flags(flags *pflag.FlagSet) {
	flags.StringVar(&w.cluster, "cluster", "", "which AKS cluster is asked, by `name` or id, if the input has several")
	flags.StringSliceVar(&w.mapping, "azure-mapping", nil, "how AKS asks Azure: plain (the default), discovered, custom, or a `list` of discovered, custom-resources, subresources and no-discovery-paths")
	flags.StringVar(&w.operations, "operation-map", "", "the map of Azure's actions as a JSON `file`, in place of the discovered one")
}

func (w *webhook) has(word string) bool {
	return slices.Contains(w.mapping, word) || word != noDiscoveryPaths && slices.Contains(w.mapping, customMapping)
}

// readers adds the map to what else is read, if it comes from standard input.
func (w *webhook) readers(others ...reader) []reader {
	if w.operations == "-" {
		others = append(others, reader{"--operation-map", w.operations})
	}
	return others
}

func (w *webhook) check() error {
	for _, word := range w.mapping {
		if !slices.Contains(mappings(), word) {
			return fmt.Errorf("--azure-mapping: unknown word %q%s: want any of %s", word, suggest.Clause(word, mappings()), strings.Join(mappings(), ", "))
		}
	}
	switch {
	case slices.Contains(w.mapping, plainMapping) && len(w.mapping) > 1:
		return errors.New("--azure-mapping: plain is none of the others")
	case slices.Contains(w.mapping, customResources) && !w.has(discoveredMapping) && w.operations == "":
		return errors.New("--azure-mapping: custom-resources needs a map to tell them by: add discovered, or say --operation-map")
	}
	return nil
}

// options returns how requests become questions to Azure.
func (w *webhook) options(s *session, served *rbacsim.Resources) ([]azure.KubernetesOption, error) {
	operations, err := w.readOperations(s, served)
	if err != nil {
		return nil, err
	}
	list := []azure.KubernetesOption{azure.WithMapping(azure.Mapping{
		Operations: operations, CustomResources: w.has(customResources), Subresources: w.has(subresources),
	})}
	if w.has(noDiscoveryPaths) {
		list = append(list, azure.WithoutDiscoveryPaths())
	}
	return list, nil
}

func (w *webhook) readOperations(s *session, served *rbacsim.Resources) (*azure.Operations, error) {
	switch {
	case w.operations != "":
	case w.has(discoveredMapping):
		return azure.NewOperations(served), nil
	default:
		return nil, nil
	}
	file, err := openInput(s, w.operations)
	if err != nil {
		return nil, fmt.Errorf("--operation-map %s: %w", w.operations, cause(err))
	}
	defer file.Close()
	text, err := io.ReadAll(file)
	if err != nil {
		return nil, fmt.Errorf("--operation-map %s: %w", w.operations, cause(err))
	}
	operations, err := azure.ParseOperations(text)
	if err != nil {
		return nil, fmt.Errorf("--operation-map %s: %w", w.operations, err)
	}
	return operations, nil
}

// server reads the snapshot and compiles what its API server asks: RBAC and, on AKS,
// Azure.
func (in *input) server(s *session, w *webhook) (*azure.Kubernetes, error) {
	var opts []rbacsim.Option
	if w.cluster != "" {
		opts = append(opts, rbacsim.WithManagedCluster(w.cluster))
	}
	a, err := in.authorizer(s, opts...)
	if err != nil {
		return nil, err
	}
	more, err := w.options(s, a.Resources())
	if err != nil {
		return nil, err
	}
	k := azure.NewKubernetes(a, azure.New(a.Cluster()), more...)
	_, err = a.ManagedCluster()
	switch d, _ := k.AsksAzure(); {
	case err != nil && w.cluster != "":
		return nil, fmt.Errorf("--cluster: %w", err)
	case err != nil && d != rbacsim.Denied:
		return nil, fmt.Errorf("%w; say --cluster NAME", err)
	}
	return k, nil
}

// isAKS reports whether the input has an AKS cluster, so that answers say what Azure
// makes of a request.
func isAKS(k *azure.Kubernetes) bool {
	o, err := k.RBAC().ManagedCluster()
	return o != nil || err != nil
}
