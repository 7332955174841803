package cli_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/internal/cli"
)

// reviewsDir holds reviews that a real API server answered, where present.
const reviewsDir = "../../../shared/truth/rbac"

// --reviews gives the recorded answers, a line for each line, and keeps what it is
// asked as it stands.
func TestReviewsTruth(t *testing.T) {
	worlds, err := filepath.Glob(filepath.Join(reviewsDir, "*", "reviews.jsonl"))
	require.NoError(t, err)
	if len(worlds) == 0 {
		t.Skip("no recorded answers here")
	}
	for _, path := range worlds {
		world := []string{
			"can-i", "-f", filepath.Join(reviewsDir, "bootstrap-rbac.yaml"), "-f", filepath.Join(reviewsDir, "bootstrap-rbac-namespaced.yaml"),
			"-f", filepath.Join(filepath.Dir(path), "rbac.yaml"), "-o", "jsonl",
		}
		asked, err := os.ReadFile(path)
		require.NoError(t, err)
		_, got, stderr := run(t, string(asked), append(world, "--reviews", "-")...)
		questions, answers := strings.Split(string(asked), "\n"), strings.Split(got, "\n")
		require.Len(t, answers, len(questions), stderr)
		require.Greater(t, len(questions), 1000)
		allowed := 0
		for i, question := range questions[:len(questions)-1] {
			want, has := parseReview(t, question), parseReview(t, answers[i])
			require.Equal(t, want["spec"], has["spec"], question)
			status := has["status"].(map[string]any)
			require.Equal(t, want["status"].(map[string]any)["allowed"], status["allowed"], "%s\n%s", path, answers[i])
			if reason, ok := status["evaluationError"].(string); ok {
				require.Regexp(t, `^rbac: .* not found`, reason)
			}
			if status["allowed"] == true {
				allowed++
				masters := strings.Contains(question, `"system:masters"`) // allowed before RBAC is asked
				require.True(t, masters || status["reason"] != nil, answers[i])
			}
		}
		assert.Positive(t, allowed)
	}
}

func parseReview(t *testing.T, line string) (object map[string]any) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(line), &object), line)
	return object
}

// Lines of --reviews may be of any length, and each is answered once it is there,
// even if a part of the next one is there as well.
func TestReviewsConversation(t *testing.T) {
	manifests := writeFile(t, "{apiVersion: v1, kind: Namespace, metadata: {name: shop}}")
	questions, ask := io.Pipe()
	answers, answer := io.Pipe()
	status := make(chan int, 1)
	go func() {
		defer answer.Close()
		status <- cli.Main(cli.Env{Stdin: questions, Stdout: answer, Stderr: io.Discard}, []string{"can-i", "-f", manifests, "--reviews", "-", "-o", "jsonl"})
	}()
	lines := bufio.NewReader(answers)
	begun := ""
	for _, size := range []int{0, 10, 1 << 16, 1 << 22} {
		line := fmt.Sprintf(`{"note":"%s","spec":{"user":"alice","resourceAttributes":{"verb":"get"}}}`, strings.Repeat("x", size))
		_, err := io.WriteString(ask, strings.TrimPrefix(line, begun)+"\n"+`{"note"`)
		require.NoError(t, err)
		begun = `{"note"`
		got, err := lines.ReadString('\n')
		require.NoError(t, err)
		require.Equal(t, strings.TrimSuffix(line, "}")+`,"status":{"allowed":false}}`+"\n", got)
	}
	require.NoError(t, ask.Close())
	got, err := lines.ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, `{"status":{"allowed":false,"evaluationError":"not a JSON object: it ends too early"}}`+"\n", got)
	_, err = lines.ReadString('\n')
	require.ErrorIs(t, err, io.EOF)
	require.Equal(t, 2, <-status)
}

// A line is answered by a line that is JSON, whatever it is.
func FuzzReviews(f *testing.F) {
	for _, line := range []string{
		`{"spec":{"user":"alice","groups":["a"],"resourceAttributes":{"verb":"get","resource":"pods"}}}`,
		`{"spec":{"groups":["system:masters"],"nonResourceAttributes":{"verb":"get","path":"/"}},"status":{}}`,
		`{"spec":{"user":null,"resourceAttributes":null}}`, `{"a":1,"a":2}`, `{"spec"`, `[]`, ` `, "\ufeff{}", `{"spec":{}}x`, "{\"\xff\":1}",
	} {
		f.Add(line)
	}
	manifests := filepath.Join(f.TempDir(), "input.yaml")
	require.NoError(f, os.WriteFile(manifests, []byte("{apiVersion: v1, kind: Namespace, metadata: {name: shop}}"), 0o600))
	f.Fuzz(func(t *testing.T, line string) {
		if line == "" || strings.ContainsAny(line, "\n") {
			return
		}
		status, out, stderr := run(t, line, "can-i", "-f", manifests, "--reviews", "-", "-o", "jsonl")
		require.Equal(t, 1, strings.Count(out, "\n"), stderr)
		answer := parseReview(t, out)["status"].(map[string]any)
		allowed, ok := answer["allowed"].(bool)
		require.True(t, ok, out)
		_, failed := answer["evaluationError"]
		require.Equal(t, status != 0, failed, out)
		require.False(t, allowed && failed, out)
	})
}
