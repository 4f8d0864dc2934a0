"""nginx as Debian ships it, with one worker and its access log, serving one file."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from bench.figures import CannotMeasure
from bench.programs import answers, free_port, patiently
from chengxin.pipeline.processes import Child, stop

# Debian's own /etc/nginx/nginx.conf, but for the number of workers, the paths, and TLS, which nobody speaks here.
CONFIGURATION = """\
{user}worker_processes 1;
pid {folder}/pid;
error_log {folder}/error.log;
daemon off;
events {{ worker_connections 768; }}
http {{
    sendfile on;
    tcp_nopush on;
    types_hash_max_size 2048;
    default_type "text/html; charset=utf-8";
    access_log {folder}/access.log;
    gzip on;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        root {folder}/pages;
    }}
}}
"""


@contextlib.contextmanager
def serving(page: bytes, *, path: str, folder: Path) -> Iterator[str]:
    """Serve a page at a path while the block runs; give the address of the server.

    :raises CannotMeasure: nginx is not installed, or does not answer.
    """
    # Debian keeps it where an ordinary user's PATH does not look.
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if program is None:
        raise CannotMeasure("nginx is not installed: apt-get install nginx")
    file = folder / "pages" / path.lstrip("/")
    file.parent.mkdir(parents=True)
    file.write_bytes(page)
    file.chmod(0o644)
    for parent in file.parents:
        if parent == folder.parent:
            break
        parent.chmod(0o755)
    port = free_port()
    # As root its worker becomes somebody else, who must be able to read the page.
    user = "user nobody nogroup;\n" if os.geteuid() == 0 else ""
    configuration = folder / "nginx.conf"
    configuration.write_text(CONFIGURATION.format(folder=folder, port=port, user=user))
    child = Child("nginx", (program, "-c", str(configuration), "-e", str(folder / "error.log")), {})
    child.start()
    try:
        patiently(lambda: answers(f"http://127.0.0.1:{port}{path}"), seconds=10, what="nginx", process=child.process)
        yield f"http://127.0.0.1:{port}"
    finally:
        stop([child])
