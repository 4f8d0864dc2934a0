"""What the template is given. No database: the row of the 200-record page renders without one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from chengxin.board import token
from chengxin.public.page.report import FEW_LINES, NOTES, NUMERALS, OPEN, PAGE_SIZE, SOURCE_CODE
from chengxin.public.page.scan import FROM_HEAD
from chengxin.public.page.words import PLACEMENTS, SECTION_TITLES, TELLING
from chengxin.terms import entity, uscc

SECTIONS: Final = [code for code in SECTION_TITLES if code != "supplement"]


def context(
    *, code: Any, records: Iterable[Any], city: Mapping[str, Any], today: date, page_size: int = PAGE_SIZE
) -> dict[str, Any]:
    """Return the template's context for a code, its subject and the records to show, newest first."""
    by_section: dict[str, list[Any]] = {section: [] for section in SECTIONS}
    for record in records:
        lines = [(label, value) for label, value in record.lines]
        if record.source_code and not any(value == record.source_code for _, value in lines):
            lines.append((SOURCE_CODE, record.source_code))
        record.whole = lines
        record.is_short = len(lines) <= FEW_LINES
        if not record.is_short:
            telling = [(label, value) for label, value in lines if label in TELLING and value]
            record.telling = telling or lines[:FEW_LINES]
            record.rest = [line for line in lines if line not in record.telling]
        by_section[record.section].append(record)
    sections = []
    for number, section in enumerate(SECTIONS, start=2):
        kept = by_section[section]
        kinds: dict[str, int] = {}
        for record in kept:
            kinds[record.kind] = kinds.get(record.kind, 0) + 1
        sections.append(
            {
                "code": section,
                "title": f"{NUMERALS[number - 1]}、{SECTION_TITLES[section][0]}",
                "short": SECTION_TITLES[section][1],
                "count": len(kept),
                "kinds": kinds if len(kinds) > 1 else None,
                "open": kept[:OPEN],
                "folded": kept[OPEN:page_size],
                "folded_from": OPEN + 1,
                "is_longer": len(kept) > page_size,
                "onward_from": page_size + 1,
            }
        )
    subject = code.subject
    return {
        "city": city,
        "code": code,
        "subject": subject,
        "lines": [(label, value) for label, value in subject.lines if label not in FROM_HEAD],
        "state": entity.STATES[subject.state].label,
        "uscc": uscc.group(subject.uscc),
        "serial": token.grouped(code.serial),
        "placement": PLACEMENTS.get(code.placement, ""),
        "sections": sections,
        "penalties": [record for record in by_section["administration"] if record.kind == "行政处罚"],
        "notes": NOTES,
        "today": today,
        "path": "/C/",
    }
