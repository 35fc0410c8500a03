"""The mutations that administer an MSSP, each with the ways to call it (Recipe)."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from tests.isolation.recipe import MANAGED, Recipe
from tests.isolation.scene import Place

MSSP_ADMINS = "the MSSP's admins"


def _recipe(name: str, by: str, shown: str, given: Callable[[Place], dict[str, Any]]) -> list[Recipe]:
    """Return one recipe, which calls the mutation `name`.

    - `by`: the input field with an id of the place, such as `id`.
    - `shown`: the field of the payload with the changed object, such as `portal`. It is null if the call is refused.
    - `given`: returns the input for a place.
    """
    return [
        Recipe(
            by=f"input.{by}",
            audience=MSSP_ADMINS,
            document=f"mutation ($input: {name[0].upper()}{name[1:]}Input!)"
            f" {{ {name}(input: $input) {{ {shown} {{ id }} errors {{ code message path params {{ name value }} }} }} }}",
            variables=lambda place: {"input": given(place)},
            shows=lambda value, place: value[shown] is not None,
        )
    ]


_new = count()
TRANSFER = """
mutation ($input: TransferPortalAdminInput!) {
  transferPortalAdmin(input: $input) {
    newAdmin { id } formerAdmin { id } errors { code message path params { name value } }
  }
}
"""


def _unknown(value: Any) -> list[list[str]]:
    """Return the paths of the errors NOT_FOUND, which are about ids of missing or hidden objects."""
    return [error["path"] for error in value["errors"] if error["code"] == "NOT_FOUND"]


ADMINISTRATION: dict[str, list[Recipe]] = {
    "Mutation.createPortal": [
        Recipe(
            by=None,
            audience="all",  # the portal is one of the caller's MSSP
            document="mutation ($input: CreatePortalInput!) { createPortal(input: $input) { portal { id } errors { code } } }",
            variables=lambda place: {
                "input": {"slug": f"new-{next(_new)}", "name": "New", "firstAdmin": {"email": "ann@new.test"}}
            },
            shows=lambda value, place: value["portal"] is not None,
            places=("own",),
        )
    ],
    "Mutation.updatePortal": _recipe(
        "updatePortal", "id", "portal", lambda place: {"id": place.ids["Portal"], "name": "Renamed"}
    ),
    "Mutation.deletePortal": [
        Recipe(
            by="input.id",
            audience=MSSP_ADMINS,
            document="mutation ($input: DeletePortalInput!)"
            " { deletePortal(input: $input) { deletedPortalId usersToDelete errors { code message path } } }",
            variables=lambda place: {"input": {"id": place.ids["Portal"], "dryRun": True}},
            shows=lambda value, place: value["usersToDelete"] > 0,
        )
    ],
    "Mutation.createLicensePackage": _recipe(
        "createLicensePackage",
        "portalId",
        "package",
        lambda place: {"portalId": place.ids["Portal"], "name": "More", "seats": 5},
    ),
    "Mutation.updateLicensePackage": _recipe(
        "updateLicensePackage", "id", "package", lambda place: {"id": place.ids["LicensePackage"], "name": "Renamed"}
    ),
    "Mutation.updatePortalPolicy": _recipe(
        "updatePortalPolicy",
        "portalId",
        "portal",
        lambda place: {"portalId": place.ids["Portal"], "lockoutMinutes": 7},
    ),
    "Mutation.saveGrantable": [
        Recipe(
            by=f"input.{by}",
            audience=MANAGED,
            document="mutation ($input: SaveGrantableInput!) { saveGrantable(input: $input)"
            " { grantable { id } errors { code message path params { name value } } } }",
            variables=lambda place, by=by: {  # type: ignore[misc]  # bound per field
                "input": {
                    "portalId": place.ids["Portal"],
                    "kind": "GROUP",
                    "name": f"Group {next(_new)}",
                    **({"id": place.ids["Group"]} if by == "id" else {}),
                }
            },
            shows=lambda value, place: value["grantable"] is not None,
        )
        for by in ("id", "portalId")
    ],
    "Mutation.deleteGrantable": [
        Recipe(
            by="input.id",
            audience=MANAGED,
            document="mutation ($input: DeleteGrantableInput!)"
            " { deleteGrantable(input: $input) { usersLosingIt errors { code message path } } }",
            variables=lambda place: {"input": {"id": place.ids["SubAccount"], "dryRun": True}},
            shows=lambda value, place: value["usersLosingIt"] > 0,
        )
    ],
    "Mutation.transferPortalAdmin": [
        Recipe(
            by="input.toUserId",
            audience=MANAGED,
            document=TRANSFER,
            # The other id names nothing, so that no role is handed over and the asker stays signed in.
            variables=lambda place: {"input": {"toUserId": place.target(), "fromUserId": "no id"}},
            shows=lambda value, place: ["input", "toUserId"] not in _unknown(value),
        ),
        Recipe(
            by="input.fromUserId",
            audience=MANAGED,
            document=TRANSFER,
            variables=lambda place: {"input": {"toUserId": "no id", "fromUserId": place.target()}},
            shows=lambda value, place: ["input", "fromUserId"] not in _unknown(value),
        ),
    ],
    "Query.previewPortalPolicy": [
        Recipe(
            by="input.portalId",
            audience=MSSP_ADMINS,
            document="query ($input: UpdatePortalPolicyInput!) { previewPortalPolicy(input: $input)"
            " { effects { kind users } errors { code message path params { name value } } } }",
            variables=lambda place: {"input": {"portalId": place.ids["Portal"], "passwordSignInEnabled": False}},
            shows=lambda value, place: value["errors"] == [],
        )
    ],
}
