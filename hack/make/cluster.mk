##@ Cluster

IMAGE ?= localhost/mcp-operator:dev
OLDEST_KUBERNETES := 1.33.13
NEWEST_KUBERNETES := 1.37.2

.PHONY: cluster-up
cluster-up: $(INSTALLED) ## Start a real Kubernetes on this machine; CLUSTER_INSTANCE=1..15 starts others beside it
	@node hack/cluster/main.ts up

.PHONY: cluster-down
cluster-down: $(INSTALLED) ## Stop exactly what cluster-up started
	@node hack/cluster/main.ts down

.PHONY: cluster-load
cluster-load: $(INSTALLED) ## Bring IMAGE (a tag, or the path of an archive) to the cluster's node
	@node hack/cluster/main.ts load $(IMAGE)

.PHONY: image
image: bundle ## Build the operator's image as IMAGE, on BASE where it is set
	@node hack/cluster/main.ts image --tag $(IMAGE)

.PHONY: test-versions
test-versions: $(INSTALLED) ## Run the integration tests on the oldest and the newest Kubernetes served
	KUBERNETES_VERSION=$(OLDEST_KUBERNETES) npm run --silent test:integration
	KUBERNETES_VERSION=$(NEWEST_KUBERNETES) npm run --silent test:integration
