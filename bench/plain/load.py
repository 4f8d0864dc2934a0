"""`python -m bench.plain.load TOWN`: make the plain project's tables and fill them with a town."""

from __future__ import annotations

import sys
from pathlib import Path

import django
import msgspec


def load(file: Path) -> None:
    """Fill the tables from the file that the bench wrote."""
    from django.core.management import call_command
    from django.db import connection

    from bench.plain.models import City, Code, Key, Record, Subject
    from bench.town import Town

    town = msgspec.msgpack.decode(file.read_bytes(), type=Town)
    call_command("migrate", run_syncdb=True, verbosity=0)
    City.objects.create(document=msgspec.to_builtins(town.city))
    Key.objects.bulk_create(Key(number=number, public_key=public) for number, public in town.keys.items())
    heads = ((uscc, card, card.head) for uscc, card in town.cards.items())
    Subject.objects.bulk_create(
        Subject(
            uscc=uscc,
            name=head.name,
            state=head.state,
            kind=head.kind,
            lines=head.lines,
            source=head.source,
            received_on=head.received_on,
            trade=head.trade,
            place=head.place,
            as_of=card.as_of,
        )
        for uscc, card, head in heads
    )
    Code.objects.bulk_create(
        (
            Code(serial=code.serial, subject_id=code.holder, state="active", placement=town.placement, label=town.label)
            for code in town.codes
        ),
        batch_size=5000,
    )
    Record.objects.bulk_create(
        (
            Record(
                subject_id=uscc,
                section=section.code,
                lines=item.lines,
                kind=item.kind,
                title=item.title,
                source=item.source,
                source_code=item.source_code,
                decided_on=item.decided_on,
                received_on=item.received_on,
                until=item.until,
                ends=item.ends,
                ends_word=item.ends_word,
            )
            for uscc, card in town.cards.items()
            for section in card.sections
            for item in section.items
        ),
        batch_size=2000,
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


if __name__ == "__main__":
    django.setup()
    load(Path(sys.argv[1]))
