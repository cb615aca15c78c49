##@ Faults

.PHONY: faults-bite
faults-bite: $(INSTALLED) ## Plant known bugs in a copy of the runtime and show that a test notices each
	node test/faults/main.ts
