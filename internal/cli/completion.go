package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/pflag"
)

func completionCommand() command {
	return command{
		name:    "completion",
		args:    "bash|zsh|fish",
		summary: "prints a script that completes commands and flags in a shell",
		long: `
Prints a script that completes aksim's commands and flags in a shell:

  source <(aksim completion bash)
  source <(aksim completion zsh)
  aksim completion fish | source`,
		flags: func(*pflag.FlagSet) func(*session, []string) (int, error) {
			return func(s *session, args []string) (int, error) {
				if len(args) != 1 {
					return 0, fmt.Errorf("for which shell? say bash, zsh or fish")
				}
				switch args[0] {
				case "bash":
					fmt.Fprint(s.out, bashCompletion())
				case "zsh":
					fmt.Fprint(s.out, "autoload -U +X bashcompinit && bashcompinit\n"+bashCompletion())
				case "fish":
					fmt.Fprint(s.out, fishCompletion())
				default:
					return 0, fmt.Errorf("no completion for %q: say bash, zsh or fish", args[0])
				}
				return exitYes, nil
			}
		},
	}
}

// flagsOf returns the flags of a command, in the order of its help text.
func flagsOf(c command) []*pflag.Flag {
	var all []*pflag.Flag
	flags, _ := c.parser()
	flags.VisitAll(func(f *pflag.Flag) { all = append(all, f) })
	return all
}

// outputFlag declares -o with its formats, the first of which is the default.
func outputFlag(flags *pflag.FlagSet, into *string, formats []string) {
	flags.StringVarP(into, "output", "o", formats[0], "the `format`: "+strings.Join(formats, ", "))
	flags.Lookup("output").Annotations = map[string][]string{"formats": formats}
}

func formatsOf(f *pflag.Flag) []string { return f.Annotations["formats"] }

// bashCompletion completes commands and flags, the formats of -o, and file names
// for everything else.
func bashCompletion() string {
	var names, cases []string
	for _, c := range commands() {
		names = append(names, c.name)
		var words []string
		var formats string
		for _, f := range flagsOf(c) {
			words = append(words, "--"+f.Name)
			if values := formatsOf(f); values != nil {
				formats = strings.Join(values, " ")
			}
		}
		cases = append(cases, fmt.Sprintf("    %s) words=%q formats=%q ;;", c.name, strings.Join(words, " "), formats))
	}
	return fmt.Sprintf(`_aksim() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} words formats
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "%[1]s help" -- "$current"))
    return
  fi
  case ${COMP_WORDS[1]} in
%[2]s
  esac
  case $previous in
    -o|--output) COMPREPLY=($(compgen -W "$formats" -- "$current")); return ;;
    completion) COMPREPLY=($(compgen -W "bash zsh fish" -- "$current")); return ;;
    help) COMPREPLY=($(compgen -W "%[1]s" -- "$current")); return ;;
  esac
  case $current in
    -*) COMPREPLY=($(compgen -W "$words" -- "$current")) ;;
    *) COMPREPLY=($(compgen -f -- "$current")) ;;
  esac
}
complete -o filenames -F _aksim aksim
`, strings.Join(names, " "), strings.Join(cases, "\n"))
}

func fishCompletion() string {
	var b strings.Builder
	for _, c := range commands() {
		fmt.Fprintf(&b, "complete -c aksim -n __fish_use_subcommand -f -a %s -d %q\n", c.name, c.summary)
		for _, f := range flagsOf(c) {
			_, usage := pflag.UnquoteUsage(f)
			fmt.Fprintf(&b, "complete -c aksim -n '__fish_seen_subcommand_from %s' -l %s", c.name, f.Name)
			if f.Shorthand != "" {
				fmt.Fprintf(&b, " -s %s", f.Shorthand)
			}
			switch {
			case formatsOf(f) != nil:
				fmt.Fprintf(&b, " -x -a %q", strings.Join(formatsOf(f), " "))
			case f.NoOptDefVal == "":
				b.WriteString(" -r")
			}
			fmt.Fprintf(&b, " -d %q\n", usage)
		}
	}
	b.WriteString("complete -c aksim -n '__fish_seen_subcommand_from completion' -f -a 'bash zsh fish'\n")
	return b.String()
}
