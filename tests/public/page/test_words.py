from __future__ import annotations

import io
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from chengxin.board.verdict import STATES
from chengxin.credit.codes import placements as codes
from chengxin.credit.records.catalogue import KINDS
from chengxin.public.page import words
from chengxin.public.page.words import NOTICES, PLACEMENTS, TONGUES
from tests.public.messages import wanted

LANGUAGES = ("en", "ru")


def catalogue(code: str) -> Path:
    return words.LOCALE / code / "LC_MESSAGES" / "django.po"


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_message_has_its_words(code: str) -> None:
    with catalogue(code).open("rb") as file:
        said = {str(message.id): str(message.string) for message in read_po(file) if message.id}

    assert wanted() == set(said)
    assert [message for message, translation in said.items() if not translation.strip()] == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_placeholders_survive_translation(code: str) -> None:
    with catalogue(code).open("rb") as file:
        lost = [message.id for message in read_po(file) if message.id and fields(message.id) != fields(message.string)]

    assert lost == []


def fields(text: object) -> set[str]:
    return {part.split("}")[0] for part in str(text).split("{")[1:]}


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_compiled_catalogue_is_of_today(code: str) -> None:
    """Mend with: python -m babel.messages.frontend compile -D django -d chengxin/public/locale."""
    compiled = io.BytesIO()
    with catalogue(code).open("rb") as file:
        write_mo(compiled, read_po(file, locale=code))

    assert catalogue(code).with_suffix(".mo").read_bytes() == compiled.getvalue()


def test_every_label_and_kind_of_the_catalogue_is_translated() -> None:
    shown = [kind for kind in KINDS.values() if kind.disclosure == "public"]
    labels = {label for kind in shown for _, label in kind.report} | {kind.label for kind in shown}

    assert labels - wanted() == set()


def test_every_placement_of_a_code_has_its_words() -> None:
    assert {name: placement.label for name, placement in codes.PLACEMENTS.items()}.items() <= PLACEMENTS.items()


def test_every_state_has_its_notice() -> None:
    assert set(NOTICES) == set(STATES)


@pytest.mark.parametrize(
    ("code", "written"),
    [("zh", "2026年11月2日"), ("en", "2 November 2026"), ("ru", "2 ноября 2026 г.")],
)
def test_days_are_written_out(code: str, written: str) -> None:
    from datetime import date

    assert TONGUES[code].day(date(2026, 11, 2)) == written
