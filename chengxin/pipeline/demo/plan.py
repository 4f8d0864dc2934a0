"""The walk through all businesses of a demo, with what is in store for some of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from chengxin.people.trail import Actor
from chengxin.pipeline.demo.businesses import Business, World

BY: Final = Actor("演示数据", "command")
"""Who does what nobody of the demo's people does: so the trail names whoever loads it."""

FATES: Final = {
    1: "paused",
    2: "frozen",
    3: "cancelled",
    4: "superseded",
    5: "pending",
    6: "deregistered",
}
"""Which of the businesses with a code come into a state that is not the ordinary one, by their place in the line."""
EVERY: Final = 300
AT_MOST: Final = 2000
"""The line starts again after so many, and past so many everything is ordinary."""


class Planned(NamedTuple):
    """One business, whether it has a code and what becomes of it."""

    business: Business
    coded: bool
    heavy: bool  # the one with very many licences
    fate: str  # empty: the code stays active


def heavy_index(world: World, size: int) -> int:
    """Return the number of the business with very many licences: the first builder in business; -1 if there is none."""
    for index in range(min(size, 5000)):
        group, trade = world.kind_of(index)
        if group == "enterprise" and "construction" in trade.licences and world.business(index).codable:
            return index
    return -1


def walk(world: World, size: int) -> Iterator[Planned]:
    """Yield every business in its order."""
    heavy = heavy_index(world, size)
    place = -1
    for index in range(size):
        business = world.business(index)
        if index == heavy:
            yield Planned(business, coded=True, heavy=True, fate="")
        elif business.coded:
            place += 1
            fate = FATES.get(place % EVERY, "") if place < AT_MOST else ""
            yield Planned(business, coded=True, heavy=False, fate=fate)
        else:
            yield Planned(business, coded=False, heavy=False, fate="")
