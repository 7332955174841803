package cli

import (
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/spf13/pflag"

	"github.com/aksim/aksim/pkg/model"
)

func versionCommand() command {
	return command{
		name:    "version",
		summary: "prints the versions of aksim and of the Kubernetes rules it knows",
		long:    "Prints the version of aksim and of the Kubernetes rules that it knows.",
		flags: func(*pflag.FlagSet) func(*session, []string) (int, error) {
			return func(s *session, args []string) (int, error) {
				if len(args) > 0 {
					return 0, errors.New("version takes no arguments")
				}
				fmt.Fprintf(s.out, "aksim %s\nKubernetes admission rules %s to %s\n", buildVersion(), model.OldestKubeVersion(), model.NewestKubeVersion())
				return exitYes, nil
			}
		},
	}
}

// buildVersion is the module's version or, of a build from a checkout, its commit.
func buildVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(unknown version)"
	}
	return info.Main.Version
}
