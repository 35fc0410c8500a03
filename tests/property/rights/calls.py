"""The calls that administer an MSSP: their target, their input, and what a success changes in the model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from rules.access import OTHER_PORTAL_ROLE, Role
from tests.features.administration.administering import DOCUMENT
from tests.property.rights.model import Account, Assignment, Model, Portal


@dataclass(frozen=True)
class Drawn:
    """The random values of one call. Each call uses `flag`, `number` and `slugs` in its own way."""

    flag: bool
    number: int
    slugs: tuple[str, ...]
    now: datetime


@dataclass(frozen=True)
class Call:
    """One root field.

    - `about`: the kind of the target: "portal", "package", "workspace", "user" (of a portal), "member" (of staff) or
      None.
    - `by`: the input field with the target's id.
    - `given`: returns the other input fields.
    - `changes`: makes the changes of a success in the model; returns the names of accounts whose sessions end.
    """

    about: str | None
    by: str
    shown: str
    given: Callable[[Drawn], dict[str, Any]] = lambda drawn: {}
    changes: Callable[[Model, str, Drawn], set[str]] = lambda model, target, drawn: set()
    kind: str = "Mutation"


def _set_active(model: Model, target: str, drawn: Drawn) -> set[str]:
    portal = model.portals[target]
    portal.is_active, portal.tags = drawn.flag, _tags(drawn)
    return set()


def _delete_portal(model: Model, target: str, drawn: Drawn) -> set[str]:
    if not drawn.flag:
        del model.portals[target]
        for name in [name for name, account in model.accounts.items() if account.portal == target]:
            del model.accounts[name]
    return set()


def _change_member(model: Model, target: str, drawn: Drawn) -> set[str]:
    member = model.accounts[target]
    role = Role.MSSP_ADMIN if drawn.number % 2 else Role.MSSP_TECHNICIAN
    ends = role is not member.role or (member.is_active and not drawn.flag)
    if role is Role.MSSP_ADMIN and role is not member.role:
        member.assignment = Assignment()
    member.role, member.is_active = role, drawn.flag
    return {target} if ends else set()


def _delete_member(model: Model, target: str, drawn: Drawn) -> set[str]:
    del model.accounts[target]
    return set()


def _assign(model: Model, target: str, drawn: Drawn) -> set[str]:
    model.accounts[target].assignment = Assignment(set(drawn.slugs), _tags(drawn), drawn.flag, _end(drawn))
    return set()


def _reset_factor(model: Model, target: str, drawn: Drawn) -> set[str]:
    model.accounts[target].has_factor = False
    return {target}


def _transfer(model: Model, target: str, drawn: Drawn) -> set[str]:
    """Exchange the roles of the two accounts of the target's portal."""
    both = {name for name, each in model.accounts.items() if each.portal == model.accounts[target].portal}
    for name in both:
        model.accounts[name].role = OTHER_PORTAL_ROLE[model.accounts[name].role]
    return both


def _require_factors(model: Model, target: str, drawn: Drawn) -> set[str]:
    """Change whether the MSSP of the account `target` requires second factors. `target` is the account that acts."""
    mssp = model.accounts[target].mssp
    model.needs_factor = model.needs_factor | {mssp} if drawn.flag else model.needs_factor - {mssp}
    return set()


def _tags(drawn: Drawn) -> set[str]:
    return {"gold"} if drawn.number % 3 == 0 else set()


def _end(drawn: Drawn) -> datetime | None:
    return None if drawn.number < 4 else drawn.now + timedelta(hours=drawn.number - 5)


CALLS: dict[str, Call] = {
    "createPortal": Call(
        None,
        "",
        "portal { id slug }",
        lambda drawn: {"name": "New", "firstAdmin": {"email": "ann@new.test"}, "tags": sorted(_tags(drawn))},
    ),
    "updatePortal": Call(
        "portal",
        "id",
        "portal { id }",
        lambda drawn: {"isActive": drawn.flag, "tags": sorted(_tags(drawn))},
        _set_active,
    ),
    "deletePortal": Call("portal", "id", "usersToDelete", lambda drawn: {"dryRun": drawn.flag}, _delete_portal),
    "updatePortalPolicy": Call("portal", "portalId", "portal { id }", lambda drawn: {"lockoutMinutes": drawn.number}),
    "previewPortalPolicy": Call(
        "portal", "portalId", "effects { users }", lambda drawn: {"lockoutMinutes": 1 + drawn.number}, kind="Query"
    ),
    "createLicensePackage": Call(
        "portal", "portalId", "package { id }", lambda drawn: {"name": "More", "seats": drawn.number}
    ),
    "updateLicensePackage": Call("package", "id", "package { id }", lambda drawn: {"seats": drawn.number}),
    "saveGrantable": Call(
        "portal", "portalId", "grantable { id }", lambda drawn: {"kind": "GROUP", "name": f"Group {drawn.number}"}
    ),
    "deleteGrantable": Call("workspace", "id", "usersLosingIt", lambda drawn: {"dryRun": True}),
    "transferPortalAdmin": Call("user", "toUserId", "newAdmin { id }", changes=_transfer),
    "inviteStaff": Call(None, "", "staff { id }", lambda drawn: {"name": "New", "staffRole": "MSSP_TECHNICIAN"}),
    "resendStaffInvitation": Call("member", "id", "staff { id }"),
    "updateStaff": Call(
        "member",
        "id",
        "staff { id }",
        lambda drawn: {"staffRole": "MSSP_ADMIN" if drawn.number % 2 else "MSSP_TECHNICIAN", "isActive": drawn.flag},
        _change_member,
    ),
    "deleteStaff": Call("member", "id", "deletedStaffId", changes=_delete_member),
    "assignPortals": Call(
        "member",
        "staffId",
        "staff { id }",
        lambda drawn: {
            "allExcept": drawn.flag,
            "tags": sorted(_tags(drawn)),
            "endsAt": end.isoformat() if (end := _end(drawn)) else None,
        },
        _assign,
    ),
    "revokeStaffSessions": Call("member", "id", "staff { id }", changes=lambda model, target, drawn: {target}),
    "resetStaffPassword": Call("member", "id", "staff { id }", changes=lambda model, target, drawn: {target}),
    "resetStaffMfa": Call("member", "id", "staff { id }", changes=_reset_factor),
    "updateMsspPolicy": Call(None, "", "mssp { id }", lambda drawn: {"staffMfaRequired": drawn.flag}, _require_factors),
}
"""Every mutation that administers an MSSP or a portal, and the query previewPortalPolicy, by name."""


def document(name: str) -> str:
    text = DOCUMENT.format(name=name[0].upper() + name[1:], field=name, shown=CALLS[name].shown)
    if CALLS[name].kind == "Query":
        text = text.replace("mutation", "query").replace("PreviewPortalPolicyInput", "UpdatePortalPolicyInput")
    return text


def created(model: Model, name: str, actor: str, new: str, drawn: Drawn) -> None:
    """Add to the model the portal or the member of staff that the mutation `name` has created.

    `new` is the key of the new object in the model, and `actor` is the key of the account that called the mutation.
    """
    mssp = model.accounts[actor].mssp
    if name == "createPortal":
        model.portals[new] = Portal(mssp, _tags(drawn))
    else:
        model.accounts[new] = Account(mssp, Role.MSSP_TECHNICIAN)
