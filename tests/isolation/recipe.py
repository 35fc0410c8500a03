"""A recipe: how to call a root field with an id of a portal, and how to see whether the answer shows that portal.

A `Place` is a portal with one object of each type.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.isolation.scene import PLACES, Place


@dataclass(frozen=True)
class Recipe:
    """One way to call a root field about the objects of a place (a portal in the test).

    `by` is the name of the argument with an id from the place. None if there is no such argument.
    """

    by: str | None
    audience: str
    document: str
    variables: Callable[[Place], dict[str, Any]]
    shows: Callable[[Any, Place], bool]
    """Returns whether the value of the root field contains objects of the Place, which is a portal or unknown ids."""
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
"""Maps each filter that selects users by a catalogue entry that they hold to the GraphQL type of the entry."""
