#!/bin/sh
# Have Debian's Chromium for the browser tests, where we may install it; say plainly where not.
set -u
. tools/apt.sh

# Run, not only found: Ubuntu's package is a stub that wants snap.
works() { chromium --version >/dev/null 2>&1; }

if works; then exit 0; fi
if may_install; then install chromium fonts-noto-cjk; fi
if works; then exit 0; fi
if [ "${CI:-}" = true ]; then
    echo "浏览器测试不能运行：没有 Chromium。The browser tests cannot run: no Chromium; run: sudo apt-get install chromium" >&2
    exit 1
fi
echo "跳过浏览器测试：没有 Chromium。Skipping the browser tests: no Chromium; to run them: sudo apt-get install chromium" >&2
