# The commands of the project; each sets up what it needs in .venv, once.
.PHONY: demo test book release bench lint clean
.DELETE_ON_ERROR:

PYTHON = .venv/bin/python

demo: .venv/ready       ## book, student notebook, a class graded in the sandbox
	$(PYTHON) -m autograde demo

test: .venv/ready       ## everything that must hold
	$(PYTHON) -m pytest

book: .venv/ready       ## the pages; or: make book EDITION=open, EDITION=instructor
	$(PYTHON) -m book $(EDITION)

release: .venv/ready    ## chapters to student notebooks, in notebooks/
	$(PYTHON) -m autograde release

bench: .venv/ready      ## layers and grading, as ratios
	$(PYTHON) -m benchmarks

lint: .venv/ready       ## style and types
	.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy

clean:                  ## forget what was built (not .venv, not submissions)
	rm -rf _build

.venv/ready: pyproject.toml constraints.txt .ci/setup
	sh .ci/setup
