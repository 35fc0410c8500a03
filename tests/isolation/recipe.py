"""One way to call a root field about a place, and what its result shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.isolation.scene import PLACES, Place


@dataclass(frozen=True)
class Recipe:
    """One way to call a member. `by` is the argument that names the place, None when none does."""

    by: str | None
    audience: str
    document: str
    variables: Callable[[Place], dict[str, Any]]
    shows: Callable[[Any, Place], bool]
    """Whether the field's value tells that what is in the place is there."""
    places: tuple[str, ...] = PLACES


def listed(kind: str) -> Callable[[Any, Place], bool]:
    return lambda value, place: place.ids[kind] in {node["id"] for node in value["nodes"]}


def there(value: Any, place: Place) -> bool:
    return value is not None


def nothing(place: Place) -> dict[str, Any]:
    return {}


def portal(place: Place) -> dict[str, Any]:
    return {"id": place.ids["Portal"]}


MANAGED, MEMBERS_SEE, ADMINS_SEE = "its managers", "its members", "its admins"

HELD = {"groupIdIn": "Group", "subAccountIdIn": "SubAccount", "appRoleIdIn": "AppRole"}
"""The filters of users by what they hold, each with the type of its ids."""
