#!/bin/sh
# tools/setup.sh run|dev: make .venv from the lock, on whatever a bare Debian or Ubuntu brings; nothing to do if it stands.
# What is missing is installed where we may; where we may not, one sentence says which one command mends it.
set -u
kind=${1:-run}
# Of the caller's Python nothing may come in.
unset PYTHONHOME PYTHONPATH PIP_USER PIP_TARGET PIP_PREFIX PIP_REQUIRE_VIRTUALENV PIP_CONSTRAINT VIRTUAL_ENV
export PYTHONUTF8=1 LC_ALL=C.UTF-8 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore PIP_NO_INPUT=1

fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

. tools/apt.sh

good() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
    for python in python3 python3.14 python3.13 python3.12 python3.11 /usr/bin/python3; do
        if good "$python"; then return 0; fi
    done
    return 1
}

# ---- The folder ----------------------------------------------------------------------------------------------------

here=$(pwd)
if ! { [ -w . ] && [ -x . ]; } 2>/dev/null; then
    owner=$(stat -c %U . 2>/dev/null || echo '?')
    fail "目录 $here 属于 $owner，当前用户不能写。Not writable; run: sudo chown -R $(id -un) '$here'"
fi
for mine in .venv .venv/bin .venv/ok-run .venv/ok-dev; do
    if [ -e $mine ] && [ ! -w $mine ]; then
        fail "$here/$mine 属于另一个用户。It belongs to another user; run: sudo chown -R $(id -un) '$here'"
    fi
done

# Two that begin at once: the second waits and finds all done. The kernel lets go of the lock whatever way we end.
if command -v flock >/dev/null 2>&1; then
    exec 9>.venv.lock || exit 1
    flock 9
fi

case $kind in
    run) lock=requirements.lock ;;
    dev) lock=requirements-dev.lock ;;
    *) fail "usage: tools/setup.sh run|dev" ;;
esac

# What a standing .venv was made from: another lock, another folder (its scripts name it) and it is made again.
fingerprint() { printf '%s %s\n' "$(cat "$1" pyproject.toml | cksum)" "$here"; }
stands() { [ "$(cat ".venv/ok-$1" 2>/dev/null)" = "$(fingerprint "$2")" ] && good .venv/bin/python; }
# What developing needs holds all that running needs, at the same versions.
if stands dev requirements-dev.lock || { [ "$kind" = run ] && stands run requirements.lock; }; then exit 0; fi

# ---- Python --------------------------------------------------------------------------------------------------------

if ! find_python; then
    if may_install; then
        install python3 || true
        if ! find_python; then
            for version in 3.14 3.13 3.12 3.11; do
                if install_quietly "python$version"; then break; fi
            done
        fi
    fi
    find_python || fail "需要 Python 3.11 或更新。Python 3.11 or newer is needed; run: sudo apt-get install python3" \
        "(Debian 12 / Ubuntu 24.04 or newer)"
fi
if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
    package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    if may_install; then install "$package" || install python3-venv; fi
    "$python" -c 'import ensurepip, venv' >/dev/null 2>&1 ||
        fail "缺少 $package。It is missing; run: sudo apt-get install $package"
fi

# ---- The environment -----------------------------------------------------------------------------------------------

said=$(mktemp) || fail "不能写 ${TMPDIR:-/tmp}：磁盘已满或没有权限。Cannot write there; run: df -h ${TMPDIR:-/tmp}"
trap 'rm -f "$said"' EXIT
trap 'exit 130' INT TERM HUP

explain() {
    if grep -q -e 'No space left' -e 'Errno 28' -e 'quota exceeded' "$said"; then
        fail "磁盘已满。The disk is full; run: df -h '$here' ${TMPDIR:-/tmp}"
    fi
    if grep -q -i -e 'hash' -e 'DO NOT MATCH' "$said" && grep -q -e 'DO NOT MATCH' "$said"; then
        fail "下载的包与锁不符，已拒绝安装。A package does not match its hash in $lock; run it again, or check the index."
    fi
    if grep -q -i -e 'connection' -e 'resolution' -e 'No matching distribution' -e 'timed out' "$said"; then
        tail -n 3 "$said" >&2
        fail "没有取到依赖包。The packages could not be fetched; check the network, then run it again"
    fi
    tail -n 20 "$said" >&2
    fail "没有装成。It could not be installed, for the reason above; mend that and run it again"
}

if [ "$kind" = run ]; then echo "安装依赖 Installing what is needed into .venv …"; else echo "安装开发依赖 Installing what developing needs into .venv …"; fi
rm -f .venv/ok-run .venv/ok-dev
if ! good .venv/bin/python || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    rm -rf .venv || fail "不能重建 .venv。It cannot be made again; run: sudo rm -rf '$here/.venv'"
    "$python" -m venv .venv >"$said" 2>&1 || explain
fi
# Relative, and through -m: a script's first line may hold 127 bytes, and a clone's path may have more.
pip() { .venv/bin/python -m pip "$@" >"$said" 2>&1; }
take() { pip install --require-hashes -r "$lock" && pip install --no-deps --no-build-isolation -e .; }
if ! take; then
    # An environment that was half made, or made by hand, may be beyond mending: once more from nothing.
    grep -q -e 'No space left' -e 'DO NOT MATCH' "$said" && explain
    rm -rf .venv
    { "$python" -m venv .venv >"$said" 2>&1 && take; } || explain
fi
fingerprint "$lock" >".venv/ok-$kind" || explain
