"""Recipes for calls of changeAccess and inviteUsers with ids of a place: of its users and catalogue entries.

A place is the caller's portal or another one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.isolation.recipe import MANAGED, Recipe
from tests.isolation.scene import Place

ACCESS: dict[str, Callable[[Place], dict[str, Any]]] = {
    "modules.moduleId": lambda place: {"modules": [{"moduleId": place.ids["Module"], "access": "READ"}]},
    "subAccountIds": lambda place: {"subAccountIds": [place.ids["SubAccount"]]},
    "workspaceIds": lambda place: {"workspaceIds": [place.ids["Workspace"]]},
    "groupIds": lambda place: {"groupIds": [place.ids["Group"]]},
    "appRoleIds": lambda place: {"appRoleIds": [place.ids["AppRole"]]},
}
"""Maps each field of UserAccessInput that takes ids to a function, which returns an input that sets only this field.

The function gets a Place (a portal of the tests) and uses the id of one of its catalogue entries.
"""


def access_recipes(document: str, users: Callable[[dict[str, Any]], dict[str, Any]], *, copies: bool) -> list[Recipe]:
    """Return one recipe for each input field of ACCESS, which sends the id of a catalogue entry of the place.

    If `copies`, add a recipe that copies the access of a user of the place. No user is selected, so the answer depends
    on the sent id alone. `users` returns the input with the given selection.
    """
    no_user = users({"ids": ["no id"]})
    given = {f"access.{field}": _named("access", access) for field, access in ACCESS.items()}
    if copies:
        given["copyFromUserId"] = _named("copyFromUserId", lambda place: place.target())
    return [
        Recipe(
            by=f"input.{by}",
            audience=MANAGED,
            document=document,
            variables=lambda place, name=name: {"input": {**no_user, **name(place)}},  # type: ignore[misc]  # bound per field
            shows=lambda value, place: value["errors"] == [],
        )
        for by, name in given.items()
    ]


def _named(field: str, value: Callable[[Place], Any]) -> Callable[[Place], dict[str, Any]]:
    return lambda place: {field: value(place)}
