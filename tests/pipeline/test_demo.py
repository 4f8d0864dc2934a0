"""The demo: its files are what they claim to be, the same every time; loading it may be cut off anywhere."""

from __future__ import annotations

import argparse
import contextlib
import csv
import hashlib
import json
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import openpyxl
import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from chengxin.board import card
from chengxin.config.installation import Installation
from chengxin.credit.publishing import city
from chengxin.credit.records import catalogue, rules
from chengxin.ingest.models import Batch, ZeroReport
from chengxin.people import bindings, sight
from chengxin.people.models import Unit, User
from chengxin.people.trail import Refused
from chengxin.pipeline import serve
from chengxin.pipeline.commands import demo as command
from chengxin.pipeline.demo import businesses, files, issuing, load, owners, records, units, words
from chengxin.pipeline.demo.businesses import World
from chengxin.pipeline.demo.plan import FATES, Planned, walk
from chengxin.terms import division, industry, privacy, uscc
from tests import make

TODAY = date(2026, 11, 23)
WORLD = World(seed=1, today=TODAY)
MANY = 12_000


@pytest.fixture(scope="module")
def planned() -> list[Planned]:
    return list(walk(WORLD, MANY))


def write(folder: Path, *, size: int = 400, seed: int = 1, today: date = TODAY) -> Path:
    files.write(folder=folder, size=size, seed=seed, today=today)
    return folder


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def rows_of(path: Path, form: files.Form) -> Iterator[list[str]]:
    """Yield header and rows of a file as text."""
    if form.encoding == "xlsx":
        with contextlib.closing(openpyxl.load_workbook(path, read_only=True)) as book:
            for row in book.worksheets[0].iter_rows(values_only=True):
                yield ["" if value is None else str(value) for value in row]
    else:
        with path.open(encoding=form.encoding, newline="") as file:
            yield from csv.reader(file)


# ---- The files ---------------------------------------------------------------------------------------------------


def test_the_same_size_seed_and_day_give_the_same_bytes(tmp_path: Path) -> None:
    assert digests(write(tmp_path / "once")) == digests(write(tmp_path / "again"))


@pytest.mark.parametrize("other", [{"seed": 2}, {"today": date(2026, 11, 24)}], ids=["another seed", "another day"])
def test_another_seed_or_day_gives_other_files(tmp_path: Path, other: dict[str, Any]) -> None:
    one, two = digests(write(tmp_path / "one")), digests(write(tmp_path / "two", **other))
    assert one["02-个体工商户登记.csv"] != two["02-个体工商户登记.csv"]


def test_a_business_is_the_same_in_a_demo_of_any_size() -> None:
    assert WORLD.business(77) == World(seed=1, today=TODAY).business(77)
    assert [one.business for one in walk(WORLD, 50)] == [one.business for one in walk(WORLD, 90)][:50]


def test_rows_that_are_not_wrong_on_purpose_pass_every_check(tmp_path: Path) -> None:
    write(tmp_path, size=4000)
    rows = wrong = 0
    found: Counter[str] = Counter()
    for form in files.FORMS:
        assert (tmp_path / form.name).exists()
        header, *body = rows_of(tmp_path / form.name, form)
        assert tuple(header) == form.columns
        kind = catalogue.kind(form.kind)
        assert not kind.missing(header), form.name
        check = rules.compile_checks(kind, header, today=TODAY, received_on=TODAY)
        errors = [problem.code for row in body for problem in check(row).problems if problem.level == "error"]
        spoilt = len(range(files._FIRST, len(body), files._EVERY + 1)) if form.breaks else 0
        assert len(errors) <= spoilt, f"{form.name}: {Counter(errors)}"
        rows, wrong = rows + len(body), wrong + spoilt
        found.update(errors)
    assert {"E01", "E02", "E04", "E07", "E12"} <= set(found)
    assert wrong / rows == pytest.approx(0.003, abs=0.001)


def test_the_files_come_in_the_encodings_of_real_ones(tmp_path: Path) -> None:
    write(tmp_path)
    assert (tmp_path / "01-企业登记.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert "行政许可决定文书号".encode("gb18030") in (tmp_path / "04-行政许可.csv").read_bytes()
    assert (tmp_path / "05-行政处罚.csv").read_bytes().startswith(b"CF_XDR_MC,")
    assert (tmp_path / "03-其他组织登记.xlsx").read_bytes().startswith(b"PK")


def test_the_directory_holds_whoever_the_files_name_and_no_code_twice(tmp_path: Path) -> None:
    write(tmp_path)
    rows = list(units._rows())
    codes = [row[2] for row in rows]
    assert len(set(codes)) == len(codes) and all(map(uscc.is_valid, codes))
    by_code = {row[2]: {row[0], row[1]} for row in rows}
    form = next(form for form in files.FORMS if form.kind == "licence")
    _, *body = rows_of(tmp_path / form.name, form)
    named = {(row[14], row[13]) for row in body if row[14] in by_code}
    assert named and all(name in by_code[code] for code, name in named)


def test_memory_does_not_grow_with_the_number_of_businesses(tmp_path: Path) -> None:
    write(tmp_path / "warm", size=200)
    peaks = []
    for size in (500, 1500):
        tracemalloc.start()
        write(tmp_path / str(size), size=size)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.2


def test_a_file_that_would_have_no_row_is_not_made(tmp_path: Path) -> None:
    write(tmp_path, size=2000)
    write(tmp_path, size=1)
    names = {path.name for path in tmp_path.iterdir()}
    assert "02-个体工商户登记.csv" in names and len(names) < len(files.FORMS)
    assert all(path.read_bytes().count(b"\n") > 1 for path in tmp_path.glob("*.csv"))


def test_a_later_file_corrects_an_earlier_one(tmp_path: Path) -> None:
    write(tmp_path, size=2000)
    by_name = {form.name: form for form in files.FORMS}
    first = {row[1]: row for row in rows_of(tmp_path / "01-企业登记.csv", by_name["01-企业登记.csv"])}
    first |= {row[1]: row for row in rows_of(tmp_path / "02-个体工商户登记.csv", by_name["02-个体工商户登记.csv"])}
    _, *changes = rows_of(tmp_path / "12-变更登记.csv", by_name["12-变更登记.csv"])
    assert changes
    assert all(change[:11] != first[change[1]][:11] for change in changes if change[1] in first)
    assert any(change[7] == "注销" for change in changes)


# ---- The businesses ----------------------------------------------------------------------------------------------


def test_every_uscc_is_valid_and_no_two_are_the_same(planned: list[Planned]) -> None:
    codes = [one.business.uscc for one in planned]
    assert len(set(codes)) == len(codes)
    assert all(uscc.is_valid(code) and uscc.Uscc(code).inner_digit_holds for code in codes)
    assert all(code[8:11] == businesses.RARE for code in codes)


@given(st.integers(0, businesses.SERIALS - 1), st.integers(0, businesses.SERIALS - 1), st.integers(0, 10**9))
def test_two_numbers_never_have_the_same_organisation_code(one: int, other: int, seed: int) -> None:
    same = businesses.serial(one, seed=seed) == businesses.serial(other, seed=seed)
    assert same == (one == other)


@pytest.mark.parametrize(
    ("prefix", "share"),
    [
        pytest.param("92", 0.66, id="individual businesses"),
        pytest.param("91", 0.31, id="enterprises"),
        pytest.param("93", 0.015, id="cooperatives"),
    ],
)
@pytest.mark.parametrize("size", [2000, MANY])
def test_the_kinds_have_their_shares(planned: list[Planned], prefix: str, share: float, size: int) -> None:
    found = sum(one.business.uscc.startswith(prefix) for one in planned[:size])
    assert found / size == pytest.approx(share, abs=0.005)


@pytest.mark.parametrize(("section", "share"), [("F", 0.50), ("H", 0.16), ("O", 0.10), ("G", 0.07), ("A", 0.05)])
def test_the_trades_of_individuals_have_their_shares(planned: list[Planned], section: str, share: float) -> None:
    shops = [one.business for one in planned if one.business.group == "individual"]
    found = sum(shop.trade.industry.startswith(section) for shop in shops)
    assert found / len(shops) == pytest.approx(share, abs=0.01)


SHOWN_DAYS = 365


@pytest.mark.parametrize(
    ("has", "low", "high"),
    [
        pytest.param(lambda one: one.coded, 0.50, 0.54, id="coded"),
        pytest.param(
            lambda one: any(records.licences(WORLD, one.business, heavy=one.heavy)), 0.43, 0.47, id="licensed"
        ),
        pytest.param(lambda one: any(records.commitments(WORLD, one.business)), 0.28, 0.32, id="committed"),
        pytest.param(lambda one: any(records.abnormal(WORLD, one.business)), 0.08, 0.12, id="abnormal"),
        pytest.param(lambda one: any(records.dishonest(WORLD, one.business)), 0.005, 0.011, id="dishonest"),
        pytest.param(
            lambda one: any(
                float(row[10] or 0) >= 0.5 and (TODAY - date(*map(int, row[13].split("/")))).days < SHOWN_DAYS
                for row in records.penalties(WORLD, one.business)
            ),
            0.009,
            0.021,
            id="penalised in publicity",
        ),
    ],
)
def test_records_have_their_shares(
    planned: list[Planned], has: Callable[[Planned], bool], low: float, high: float
) -> None:
    assert low <= sum(map(has, planned)) / len(planned) <= high


def test_one_business_has_a_hundred_and_ninety_licences(planned: list[Planned]) -> None:
    (heavy,) = [one for one in planned if one.heavy]
    numbers = [row[5] for row in records.licences(WORLD, heavy.business, heavy=True)]
    assert heavy.coded and len(set(numbers)) == len(numbers) == records.HEAVY


def test_two_thousand_businesses_have_every_trade(planned: list[Planned]) -> None:
    assert {one.business.trade for one in planned[:2000]} == set(words.TRADES)


ANY_TRADE = {
    ("hegang", 6): "the map: whoever agrees",
    ("hegang", 19): "a way of approving",
    ("hegang", 34): "a way of serving at the hall",
    ("hegang", 37): "a condition for awards",
    ("heihe", 18): "a way of serving at the hall",
    ("heihe", 21): "a card in another app",
    ("heihe", 23): "a condition for awards",
}
"""Scenarios of the two documents that are for any trade."""


@pytest.mark.parametrize(("ledger", "last"), [("hegang", 45), ("heihe", 30)])
def test_every_scenario_that_names_a_trade_has_one_here(ledger: str, last: int) -> None:
    here = {number for trade in words.TRADES for name, number in trade.scenarios if name == ledger}
    wanted = {number for number in range(1, last + 1) if (ledger, number) not in ANY_TRADE}
    assert here == wanted


def test_trades_name_industries_of_the_standard_and_licences_that_are_described() -> None:
    for trade in words.TRADES:
        assert industry.section_of(trade.industry) == trade.industry[0], trade
        assert industry.label(trade.industry), trade
        assert set(trade.licences) <= set(words.LICENCES), trade


def test_divisions_are_of_both_cities_with_their_bodies_without_a_code() -> None:
    codes = [place.code for place in words.PLACES]
    assert all(division.find(code) for code in codes)
    wanted = {child.code for city_code in ("230400", "231100") for child in division.children(city_code)}
    assert set(codes) == wanted


def test_an_old_business_of_a_renamed_county_keeps_the_countys_code(planned: list[Planned]) -> None:
    of_nenjiang = [one.business for one in planned if one.business.division == "231183"]
    old = {one.uscc[2:8] for one in of_nenjiang if WORLD.day(one.established) < date(2019, 6, 1)}
    new = {one.uscc[2:8] for one in of_nenjiang if WORLD.day(one.established) >= date(2019, 6, 1)}
    assert "231121" in old and "231121" not in new


@given(st.integers(0, 10**7))
def test_id_numbers_are_right_in_form_and_of_nobody_alive(number: int) -> None:
    found = files.id_number(number)
    assert privacy.is_id_number(found) and found[6:10] == "1900"


# ---- Loading -----------------------------------------------------------------------------------------------------


@pytest.fixture
def home(tmp_path: Path, settings: Any) -> Installation:
    """An installation of this test's own, on the test's database."""
    settings.INSTALLATION = Installation(tmp_path)
    settings.DATA_DIR = tmp_path
    settings.KEYS_DIR = settings.INSTALLATION.keys
    settings.FEEDBACK_DIR = settings.INSTALLATION.feedback
    return settings.INSTALLATION


def asked(query: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def loaded(*, size: int) -> load.State:
    begun = load.begin(size=size, seed=1, today=TODAY)
    load.bring_in_units()
    return load.load(begun, quiet=True)


def standing() -> dict[str, Any]:
    """Return what a demo leaves behind, without what differs from run to run (serials, keys, moments)."""
    return {
        "subjects": asked("SELECT count(*) FROM subjects_subject"),
        "registrations": asked("SELECT subject, count(*), max(state) FROM subjects_registration GROUP BY 1 ORDER BY 1"),
        "records": asked("SELECT kind, revision, count(*) FROM records_record GROUP BY 1, 2 ORDER BY 1, 2"),
        "codes": asked("SELECT holder, placement, label, state FROM board_code ORDER BY 1, 2, 3, 4"),
        "cards": asked("SELECT holder FROM board_card ORDER BY 1"),
        "waiting": asked("SELECT count(*) FROM ingest_set_aside WHERE waiting"),
        "queues": {
            table: asked(f"SELECT count(*) FROM {table}")
            for table in (
                "applications_application",
                "applications_waiting",
                "applications_newcomer",
                "codes_showing_waiting",
                "codes_scan_day",
                "people_binding",
                "commitments_signing",
                "subjects_succession",
            )
        },
        "touches": asked("SELECT count(*) FROM subjects_touch"),
    }


@pytest.mark.django_db(transaction=True)
def test_a_demo_has_a_code_in_every_state_and_a_card_for_every_code_that_shows_one(home: Installation) -> None:
    state = loaded(size=1000)
    assert state.reached == "done"
    states = {(holder, serial): code for holder, serial, code in asked("SELECT holder, serial, state FROM board_code")}
    samples = {sample.what: states[sample.subject, sample.serial] for sample in state.samples}
    fates = {fate: fate for fate in FATES.values()} | {"deregistered": "active"}
    assert samples.items() >= fates.items()
    assert {"active", "heavy", "abnormal", "taxi", "package"} <= set(samples)
    cards = {holder: card.load(text) for holder, text in asked("SELECT holder, document FROM board_card")}
    showing = {holder for (holder, _), code in states.items() if code in ("active", "paused", "frozen")}
    assert set(cards) == showing | {holder for (holder,) in asked("SELECT holder FROM board_elsewhere")}
    by_what = {sample.what: cards.get(sample.subject) for sample in state.samples}
    assert by_what["deregistered"].head.state == "deregistered"
    licences = [item for item in by_what["heavy"].sections[0].items if item.kind == "行政许可"]
    assert len(licences) > records.HEAVY * 0.8  # a few have run out


@pytest.mark.django_db(transaction=True)
def test_the_demos_people_leave_something_of_every_sort_to_decide_and_to_look_at(home: Installation) -> None:
    load.bring_in_units()
    # Accounts are opened by the command: somebody looks at photos for the mall.
    User.objects.create(username="mall", role="place", unit=Unit.objects.get(uscc=units.OF["mall"]))
    loaded(size=1000)
    owner = owners.of_demo()
    assert owner is not None
    own = owners.businesses(today=TODAY.isoformat())
    assert sorted(binding.subject for binding in bindings.held(owner)) == sorted(set(own.values()))
    waiting = asked("SELECT is_appeal, count(*) FROM applications_waiting GROUP BY 1 ORDER BY 1")
    assert waiting == [(False, 2), (True, 1)]
    states = asked(
        "SELECT state, contested, count(*) FROM people_binding WHERE state <> 'accepted' GROUP BY 1, 2 ORDER BY 1, 2"
    )
    assert states == [("provisional", False, 1), ("waiting", False, 1), ("waiting", True, 1)]
    assert asked("SELECT state, count(*) FROM applications_newcomer GROUP BY 1") == [("waiting", 1)]
    assert asked("SELECT place IS NULL, count(*) FROM codes_showing_waiting GROUP BY 1 ORDER BY 1") == [
        (False, 1),
        (True, 1),
    ]
    assert asked("SELECT accepted, by_place, count(*) FROM codes_showing_decision GROUP BY 1, 2") == [(True, True, 1)]
    assert asked(f"SELECT count(*) FROM codes_code WHERE subject = '{own[owners.TAXIS]}' AND label LIKE '演A·D%'") == [
        (30,)
    ]
    assert asked("SELECT state, issued, label_shown FROM codes_giving") == [("given", 10, True)]
    assert asked("SELECT count(*) > 0 FROM board_elsewhere") == [(True,)]
    assert asked("SELECT count(*) FROM subjects_succession") == [(1,)]
    days = asked(
        f"""SELECT count(DISTINCT day) > 50, sum(scans) > sum(bots), sum(devices) > 0 FROM codes_scan_day
            WHERE subject = '{own[owners.RESTAURANT]}'"""
    )
    assert days == [(True, True, True)]
    assert asked("SELECT count(*) FROM ingest_batch WHERE state NOT IN ('applied', 'undone')") == [(0,)]
    assert asked(f"SELECT count(*) >= 3 FROM subjects_message WHERE subject = '{own[owners.RESTAURANT]}'") == [(True,)]
    assert asked('SELECT count(*) > 0 FROM commitments_signing WHERE "placing" IS NOT NULL') == [(True,)]


@pytest.mark.django_db(transaction=True)
def test_minor_and_expired_penalties_are_kept_but_never_shown(home: Installation) -> None:
    loaded(size=1200)
    kept = {body["CF_WSH"]: body for (text,) in asked("SELECT body::text FROM records_record WHERE kind = 'penalty'")
            if (body := json.loads(text))}  # fmt: skip
    hidden = {
        number
        for number, body in kept.items()
        if body["CF_CFLB"] == "警告"
        or (body["CF_CFLB"] == "罚款" and float(body["CF_NR_FK"]) < 0.3)
        or (TODAY - date.fromisoformat(body["CF_JDRQ"])).days > 1100
    }
    documents = [card.load(text) for (text,) in asked("SELECT document FROM board_card")]
    shown = {
        dict(item.lines)["行政处罚决定书文号"]
        for document in documents
        for item in card.shown(document.sections[0].items, TODAY)
        if item.kind == "行政处罚"
    }
    assert hidden and shown
    assert not hidden & shown


@pytest.mark.django_db(transaction=True)
def test_a_second_start_does_nothing_and_another_size_is_refused(home: Installation) -> None:
    loaded(size=120)
    before = standing()
    again = load.begin(size=120, seed=1, today=date(2026, 12, 1))
    assert (again.reached, again.today) == ("done", TODAY)
    load.load(again, quiet=True)
    assert standing() == before
    for other in ({"size": 121, "seed": 1}, {"size": 120, "seed": 2}):
        with pytest.raises(Refused, match="换一个数据目录"):
            load.begin(**other, today=TODAY)


@pytest.mark.django_db
def test_an_installation_with_other_data_is_left_alone(home: Installation) -> None:
    make.subject()
    with pytest.raises(Refused, match="已有其他数据"):
        load.begin(size=100, seed=1, today=TODAY)


@pytest.mark.django_db
@pytest.mark.parametrize("size", [0, -1, load.LARGEST + 1])
def test_a_size_that_cannot_be_is_refused(home: Installation, size: int) -> None:
    with pytest.raises(Refused, match="不能是"):
        load.begin(size=size, seed=1, today=TODAY)


class Cut(Exception):
    """The power went out."""


def cut_at(monkeypatch: pytest.MonkeyPatch, where: Any, name: str, call: int) -> None:
    """Let the so-manyeth call of a function be cut off before it does anything."""
    real = getattr(where, name)
    calls = iter(range(1, 10**6))

    def cut(*args: Any, **kwargs: Any) -> Any:
        if next(calls) == call:
            raise Cut
        return real(*args, **kwargs)

    monkeypatch.setattr(where, name, cut)


@pytest.fixture(scope="module")
def whole() -> dict[str, Any]:
    """What a demo that nobody cut off leaves behind; filled by the first test that needs it."""
    return {}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("where", "name", "call"),
    [
        pytest.param(load, "take_in", 3, id="amid the files"),
        pytest.param(load.zero, "report", 2, id="amid the months before"),
        pytest.param(issuing.codes, "issue", 2, id="amid the codes"),
        pytest.param(issuing.codes, "turn", 2, id="amid the turns"),
        pytest.param(load, "_take_in", 2, id="before the changes"),
        pytest.param(load.doings, "_scan", 1, id="amid what people do"),
        pytest.param(load.flow, "post_touched", 1, id="before the posting"),
    ],
)
def test_a_demo_that_was_cut_off_is_completed_by_the_next_start(
    home: Installation, monkeypatch: pytest.MonkeyPatch, where: Any, name: str, call: int, whole: dict[str, Any]
) -> None:
    with monkeypatch.context() as power:
        cut_at(power, where, name, call)
        with pytest.raises(Cut):
            loaded(size=150)
    # The next start is on another day: what was begun goes on with its own.
    state = load.begin(size=150, seed=1, today=date(2027, 1, 5))
    load.load(state, quiet=True)
    found = standing()
    assert state.today == TODAY
    assert found["touches"] == [(0,)]
    assert whole.setdefault("standing", found) == found
    assert Counter(code[3] for code in found["codes"])["superseded"] == 1


@pytest.mark.django_db
def test_a_past_is_brought_in_whole_though_the_demos_day_is_still_to_come(home: Installation, tmp_path: Path) -> None:
    load.bring_in_units()
    load._remember(load.State(30, 1, date(2099, 2, 1)), tmp_path, quiet=True)
    reports = ZeroReport.objects.order_by("month")
    assert [one.month for one in reports] == [date(2098, 11, 1), date(2098, 12, 1), date(2099, 1, 1)]
    assert all(one.made_at <= timezone.now() for one in reports)


@pytest.mark.django_db(transaction=True)
def test_a_city_that_was_described_keeps_its_face(home: Installation) -> None:
    face = msgspec.structs.replace(city.face().city, city="松岭市", office="松岭市信用办")
    city.describe_city(city=face, logo=None, by=make.CLERK, at=make.NOW)
    loaded(size=30)
    assert city.face().city.city == "松岭市"


# ---- The command -------------------------------------------------------------------------------------------------


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    command.configure(parser)
    monkeypatch.setattr(serve, "database", contextlib.nullcontext)
    return command.run(parser.parse_args([*words, "--today", TODAY.isoformat()]))


@pytest.mark.django_db(transaction=True)
def test_the_command_says_what_there_is_and_how_to_sign_in(
    home: Installation, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], settings: Any
) -> None:
    assert run(monkeypatch, "--size", "60") == 0
    said = capsys.readouterr()
    for name in ("keeper", *command.CAST):
        assert home.secret(name, "password") in said.out
    assert "经营主体 60，" in said.out and "HTTP://LOCALHOST:8000/C/" in said.out
    assert "█▀▀▀▀▀█" in said.out, "no QR code"
    assert "签发诚信码" in said.err

    assert run(monkeypatch, "--size", "60", "--json") == 0
    said = capsys.readouterr()
    report = json.loads(said.out)
    assert report["subjects"] == 60 and report["sign_in"]["username"] == "keeper"
    assert report["auditor"]["username"] == "auditor"
    accounts = {user.username: user.role for user in User.objects.exclude(role="business")}
    assert accounts == {"keeper": "keeper", **command.CAST}
    assert report["owner"]["url"] == f"{report['sign_in']['url'].removesuffix('/sign-in')}/enterprise/"
    owner = owners.of_demo()
    assert owner is not None and owner.check_password(report["owner"]["password"])
    assert bindings.held(owner)
    bureau = User.objects.select_related("unit").get(username="bureau")
    assert Batch.objects.filter(unit=bureau.unit).count() > 3, "a department finds what it sent"
    assert sight.of(User.objects.get(username="county")).area == "230403"
    assert all(sample["url"].startswith(settings.CODE_URL.upper()) for sample in report["samples"])
    assert said.err == ""
