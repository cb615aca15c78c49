##@ Demo

.PHONY: demo
demo: $(INSTALLED) ## From nothing to verified MCP servers on a real Kubernetes; KUBECONFIG= with REGISTRY= or IMAGE= uses yours
	@node hack/demo/main.ts up

.PHONY: demo-approval
demo-approval: $(INSTALLED) ## A failing check becomes a request, people decide, a fix is made, and one is taken back; where demo runs
	@node hack/demo/main.ts approval

.PHONY: demo-down
demo-down: $(INSTALLED) ## Take both demos away and leave nothing running
	@node hack/demo/main.ts down
