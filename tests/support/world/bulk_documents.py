"""The GraphQL documents of the bulk mutations, by the name of the mutation."""

from __future__ import annotations

from typing import Any

from rules.access import OTHER_PORTAL_ROLE, Role

BULK = """
mutation Act($input: BulkUsersInput!) {{
  {name}(input: $input) {{
    outcomes {{
      index userId label status previousStatus newStatus
      reason {{ code message retryable retryAt suggestedAction params {{ name value }} }}
      user {{ id status statusReason category holdsSeat }}
    }}
    summary {{ requested succeeded skipped failed byReason {{ code count }} }}
    licenseTiles {{ id portal {{ id slug }} seatsTotal seatsUsed seatsAvailable tiles {{ kind count }} }}
    operation {{ id state action reason ticket total processed }}
    replayed
    errors {{ code message path retryAt params {{ name value }} }}
  }}
}}
"""


INPUTS = {
    "inviteUsers": "InviteUsersInput",
    "changeRoles": "ChangeRolesInput",
    "changeAccess": "ChangeAccessInput",
}
"""The inputs of the bulk mutations whose input is not BulkUsersInput."""


DEFAULTS: dict[str, dict[str, Any]] = {
    "changeRoles": {"role": "PORTAL_ADMIN"},
    "changeAccess": {"access": {"allSubAccounts": True}},
}
"""The required fields of an input besides its users, with default values."""


def bulk_document(name: str) -> str:
    """Return the document of the bulk mutation, with its variable `$input`."""
    document = BULK.format(name=name)
    return document.replace("BulkUsersInput", INPUTS.get(name, "BulkUsersInput"))


def bulk_input(name: str, users: dict[str, Any], options: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the input of the bulk mutation that selects `users`. Fields of DEFAULTS that are not in `options` are
    added.
    """
    target = {"target": {"users": users}} if name == "inviteUsers" else {"users": users}
    options = dict(options or {})
    given = {field: options.pop(field, default) for field, default in DEFAULTS.get(name, {}).items()}
    return {**target, **given, **({"options": options} if options else {})}


def changing(name: str, role: Role, *, all_sub_accounts: bool) -> dict[str, Any]:
    """Return the options that give a user the other role (changeRoles) or the opposite `allSubAccounts` (changeAccess).

    For other mutations, the options are empty. `availableActions` assumes these options.
    """
    if name == "changeAccess":
        return {"access": {"allSubAccounts": not all_sub_accounts}}
    return {"role": OTHER_PORTAL_ROLE[role]} if name == "changeRoles" else {}
