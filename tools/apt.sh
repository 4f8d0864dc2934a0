# Read by the other scripts: may we install, and install. Debian and Ubuntu.

may_install() {
    command -v apt-get >/dev/null 2>&1 || return 1
    [ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

install_quietly() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
        -o DPkg::Lock::Timeout=120 "$@" >/dev/null 2>&1 </dev/null
}

install() {
    echo "apt-get install $*" >&2
    install_quietly "$@" && return 0
    # A bare image has no list of packages, or an old one.
    as_root apt-get update -q >/dev/null 2>&1 </dev/null
    install_quietly "$@"
}
