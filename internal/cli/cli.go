package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/aksim/aksim/internal/suggest"
)

// Env is the world around a run.
type Env struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer

	// Which of the streams a person sits before.
	StdoutTerminal, StderrTerminal bool
}

// Process returns the streams of the process.
func Process() Env {
	isTerminal := func(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }
	return Env{os.Stdin, os.Stdout, os.Stderr, isTerminal(os.Stdout), isTerminal(os.Stderr)}
}

// Args returns the arguments of the process.
func Args() []string { return os.Args[1:] }

// Exit ends the process.
func Exit(status int) { os.Exit(status) }

// command is one of aksim's commands.
type command struct {
	name    string
	args    string // as the usage line shows them
	summary string // completes "aksim NAME …"
	long    string // the rest of the help text
	// flags declares the command's flags and returns what runs it with the
	// arguments that remain.
	flags func(*pflag.FlagSet) func(env *session, args []string) (int, error)
}

func commands() []command {
	return []command{
		reachCommand(), canICommand(), whoCanCommand(), whoamiCommand(), compareCommand(), minimalRoleCommand(), lintCommand(),
		verifyCommand(), controlsCommand(), completionCommand(), versionCommand(),
	}
}

// session is a run of a command.
type session struct {
	Env
	out *bufio.Writer
}

// note prints a line to standard error.
func (s *session) note(format string, args ...any) {
	fmt.Fprintf(s.Stderr, "aksim: "+format+"\n", args...)
}

// Main runs aksim and returns its exit status.
func Main(env Env, args []string) int {
	s := &session{Env: env, out: bufio.NewWriterSize(env.Stdout, 1<<16)}
	status, err := s.run(args)
	if flushed := s.out.Flush(); flushed != nil && err == nil {
		status, err = exitCouldNot, fmt.Errorf("writing the answer: %w", flushed)
	}
	if err != nil {
		for line := range strings.Lines(err.Error()) {
			s.note("%s", strings.TrimRight(line, "\n"))
		}
		return exitCouldNot
	}
	return status
}

func (s *session) run(args []string) (int, error) {
	if len(args) == 0 {
		return 0, errors.New("what to do? aksim -h lists the commands")
	}
	if slices.Contains([]string{"-h", "--help", "help"}, args[0]) {
		if args[0] == "help" && len(args) > 1 {
			return s.run([]string{args[1], "-h"})
		}
		s.overview()
		return exitYes, nil
	}
	if args[0] == "--version" {
		args[0] = "version"
	}
	if strings.HasPrefix(args[0], "-") {
		return 0, fmt.Errorf("flags follow the command: aksim COMMAND %s …; aksim -h lists the commands", args[0])
	}
	var names []string
	for _, c := range commands() {
		if c.name == args[0] {
			return s.runCommand(c, args[1:])
		}
		names = append(names, c.name)
	}
	return 0, fmt.Errorf("no command %q%s; aksim -h lists the commands", args[0], suggest.Clause(args[0], names))
}

func (s *session) runCommand(c command, args []string) (int, error) {
	flags, run := c.parser()
	if err := flags.Parse(args); err != nil {
		return 0, fmt.Errorf("%s: %w; aksim %s -h lists the flags", c.name, withSuggestion(err, flags), c.name)
	}
	if help, err := flags.GetBool("help"); help || err != nil {
		s.help(c, flags)
		return exitYes, err
	}
	return run(s, flags.Args())
}

// parser returns the command's flags, --help among them, and what runs it.
func (c *command) parser() (flags *pflag.FlagSet, run func(*session, []string) (int, error)) {
	flags = pflag.NewFlagSet(c.name, pflag.ContinueOnError)
	flags.SortFlags = false
	flags.Usage = func() {}
	flags.SetOutput(io.Discard)
	run = c.flags(flags)
	flags.BoolP("help", "h", false, "print this text")
	return flags, run
}

// withSuggestion adds to the complaint about an unknown flag which was probably
// meant, or what there is in its place.
func withSuggestion(err error, flags *pflag.FlagSet) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return err
	}
	name := unknown.GetSpecifiedName()
	if remedy := habit(name); remedy != "" {
		return fmt.Errorf("%w: %s", err, remedy)
	}
	var names []string
	flags.VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	return fmt.Errorf("%w%s", err, suggest.Clause(name, names))
}

// habit answers flags that other commands have.
func habit(flag string) string {
	switch flag {
	case "A", "all-namespaces":
		return "not needed, all namespaces of the input are looked at"
	case "R", "recursive":
		return "not needed, a directory is read with all below it"
	case "k", "kustomize":
		return "render it first: kubectl kustomize DIR | aksim … -f -"
	case "from", "to":
		return "FROM and TO are plain arguments"
	case "p", "port", "protocol":
		return "the port follows the destination, as in shop/db:5432/TCP"
	case "as-uid", "as-user-extra":
		return "not needed, RBAC looks at the user's name and groups only"
	case "context", "cluster", "kubeconfig", "server", "token", "user":
		return "no cluster is asked: -f says where the manifests are"
	}
	return ""
}

func (s *session) overview() {
	fmt.Fprint(s.out, `aksim proves who and what can reach what in an AKS cluster, from its manifests and
the exports of Azure alone: which packets the NetworkPolicies let pass, and what RBAC
and Azure allow to whom.

Commands:
`)
	for _, c := range commands() {
		fmt.Fprintf(s.out, "  %-12s %s\n", c.name, c.summary)
	}
	fmt.Fprint(s.out, `
aksim COMMAND -h describes a command.

Exit status: 0 yes, 1 no, 2 the question could not be asked, 3 undecided.
`)
}

func (s *session) help(c command, flags *pflag.FlagSet) {
	usages := strings.ReplaceAll(flags.FlagUsagesWrapped(80), boolSuffix, strings.Repeat(" ", len(boolSuffix)))
	fmt.Fprintf(s.out, "Usage: aksim %s\n\n%s\n\nFlags:\n%s\n", strings.TrimSpace(c.name+" "+c.args), strings.TrimSpace(c.long), strings.TrimRight(usages, "\n"))
}

// boolSuffix is how pflag shows that a switch could be given a value, which
// nobody does.
const boolSuffix = "[=true|false]"
