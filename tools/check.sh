#!/bin/sh
# Everything that can be said about the code without running it. Goes through to the end, then fails if anything did.
set -u
failed=
say() { printf '== %s\n' "$1"; }
try() {
    say "$1"
    shift
    "$@" || failed=yes
}
# Settings make an installation's secrets where there are none: not in the developer's own data folder.
data=$(mktemp -d) || exit 1
trap 'rm -rf "$data"' EXIT
export CHENGXIN_DATA="$data"
try "ruff check" .venv/bin/python -m ruff check .
try "ruff format" .venv/bin/python -m ruff format --check .
try "lint-imports" .venv/bin/python -c 'import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())' --no-cache
try "mypy" .venv/bin/python -m mypy chengxin
# No database is asked: only models and migrations are compared.
try "makemigrations --check" env DJANGO_SETTINGS_MODULE=chengxin.config.settings \
    .venv/bin/python -W ignore::RuntimeWarning -m django makemigrations --check --dry-run
[ -z "$failed" ]
