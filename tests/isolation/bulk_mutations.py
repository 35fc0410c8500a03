"""The bulk mutations on users of a place (a portal in the test), each with the ways to call it (Recipe)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.isolation.recipe import HELD, MANAGED, Recipe
from tests.isolation.scene import Place
from tests.support.world.bulk_documents import DEFAULTS, INPUTS

BULK = """
mutation ($input: {input}!) {{
  {name}(input: $input) {{
    outcomes {{
      index userId label status previousStatus newStatus user {{ id }}
      reason {{ code message retryable retryAt suggestedAction params {{ name value }} }}
    }}
    summary {{ requested succeeded skipped failed byReason {{ code count }} }}
    licenseTiles {{ id seatsUsed }}
    operation {{ action state reason total processed outcomes {{ totalCount }} }}
    errors {{ code message path retryAt }}
  }}
}}
"""


def bulk_recipes(name: str) -> list[Recipe]:
    """Return the ways to call the bulk mutation `name`: a Recipe for each way to select the users of a portal."""
    invites = name == "inviteUsers"
    selections: dict[str, tuple[str, Callable[[Place], dict[str, Any]]]] = {
        "ids": (MANAGED, lambda place: {"ids": [place.target()]}),
        "matching.portalId": (MANAGED, lambda place: {"matching": {"portalId": place.ids["Portal"]}}),
        "matching.filter.portalIdIn": (
            MANAGED,
            lambda place: {"matching": {"filter": {"portalIdIn": [place.ids["Portal"]]}}},
        ),
        "matching.filter.idIn": (
            MANAGED,
            lambda place: {"matching": {"filter": {"idIn": [place.ids["PortalUser"]]}}},
        ),
        **{
            f"matching.filter.{held}": (
                MANAGED,
                lambda place, held=held, kind=kind: {"matching": {"filter": {held: [place.ids[kind]]}}},  # type: ignore[misc]  # bound per filter
            )
            for held, kind in HELD.items()
        },
        "matching.excludeIds": (
            MANAGED,
            lambda place: {
                "matching": {
                    "excludeIds": [place.ids["PortalUser"]],
                    "filter": {"portalIdIn": [place.ids["Portal"]]},
                }
            },
        ),
        "matching.portalSlug": (MANAGED, lambda place: {"matching": {"portalSlug": place.slug}}),
        # The place's operation is no preview of the asker's own: it names nothing to any asker.
        "previewId": ("none", lambda place: {"previewId": place.ids["BulkOperation"]}),
    }
    looks_only = {"options": {"dryRun": True}}
    return [
        Recipe(
            by=f"input.target.users.{by}" if invites else f"input.users.{by}",
            audience=audience,
            document=BULK.format(name=name, input=INPUTS.get(name, "BulkUsersInput")),
            variables=lambda place, by=by, users=users: {  # type: ignore[misc]  # likewise
                "input": {
                    **({"target": {"users": users(place)}} if invites else {"users": users(place)}),
                    **DEFAULTS.get(name, {}),
                    **(looks_only if by.startswith("matching") else {}),
                }
            },
            shows=lambda value, place: any(o["previousStatus"] or o["label"] for o in value["outcomes"]),
        )
        for by, (audience, users) in selections.items()
    ]
