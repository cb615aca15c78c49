##@ Performance

.PHONY: bench
bench: bundle ## Measure the operator on a real API server: N=1000 RUNS=3 [PHASES=burst,edits or PHASES=history or PHASES=approval]
	node test/bench/main.ts

.PHONY: bench-compare
bench-compare: bundle ## Measure this checkout and BASE=REVISION in turn, and print both
	@test -n "$(BASE)" || { echo "bench-compare needs BASE=REVISION, such as BASE=HEAD~1" >&2; exit 1; }
	node test/bench/main.ts
