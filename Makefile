# The two commands are `make demo` and `make test`. git, make and Python are all they ask for.

PORT ?= 8000
HOST ?= 127.0.0.1
DATA ?= var
SIZE ?= 2000
SEED ?= 1
ARGS ?=

# Chinese is read and printed whatever the machine's locale says; a Python of the caller's has no say in ours.
export PYTHONUTF8 = 1
export LC_ALL = C.UTF-8
unexport PYTHONPATH PYTHONHOME
PYTHON = .venv/bin/python

.PHONY: help demo run test check fix bench docs
.DEFAULT_GOAL := help

help: ## 列出这些命令 list these commands
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1	\2/p' Makefile | expand -t 16

demo: ## 一条命令跑起来 demo data and both doors (PORT=8000 DATA=var SIZE=2000 HOST=lan)
	@sh tools/setup.sh run
	@exec $(PYTHON) -m chengxin demo --data "$(DATA)" --size $(SIZE) --seed $(SEED) \
		--serve --leash --port $(PORT) --host "$(HOST)"

run: ## 不装示范数据，只启动服务 both doors on what is there (PORT= DATA= HOST=)
	@sh tools/setup.sh run
	@exec $(PYTHON) -m chengxin serve --data "$(DATA)" --leash --port $(PORT) --host "$(HOST)"

test: ## 全部测试 everything: checks, real PostgreSQL, real browser (ARGS="tests/terms -k …")
	@sh tools/setup.sh dev
	@sh tools/chromium.sh
	@sh tools/check.sh; checks=$$?; \
	$(PYTHON) -m pytest -n 2 --dist loadfile $(ARGS) && { [ $$checks -eq 0 ] || echo "make check found something: see above" >&2; } \
	&& exit $$checks

check: ## 不运行代码的检查 lint, format, walls, types, migrations
	@sh tools/setup.sh dev
	@sh tools/check.sh

fix: ## 自动改正格式 format, and fix what lint can fix
	@sh tools/setup.sh dev
	@$(PYTHON) -m ruff check --fix . ; $(PYTHON) -m ruff format .

bench: ## 测速 measure the numbers of docs/bench.md, side by side
	@sh tools/setup.sh dev
	@exec $(PYTHON) -m bench $(ARGS)

docs: ## 检查文档与代码一致 compare what is written with what is true
	@sh tools/setup.sh dev
	@exec $(PYTHON) -m pytest -q tests/house/test_docs.py
