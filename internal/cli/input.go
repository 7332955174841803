package cli

import (
	"errors"
	"fmt"
	"net/netip"

	"github.com/spf13/pflag"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest"
	"github.com/aksim/aksim/pkg/netsim"
)

// input is what the flags say of the snapshot to look at.
type input struct {
	files       []string
	namespace   string
	kubeVersion string
	podCIDRs    []string
	with        []string
	without     []string
	assume      []string
}

// loadFlags declares the flags for reading manifests.
func (in *input) loadFlags(flags *pflag.FlagSet) {
	flags.StringArrayVarP(&in.files, "filename", "f", nil, "manifests: a `file`, a directory with all below it, or - for standard input; may be repeated")
	flags.StringVarP(&in.namespace, "namespace", "n", "", "the `namespace` of objects that name none (else default) and of names without one")
	flags.StringVar(&in.kubeVersion, "kube-version", "", "the `version` whose admission rules apply (else the nodes', else "+model.NewestKubeVersion().String()+")")
}

// whatIfFlags declares the flags for asking about a changed snapshot.
func (in *input) whatIfFlags(flags *pflag.FlagSet) {
	flags.StringArrayVar(&in.with, "with", nil, "what if: add the objects of a `file`, in place of those of the same name")
	flags.StringArrayVar(&in.without, "without", nil, "what if: leave out `KIND/NAMESPACE/NAME`, for example networkpolicy/shop/db")
	flags.StringArrayVar(&in.assume, "assume-pod", nil, "what if: add a `pod` to come, for example 'shop/new{app=web}'")
	flags.StringSliceVar(&in.podCIDRs, "pod-cidr", nil, "the `blocks` that pods get their addresses from, for pods whose address is not in the input")
}

// load reads the snapshot.
func (in *input) load(s *session) (*model.Cluster, error) {
	loader, err := in.loader(s)
	if err != nil {
		return nil, err
	}
	if len(in.files) == 0 {
		return nil, errors.New("no input: say where the manifests are with -f")
	}
	c, err := loader.Load(in.files...)
	if err != nil {
		return nil, err
	}
	return in.whatIf(c, loader)
}

func (in *input) loader(s *session) (manifest.Loader, error) {
	loader := manifest.Loader{Namespace: in.namespace, Stdin: s.Stdin}
	if in.kubeVersion != "" {
		v, err := model.ParseKubeVersion(in.kubeVersion)
		if err != nil {
			return loader, fmt.Errorf("--kube-version: %w", err)
		}
		loader.KubeVersion = v
	}
	progress := s.newProgress("reading")
	loader.Progress = progress.set
	return loader, nil
}

func (in *input) whatIf(c *model.Cluster, loader manifest.Loader) (*model.Cluster, error) {
	if len(in.with) > 0 {
		loader.KubeVersion = c.KubeVersion() // the same rules for what is added
		with, err := loader.Load(in.with...)
		if err != nil {
			return nil, err
		}
		c = c.With(with)
	}
	var refs []model.Ref
	for _, text := range in.without {
		r, err := model.ParseRef(text)
		if err != nil {
			return nil, fmt.Errorf("--without: %w", err)
		}
		refs = append(refs, r)
	}
	c, err := c.Without(refs...)
	if err != nil {
		return nil, fmt.Errorf("--without: %w", err)
	}
	var pods []netsim.FuturePod
	for _, text := range in.assume {
		p, err := netsim.ParseFuturePod(text)
		if err != nil {
			return nil, fmt.Errorf("--assume-pod: %w", err)
		}
		pods = append(pods, p)
	}
	if c, err = netsim.Assume(c, pods...); err != nil {
		return nil, fmt.Errorf("--assume-pod: %w", err)
	}
	return c, nil
}

// network compiles the snapshot.
func (in *input) network(s *session) (*netsim.Network, error) {
	var blocks []netip.Prefix
	for _, text := range in.podCIDRs {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("--pod-cidr: %q is no CIDR", text)
		}
		if p != p.Masked() {
			return nil, fmt.Errorf("--pod-cidr: %s has bits set beyond its prefix: write %s", p, p.Masked())
		}
		blocks = append(blocks, p)
	}
	c, err := in.load(s)
	if err != nil {
		return nil, err
	}
	return netsim.New(c, netsim.WithPodCIDRs(blocks...)), nil
}
