"""`chengxin serve`: serve both doors."""

from __future__ import annotations

import argparse
import json

DJANGO = True
DATABASE = False  # it looks for a taken port first, and starts the database itself
HELP = "启动公众端、信用办端和后台进程，Ctrl-C 全部停止"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "--port", type=int, default=8000, metavar="N", help="公众端的端口；信用办端用下一个（默认 8000）"
    )
    parser.add_argument(
        "--host", default="127.0.0.1", metavar="ADDR", help="监听地址；lan 表示局域网内都可访问（默认 127.0.0.1）"
    )
    # The Makefile's: whoever started us was killed, and nobody is left to press Ctrl-C.
    parser.add_argument("--leash", action="store_true", help=argparse.SUPPRESS)
    parser.epilog = "例：chengxin serve --port 8010\n    chengxin serve --host lan --data /srv/chengxin"


def run(args: argparse.Namespace) -> int:
    """Serve until told to stop."""
    from chengxin.pipeline import serve

    serve.serve(
        host=args.bind, port=args.port, environment=args.environment, announce=lambda: announce(as_json=args.json)
    )
    return 0


def announce(*, as_json: bool) -> None:
    """Say where the doors are."""
    from django.conf import settings

    if as_json:
        print(json.dumps({"public": settings.PUBLIC_URL, "office": settings.OFFICE_URL, "code": settings.CODE_URL}))
    else:
        print(f"公众端    {settings.PUBLIC_URL}\n信用办端  {settings.OFFICE_URL}", flush=True)
