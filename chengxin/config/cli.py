"""The command line: `chengxin COMMAND …`. `--help` and `verify` load no Django.

A command is a module of `pipeline/commands` with HELP, `configure(parser)`, `run(args)`, and two declarations: DJANGO
(whether it needs it) and DATABASE (whether the database must be running, or a function of the arguments that says so;
it must, unless said otherwise).
"""

# ruff: noqa: TID251 — this is config: what is said on the command line goes to where settings look for it

from __future__ import annotations

import argparse
import contextlib
import importlib
import importlib.util
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType

from chengxin.config import addresses
from chengxin.config.installation import Installation, data_folder
from chengxin.pipeline.processes import GaveUp, die_with_parent
from chengxin.pipeline.server import CannotStart, Server

COMMANDS = (
    "demo",
    "init",
    "serve",
    "intake",
    "template",
    "issue",
    "print",
    "carriers",
    "verify",
    "withdraw",
    "keys",
    "units",
    "account",
    "client",
    "trail",
    "areas",
    "flow",
)
PACKAGE = "chengxin.pipeline.commands"
EPILOG = """\
例 examples:
  chengxin demo --size 2000                                   示范数据 demo data
  chengxin serve --port 8000                                  启动服务 serve both doors
  chengxin intake 行政处罚.csv --kind penalty                 归集 take in an official file
  chengxin template penalty                                   填报模板 a workbook to fill in
  chengxin issue 91230402MA1CTE575Q --consent 申领表2026-017   签发 issue a code
  chengxin print poster --subject 91230402MA1CTE575Q --out 海报.pdf   印制 print a poster
  chengxin verify HTTP://LOCALHOST:8000/C/… --json            核验 verify a code
  chengxin COMMAND --help                                     每个命令的说明 help on one command
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return what the shell is told: 0 done, 1 refused, 2 wrong usage, 130 interrupted."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # Chinese is printed under any locale
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    commands = {name: importlib.import_module(f"{PACKAGE}.{name}") for name in _standing()}
    try:
        try:
            args = _parser(commands).parse_args(argv)
            return _run(commands[args.command], args)
        finally:
            sys.stdout.flush()  # here, where it may fail in our hands
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read us (`| head`) has enough. The interpreter's last flush must not complain either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except (addresses.NoAddress, CannotStart, GaveUp) as error:
        return _refuse(str(error))
    except OSError as error:
        return _refuse(_explain(error))


def _standing() -> list[str]:
    return [name for name in COMMANDS if importlib.util.find_spec(f"{PACKAGE}.{name}")]


def _parser(commands: dict[str, ModuleType]) -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    # Not given is not the same as given empty: before the command or after it, whichever is said holds.
    shared.add_argument(
        "--data",
        metavar="DIR",
        default=argparse.SUPPRESS,
        help="数据目录 which installation（默认 CHENGXIN_DATA，否则 var）",
    )
    parser = argparse.ArgumentParser(
        prog="chengxin",
        description="诚信码：给每个经营主体一个码，扫码看公共信用信息。\nA public-credit QR code for every business.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        parents=[shared],
    )
    rooms = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", title="命令 commands")
    for name, command in commands.items():
        room = rooms.add_parser(
            name,
            help=command.HELP,
            description=command.HELP,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            parents=[shared],
        )
        room.add_argument("--json", action="store_true", help="以 JSON 输出 report as JSON")
        command.configure(room)
    return parser


def _run(command: ModuleType, args: argparse.Namespace) -> int:
    if getattr(args, "leash", False):
        import signal

        die_with_parent(os.getppid(), by=signal.SIGTERM)
    environment = os.environ
    environment["CHENGXIN_DATA"] = str(
        Path(args.data).expanduser().resolve() if getattr(args, "data", "") else data_folder()
    )
    if "port" in args and "host" in args and getattr(args, "serve", True):
        args.bind, name = addresses.bind_and_name(args.host)
        environment.update(addresses.urls(name=name, port=args.port, said=environment))
    args.environment = dict(environment)
    args.installation = Installation(data_folder())
    args.code_urls = addresses.code_urls_of(environment, args.installation.served())
    needs = getattr(command, "DATABASE", True)
    needs_database = needs(args) if callable(needs) else needs
    if not command.DJANGO:
        with _bare_database() if needs_database else contextlib.nullcontext():
            status: int = command.run(args)
        return status
    os.environ["DJANGO_SETTINGS_MODULE"] = "chengxin.config.settings"
    import django

    from chengxin.credit.records.catalogue import Broken

    try:
        django.setup()
    except Broken as error:  # a city's own kind of record
        return _refuse(str(error))
    from chengxin.pipeline.refusals import REFUSALS
    from chengxin.pipeline.serve import database

    try:
        with database() if needs_database else contextlib.nullcontext():
            status = command.run(args)
    except REFUSALS as error:
        return _refuse(str(error))
    return status


@contextlib.contextmanager
def _bare_database() -> Iterator[None]:
    """Have the embedded server running, where there is one; without it a command says what it can."""
    installation = Installation(data_folder())
    server = Server(
        installation.postgres, socket=installation.socket, password=installation.secret("office", "database")
    )
    if not os.environ.get("DATABASE_URL") and server.cluster.exists():
        with contextlib.suppress(CannotStart):
            server.start()
    try:
        yield
    finally:
        server.leave()


def _refuse(sentence: str) -> int:
    print(f"chengxin: {sentence.strip().splitlines()[0]}", file=sys.stderr)
    return 1


def _explain(error: OSError) -> str:
    where = error.filename or data_folder()
    if error.errno == 28:  # ENOSPC
        return f"{where} 所在的磁盘已满：请腾出空间，或另用一个数据目录（--data 目录）。"
    if isinstance(error, PermissionError):
        return f"没有权限使用 {where}：请换一个数据目录（--data 目录），或把它交给当前用户（sudo chown -R $USER {where}）。"
    return f"{error.strerror or error}：{where}"


if __name__ == "__main__":
    sys.exit(main())
