"""The GraphQL documents of the bulk mutations, by the name of the mutation."""

from __future__ import annotations

from typing import Any

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


INPUTS = {"inviteUsers": "InviteUsersInput", "changeRoles": "ChangeRolesInput"}
"""The inputs of the bulk mutations whose input is not BulkUsersInput."""


def bulk_document(name: str) -> str:
    """Return the document of the bulk mutation, with its variable `$input`."""
    document = BULK.format(name=name)
    return document.replace("BulkUsersInput", INPUTS.get(name, "BulkUsersInput"))


def bulk_input(name: str, users: dict[str, Any], options: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the input of the bulk mutation that selects `users`. changeRoles makes admins unless `options` has a role."""
    target = {"target": {"users": users}} if name == "inviteUsers" else {"users": users}
    options = dict(options or {})
    role = {"role": options.pop("role", "PORTAL_ADMIN")} if name == "changeRoles" else {}
    return {**target, **role, **({"options": options} if options else {})}
