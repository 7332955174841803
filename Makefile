.PHONY: test difftest lint fuzz golden bench planted-bugs ci

test:
	go test ./...

# The engine against independent engines, in a module of its own.
difftest:
	go -C difftest test ./...

lint:
	go tool -modfile=tools/go.mod golangci-lint run ./...

# A minute for each fuzz target: make fuzz FUZZTIME=10m for more.
FUZZTIME ?= 1m
fuzz:
	@go list ./... | while read -r p; do \
	  go test "$$p" -list '^Fuzz' | sed -n '/^Fuzz/p' | while read -r t; do \
	    go test "$$p" -run '^$$' -fuzz "^$$t\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1s || exit 1; \
	  done || exit 1; \
	done

# Rewrites the expected outputs; read the diff.
golden:
	go test ./pkg/netsim ./pkg/rbacsim ./internal/cli -run 'Corpus|Script' -update

# The figures of docs/performance.md.
bench:
	go test ./pkg/netsim ./pkg/rbacsim ./pkg/rbacsim/azure ./pkg/identity -run '^$$' -bench . -timeout 1h
	go test ./pkg/model/manifest -run '^$$' -bench 'Load|RoleAssignments' -benchtime 5x

# Plants each bug of the catalogues in the engines and sees whether the tests
# notice. Takes some minutes.
planted-bugs:
	go test ./pkg/netsim ./pkg/rbacsim ./pkg/rbacsim/azure ./pkg/identity -run TestPlantedBugs -plant -v -timeout 2h

ci:
	.ci/run
