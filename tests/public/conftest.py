from __future__ import annotations

from collections.abc import Iterator

import pytest

from chengxin.public.wsgi import Door, make_application
from tests.public.door import furnish


@pytest.fixture
def door(transactional_db: None, public_dsn: str) -> Iterator[Door]:
    """The public's door on a furnished board, as the public role, listening."""
    furnish()
    door = make_application(
        dsn=public_dsn, public_url="http://door.example", code_urls=["HTTP://DOOR.EXAMPLE"], with_django=False
    )
    yield door
    door.close()
