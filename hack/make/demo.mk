##@ Demo

.PHONY: demo
demo: $(INSTALLED) ## From nothing to verified MCP servers on a real Kubernetes; KUBECONFIG= with REGISTRY= or IMAGE= uses yours
	@node hack/demo/main.ts up

.PHONY: demo-down
demo-down: $(INSTALLED) ## Take the demo away and leave nothing running
	@node hack/demo/main.ts down
