##@ Model Context Protocol

.PHONY: test-python-servers
test-python-servers: $(INSTALLED) ## Probe servers of the official Python package (needs Python 3 with venv, and its package index)
	node hack/python-servers/main.ts
