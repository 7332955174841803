package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The manual speaks of every command, flag and format.
func TestManualIsComplete(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "cmd", "aksim", "doc.go"))
	require.NoError(t, err)
	manual := string(text)
	for _, c := range commands() {
		assert.Contains(t, manual, "\taksim "+c.name)
		for _, f := range flagsOf(c) {
			name := "--" + f.Name
			if f.Shorthand != "" {
				name = "-" + f.Shorthand
			}
			assert.Contains(t, manual, name)
			for _, format := range formatsOf(f) {
				assert.Contains(t, manual, "-o "+format)
			}
		}
	}
}

// Progress shows on a terminal once a step takes long, and goes when it is done;
// into a pipe it never does.
func TestProgress(t *testing.T) {
	for _, terminal := range []bool{false, true} {
		var stderr bytes.Buffer
		s := &session{Env: Env{Stderr: &stderr, StderrTerminal: terminal}}
		p := s.newProgress("reading")
		p.set(1, 10)
		assert.Empty(t, stderr.String(), "not long yet")
		p.began, p.last = time.Now().Add(-time.Second), time.Now().Add(-time.Second)
		p.set(2, 10)
		p.set(3, 10)
		p.set(10, 10)
		if terminal {
			assert.Equal(t, "\r\x1b[Kaksim: reading, 2 of 10\r\x1b[K", stderr.String())
		} else {
			assert.Empty(t, stderr.String())
		}
	}
}

// What is written to a terminal needs no progress beside it.
func TestProgressOfAnAnswer(t *testing.T) {
	for _, terminal := range []bool{false, true} {
		var stderr bytes.Buffer
		s := &session{Env: Env{Stderr: &stderr, StderrTerminal: true, StdoutTerminal: terminal}}
		p := s.newProgress("writing")
		p.began, p.last = time.Now().Add(-time.Second), time.Now().Add(-time.Second)
		for range 1500 {
			p.add()
		}
		p.clear()
		if terminal {
			assert.Empty(t, stderr.String())
		} else {
			assert.Equal(t, "\r\x1b[Kaksim: writing, 1024 so far\r\x1b[K", stderr.String())
		}
	}
}
