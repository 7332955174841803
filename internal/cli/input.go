package cli

import (
	"fmt"
	"io"
	"net/netip"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest"
	"github.com/aksim/aksim/pkg/netsim"
	"github.com/aksim/aksim/pkg/rbacsim"
)

// input is what the flags say of the snapshot to look at.
type input struct {
	files        []string
	namespace    string
	kubeVersion  string
	podCIDRs     []string
	with         []string
	without      []string
	assume       []string
	apiResources string
}

// loadFlags declares the flags for reading manifests.
func (in *input) loadFlags(flags *pflag.FlagSet) {
	in.fileFlag(flags)
	flags.StringVarP(&in.namespace, "namespace", "n", "", "the `namespace` of objects that name none (else default), and of names given without one")
	in.versionFlag(flags)
}

func (in *input) fileFlag(flags *pflag.FlagSet) {
	flags.StringArrayVarP(&in.files, "filename", "f", nil, "manifests: a `file`, a directory with all below it, or - for standard input; may be repeated")
}

func (in *input) versionFlag(flags *pflag.FlagSet) {
	flags.StringVar(&in.kubeVersion, "kube-version", "", "the `version` whose admission rules apply (else the nodes', else "+model.NewestKubeVersion().String()+")")
}

// serverFlags declares the flags that say of which version the API server is, and
// what it serves.
func (in *input) serverFlags(flags *pflag.FlagSet) {
	flags.StringVar(&in.kubeVersion, "kube-version", "", "the `version` of the API server (else the nodes', else "+model.NewestKubeVersion().String()+")")
	flags.StringVar(&in.apiResources, "api-resources", "", "what the API server serves: a `file` with the output of kubectl api-resources (else what is built in, and the CustomResourceDefinitions of the input)")
}

// changeFlags declares the flags for asking about a changed snapshot.
func (in *input) changeFlags(flags *pflag.FlagSet, example string) {
	flags.StringArrayVar(&in.with, "with", nil, "what if: add the objects of a `file`, in place of those of the same name")
	flags.StringArrayVar(&in.without, "without", nil, "what if: leave out an `object`, for example "+example)
}

// whatIfFlags declares the flags for asking about a changed snapshot and its pods.
func (in *input) whatIfFlags(flags *pflag.FlagSet) {
	in.changeFlags(flags, "networkpolicy/shop/db")
	flags.StringArrayVar(&in.assume, "assume-pod", nil, "what if: add a `pod` to come, for example 'shop/new{app=web}'")
	flags.StringSliceVar(&in.podCIDRs, "pod-cidr", nil, "the `blocks` that pods get their addresses from, for pods whose address is not in the input")
}

// reader is a flag that takes the name of a file.
type reader struct{ flag, file string }

// check refuses an input that is none, and two flags that both read standard
// input, of which one would find nothing. What other flags read is given as well.
func (in *input) check(args []string, others ...reader) error {
	if len(in.files) == 0 {
		perhaps := ""
		if file, ok := existing(args); ok {
			perhaps = " (-f " + file + "?)"
		}
		return fmt.Errorf("no input: say where the manifests are with -f%s", perhaps)
	}
	flags, readers := []string{"-f", "--with"}, 0
	for _, names := range [][]string{in.files, in.with} {
		if slices.Contains(names, "-") {
			readers++
		}
	}
	for _, o := range others {
		flags = append(flags, o.flag)
		if o.file == "-" {
			readers++
		}
	}
	if last := len(flags) - 1; readers > 1 {
		return fmt.Errorf("only one of %s and %s can read standard input", strings.Join(flags[:last], ", "), flags[last])
	}
	return nil
}

// load reads the snapshot.
func (in *input) load(s *session) (*model.Cluster, error) {
	loader, err := in.loader(s)
	if err != nil {
		return nil, err
	}
	c, err := loader.Load(in.files...)
	if err != nil {
		return nil, err
	}
	if err := checkContent(c, in.files); err != nil {
		return nil, err
	}
	return in.whatIf(c, loader)
}

// checkContent refuses files that hold nothing at all: more likely than that they
// are meant is that whatever wrote them has failed.
func checkContent(c *model.Cluster, files []string) error {
	for range c.Refs() {
		return nil
	}
	for range c.Findings() {
		return nil
	}
	names := strings.Join(files, ", ")
	if names == "-" {
		names = "standard input"
	}
	return fmt.Errorf("no Kubernetes object in %s", names)
}

// tooMany complains about an argument too many; if some are files, about that.
func tooMany(args []string, last, where string) error {
	if file, ok := existing(args); ok {
		return fmt.Errorf("%q is one argument too many: every file wants a -f of its own, or say -f DIRECTORY", file)
	}
	return fmt.Errorf("%q is one argument too many %s", last, where)
}

// existing finds the first argument that is the name of a file.
func existing(args []string) (string, bool) {
	for _, arg := range args {
		if _, err := os.Stat(arg); err == nil {
			return arg, true
		}
	}
	return "", false
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
		if err := checkContent(with, in.with); err != nil {
			return nil, fmt.Errorf("--with: %w", err)
		}
		c = c.With(with)
	}
	var refs []model.Ref
	for _, text := range in.without {
		r, err := model.ParseRef(in.qualifyRef(text))
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
		p, err := netsim.ParseFuturePod(in.qualifyPod(text))
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

// qualifyRef puts KIND/NAME of a kind that has namespaces into that of -n.
func (in *input) qualifyRef(text string) string {
	word, name, _ := strings.Cut(text, "/")
	kind, ok := model.KindByWord(word)
	if in.namespace == "" || !ok || !kind.Namespaced || strings.Contains(name, "/") {
		return text
	}
	return word + "/" + in.namespace + "/" + name
}

// namespacedPod matches a pod to come whose namespace is named.
var namespacedPod = regexp.MustCompile(`^[^/{]*(\{[^}]*\})?/`)

// qualifyPod puts a pod to come that names no namespace into that of -n.
func (in *input) qualifyPod(text string) string {
	if in.namespace == "" || namespacedPod.MatchString(text) {
		return text
	}
	return in.namespace + "/" + text
}

// authorizer reads the snapshot and compiles its RBAC objects.
func (in *input) authorizer(s *session, opts ...rbacsim.Option) (*rbacsim.Authorizer, error) {
	resources, err := in.served(s)
	if err != nil {
		return nil, err
	}
	c, err := in.load(s)
	if err != nil {
		return nil, err
	}
	if resources != nil {
		opts = append(opts, rbacsim.WithResources(resources.WithCluster(c)))
	}
	return rbacsim.New(c, opts...), nil
}

// served reads --api-resources; nothing without it.
func (in *input) served(s *session) (*rbacsim.Resources, error) {
	if in.apiResources == "" {
		return nil, nil
	}
	file, err := openInput(s, in.apiResources)
	if err != nil {
		return nil, fmt.Errorf("--api-resources %s: %w", in.apiResources, cause(err))
	}
	defer file.Close()
	text, err := io.ReadAll(file)
	if err != nil {
		return nil, fmt.Errorf("--api-resources %s: %w", in.apiResources, cause(err))
	}
	resources, err := rbacsim.ParseResources(string(text))
	if err != nil {
		return nil, fmt.Errorf("--api-resources %s: %w", in.apiResources, err)
	}
	return resources, nil
}

// snapshot is the input, compiled.
type snapshot struct {
	*netsim.Network
	cluster *model.Cluster
}

// compile reads the snapshot and compiles it.
func (in *input) compile(s *session) (*snapshot, error) {
	blocks, err := in.podBlocks()
	if err != nil {
		return nil, err
	}
	c, err := in.load(s)
	if err != nil {
		return nil, err
	}
	return &snapshot{netsim.New(c, netsim.WithPodCIDRs(blocks...)), c}, nil
}

// podBlocks reads --pod-cidr.
func (in *input) podBlocks() (blocks []netip.Prefix, err error) {
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
	return blocks, nil
}
