"""How each mutation of staff is called about a place."""

from __future__ import annotations

from typing import Any

from tests.isolation.recipe import Recipe
from tests.isolation.scene import Place


def _changed(value: Any, place: Place) -> bool:
    return value["staff"] is not None


STAFF_MUTATIONS: dict[str, list[Recipe]] = {
    "Mutation.assignPortals": [
        Recipe(
            by=f"input.{by}",
            audience="the MSSP's admins",
            document="mutation ($input: AssignPortalsInput!) { assignPortals(input: $input)"
            " { staff { id } errors { code message path } } }",
            variables=lambda place: {
                "input": {"staffId": place.ids["StaffMember"], "portalIds": [place.ids["Portal"]]}
            },
            shows=_changed,
        )
        for by in ("staffId", "portalIds")
    ],
}
