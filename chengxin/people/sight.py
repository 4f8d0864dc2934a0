"""Whose business somebody sees: from the role and the unit, decided here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass

from chengxin.people.models import User
from chengxin.people.roles import ROLES, Sees


@dataclass(frozen=True, slots=True)
class Sight:
    """What somebody sees: everything, what belongs to a governing area, what is one unit's own or hangs in it, or nothing."""

    sees: Sees
    unit: int | None = None
    uscc: str = ""  # of the unit: rows name their source by it
    area: str = ""  # of the unit: a code of terms.area


def of(user: User) -> Sight:
    """Return what somebody sees. Who belongs to no unit sees nothing that is a unit's or an area's."""
    role = ROLES.get(user.role)
    unit = user.unit
    if role is None or role.sees == "nothing":
        return Sight("nothing")
    if role.sees == "all":
        return Sight("all", unit.pk if unit else None)
    if unit is None or not unit.is_active or (role.sees == "area" and not unit.area):
        return Sight("nothing")
    if role.sees == "place" and not unit.uscc:
        return Sight("nothing")  # nobody could tell its own code from those of its shops
    return Sight(role.sees, unit.pk, unit.uscc, unit.area)
