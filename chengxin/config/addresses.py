"""Where the two doors are, worked out from `--host` and `--port`. No Django."""

from __future__ import annotations

import socket
from collections.abc import Mapping


class NoAddress(Exception):
    """No address to listen at; the message is one sentence that says what mends it."""


def bind_and_name(host: str) -> tuple[str, str]:
    """Return the address to listen at, and the name that people type.

    :raises NoAddress: this machine has no address in a local network.
    """
    if host in ("127.0.0.1", "localhost", ""):
        return "127.0.0.1", "localhost"
    if host in ("lan", "0.0.0.0"):  # noqa: S104 — asked for
        return "0.0.0.0", _lan()  # noqa: S104 — asked for
    return host, host


def urls(*, name: str, port: int, said: Mapping[str, str]) -> dict[str, str]:
    """Return the settings that say where the doors are, save those that the user has set.

    >>> urls(name="localhost", port=8000, said={"PUBLIC_URL": "https://xyma.example"})["CODE_URL"]
    'https://xyma.example'
    """
    public = said.get("PUBLIC_URL") or f"http://{name}:{port}"
    office = said.get("OFFICE_URL") or f"http://{name}:{port + 1}"
    return {"PUBLIC_URL": public, "OFFICE_URL": office, "CODE_URL": said.get("CODE_URL") or public}


def code_urls(*said: str) -> tuple[str, ...]:
    """Return what may stand before `/C/…` in a code of ours: each once, in capitals, as it is printed.

    >>> code_urls("https://xyma.example/", "https://old.example/xy", "HTTPS://XYMA.EXAMPLE", "")
    ('HTTPS://XYMA.EXAMPLE', 'HTTPS://OLD.EXAMPLE/XY')
    """
    return tuple(dict.fromkeys(url for each in said if (url := each.strip().rstrip("/").upper())))


def code_urls_of(said: Mapping[str, str], served: Mapping[str, str]) -> tuple[str, ...]:
    """Return the same from the environment, and from where `serve` last served: for the command line without Django."""
    public = said.get("PUBLIC_URL") or served.get("public", "http://localhost:8000")
    code = said.get("CODE_URL") or served.get("code", public)
    return code_urls(code, *said.get("CODE_URLS_BEFORE", "").split(","), public)


def _lan() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Nothing is sent: the kernel only chooses the address that it would send from. 192.0.2.1 is nobody's.
            probe.connect(("192.0.2.1", 9))
            found = str(probe.getsockname()[0])
        except OSError:
            found = "127.0.0.1"
    if found.startswith("127."):
        raise NoAddress("没有找到本机的局域网地址：请直接写出地址（make demo HOST=192.168.…），或先连上网络。")
    return found
