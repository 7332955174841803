package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRun(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run(&out, "data", "postgres", "../prod"))
	assert.Contains(t, out.String(), "app/api -> data/postgres: TCP 5432\n")
	assert.Contains(t, out.String(), "get secrets in data: group/7c1b6f0e-52d4-4a0e-9b53-0f3d6a1c8e21: allowed\n")
	assert.ErrorContains(t, run(&out, "data", "postgers", "../prod"), `did you mean "data/postgres"?`)
}
