package cli_test

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/aksim/aksim/internal/cli"
)

var update = flag.Bool("update", false, "rewrite the expected outputs of the scripts")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"aksim": func() { cli.Exit(cli.Main(cli.Process(), cli.Args())) },
	})
}

// The scripts run the real binary. Each has the example in aks, and its manifests
// alone, without what is known of Azure, in prod.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			example := os.DirFS(filepath.Join("..", "..", "examples", "prod"))
			for _, dir := range []string{"aks", "prod"} {
				if err := os.CopyFS(filepath.Join(env.WorkDir, dir), example); err != nil {
					return err
				}
			}
			return os.RemoveAll(filepath.Join(env.WorkDir, "prod", "azure"))
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":   exits,
			"isjson":  isJSON,
			"isjsonl": isJSONLines,
		},
	})
}

// exits STATUS PROGRAM ARGS… runs a program, which has to end with the status.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS PROGRAM ARGS…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	err = ts.Exec(args[1], args[2:]...)
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		got, err = failed.ExitCode(), nil
	}
	ts.Check(err)
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// isjson FILE wants one JSON value.
func isJSON(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: isjson FILE")
	}
	var v any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &v))
}

// isjsonl COUNT FILE wants so many lines, each a JSON object.
func isJSONLines(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: isjsonl COUNT FILE")
	}
	count := 0
	for line := range strings.Lines(ts.ReadFile(args[1])) {
		var object map[string]any
		ts.Check(json.Unmarshal([]byte(line), &object))
		count++
	}
	if args[0] != strconv.Itoa(count) {
		ts.Fatalf("%d lines, want %s", count, args[0])
	}
}
