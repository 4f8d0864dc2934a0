"""The main job, whole: official files go in, a code is issued, a phone scans it, things change, the code is withdrawn."""

from __future__ import annotations

import contextlib
import csv
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from chengxin.terms import uscc
from tests.pipeline.test_serve import ENVIRONMENT, Serving, offspring, until
from tests.public.door import promised

SHOP = uscc.compose(department="9", body="2", division="230421", serial="MB990017")
UNKNOWN = uscc.compose(department="9", body="1", division="231102", serial="MB990018")
REGISTRY = {
    "主体名称": "鹤岗市萝北县老渡口饺子馆",
    "统一社会信用代码": SHOP,
    "经营者": "王小明",
    "主体类型": "个体工商户",
    "成立日期": "2019年5月1日",
    "经营场所": "萝北县凤翔镇江滨路18号",
    "登记机关": "萝北县市场监督管理局",
    "登记状态": "存续（在营、开业、在册）",
    "行业代码": "H6210",
    "行政区划": "230421",
}
LICENCE = {
    "行政相对人名称": "鹤岗市萝北县老渡口饺子馆",
    "行政相对人类别": "个体工商户",
    "行政相对人代码_1(统一社会信用代码)": SHOP,
    "法定代表人": "王小明",
    "行政许可决定文书名称": "食品经营许可",
    "行政许可决定文书号": "萝市监许〔2023〕12号",
    "许可类别": "普通",
    "许可证书名称": "食品经营许可证",
    "许可编号": "JY22304210017745",
    "许可内容": "热食类食品制售",
    "许可决定日期": "2023/05/21",
    "有效期自": "2023/05/21",
    "有效期至": "2099/12/31",
    "许可机关": "萝北县市场监督管理局",
    "许可机关统一社会信用代码": "11230500001755309F",
    "当前状态": "1",
    "数据来源单位": "萝北县市场监督管理局",
    "数据来源单位统一社会信用代码": "11230500001755309F",
}


def write(path: Path, *rows: dict[str, str]) -> Path:
    """Write rows as an office's spreadsheet program saves them: CSV in GB18030."""
    with path.open("w", encoding="gb18030", newline="") as file:
        table = csv.DictWriter(file, fieldnames=list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    return path


class City:
    """An installation that is being served, and its command line."""

    def __init__(self, serving: Serving) -> None:
        self.serving = serving
        self.data = serving.data
        self.port = serving.port

    def chengxin(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "chengxin", *words, "--data", str(self.data)],
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
            env=ENVIRONMENT,
        )

    def report(self, *words: str) -> dict[str, object]:
        done = self.chengxin(*words, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def get(self, url: str) -> tuple[int, str]:
        asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with contextlib.closing(asked):
            asked.request("GET", urlsplit(url).path)
            answer = asked.getresponse()
            return answer.status, answer.read().decode()


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    serving = Serving(tmp_path_factory.mktemp("city") / "var")
    serving.start()
    try:
        yield City(serving)
    finally:
        serving.stop()


@pytest.fixture(scope="module")
def code(city: City, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address in the QR code of the shop, once its records are in."""
    folder = tmp_path_factory.mktemp("files")
    counts = ("rows", "accepted", "unchanged", "rejected", "waiting")
    taken = city.report("intake", str(write(folder / "登记.csv", REGISTRY)), "--kind", "subject")
    assert [taken[name] for name in counts] == [1, 1, 0, 0, 0]
    stranger = LICENCE | {"行政相对人代码_1(统一社会信用代码)": UNKNOWN, "行政许可决定文书号": "许〔2023〕99号"}
    taken = city.report("intake", str(write(folder / "许可.csv", LICENCE, stranger)), "--kind", "licence")
    assert [taken[name] for name in counts] == [2, 1, 0, 1, 1]
    assert Path(str(taken["feedback"])).is_file()
    (issued,) = city.report("issue", SHOP, "--consent", "申领表 2026-017")  # type: ignore[misc]
    assert set(issued) >= {"uscc", "serial", "url"}
    return str(issued["url"])


def seconds_until(holds) -> float:
    began = time.monotonic()
    until(holds)
    return time.monotonic() - began


def test_the_scan_shows_the_true_page(city: City, code: str) -> None:
    until(lambda: city.get(code)[0] == 200)

    _, page = city.get(code)

    assert "鹤岗市萝北县老渡口饺子馆" in page
    assert "食品经营许可证" in page
    assert "萝北县市场监督管理局" in page
    assert "王小明" not in page, "the keeper of a stall is named no further than needed"
    assert city.chengxin("verify", code).returncode == 0


def test_the_same_file_again_changes_nothing(city: City, code: str, tmp_path: Path) -> None:
    again = city.report("intake", str(write(tmp_path / "许可.csv", LICENCE)), "--kind", "licence")

    assert (again["accepted"], again["unchanged"]) == (0, 1)


def test_a_changed_record_is_on_the_page_within_a_second_of_the_intake(city: City, code: str, tmp_path: Path) -> None:
    until(lambda: city.get(code)[0] == 200)
    changed = write(tmp_path / "更正.csv", LICENCE | {"许可内容": "热食类、冷食类食品制售"})

    city.report("intake", str(changed), "--kind", "licence")

    assert seconds_until(lambda: "冷食类" in city.get(code)[1]) < promised(1)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda url: url[:-2] + ("1" if url[-2] == "0" else "0") + url[-1],
        lambda url: url + "X" * 10_000,
        lambda url: url[:-20] + "%D0%96",
    ],
)
def test_a_spoilt_code_gets_a_verdict(city: City, code: str, spoil) -> None:
    status, page = city.get(spoil(code))

    assert status == 404
    assert "不是" in page
    assert city.chengxin("verify", spoil(code)).returncode == 4


def test_a_file_that_cannot_be_read_is_one_sentence_and_loads_nothing(city: City, tmp_path: Path) -> None:
    path = tmp_path / "许可.xlsx"
    path.write_bytes(b"PK\x03\x04 not a workbook")

    done = city.chengxin("intake", str(path), "--kind", "licence")

    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert re.search(r"[一-鿿]", done.stderr)


def test_a_public_process_that_lost_its_database_shows_nothing_stale(city: City, code: str) -> None:
    until(lambda: city.get(code)[0] == 200)
    head = city.serving.postmaster()
    assert head
    family = [head, *offspring(head)]
    for pid in family:
        os.kill(pid, signal.SIGSTOP)
    try:
        time.sleep(1.5)
        began = time.monotonic()
        status, page = city.get(code)
        assert time.monotonic() - began < promised(3)
        assert status == 503
        assert "老渡口" not in page
    finally:
        for pid in family:
            os.kill(pid, signal.SIGCONT)
    until(lambda: city.get(code)[0] == 200)


def test_a_withdrawn_code_is_withdrawn_at_once_also_with_the_pipeline_stopped(city: City, code: str) -> None:
    until(lambda: city.get(code)[0] == 200)
    (worker,) = city.serving.part("chengxin.pipeline.worker")
    os.kill(worker, signal.SIGSTOP)
    try:
        city.report("withdraw", SHOP, "--why", "主体申请停用")
        assert seconds_until(lambda: city.get(code)[0] == 410) < promised(1)
    finally:
        os.kill(worker, signal.SIGCONT)

    assert "老渡口" not in city.get(code)[1]
    assert city.chengxin("verify", code).returncode == 3
    time.sleep(1.5)
    assert city.get(code)[0] == 410, "the pipeline must not bring it back"


def test_without_a_consent_a_code_stays_pending(city: City, code: str) -> None:
    (issued,) = city.report("issue", SHOP)  # type: ignore[misc]

    assert issued["state"] == "pending"
    assert city.get(str(issued["url"]))[0] == 404
    assert city.chengxin("verify", str(issued["url"])).returncode == 3
