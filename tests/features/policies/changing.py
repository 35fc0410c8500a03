"""Change and preview a portal's policy through the API, and read the results."""

from __future__ import annotations

from typing import Any

from models.db.sql import fetch, sql
from models.portals.table import PORTAL, PortalRow
from resolvers.core.global_ids import global_id
from tests.support.world import Ask, Person

SETTINGS = """
passwordSignInEnabled passwordResetTtlHours invitationTtlHours verificationCodeTtlMinutes lockoutThreshold lockoutMinutes
idleSuspendDays deactivatedRetentionDays maxAdmins mfaRequired passwordMaxAgeDays seatMode requiredUserFields
reasonRequired deletedNameRetentionDays
"""
UPDATE = f"""
mutation ($input: UpdatePortalPolicyInput!) {{
  updatePortalPolicy(input: $input) {{
    portal {{ id policy {{ {SETTINGS} }} licenseTiles {{ seatsTotal seatsUsed seatsAvailable }} }}
    errors {{ code message path params {{ name value }} }}
  }}
}}
"""


async def update(ask: Ask, actor: Person, portal: Any, **settings: Any) -> Any:
    """Change settings of the portal's policy, and return the payload."""
    reply = await ask(UPDATE, actor=actor, input={"portalId": global_id("Portal", portal.id), **settings})
    assert not reply.errors, reply.errors
    return reply.data["updatePortalPolicy"]


async def changed(ask: Ask, actor: Person, portal: Any, **settings: Any) -> Any:
    """Change settings, and return the portal as the payload shows it. Asserts that the change is not refused."""
    payload = await update(ask, actor, portal, **settings)
    assert payload["errors"] == []
    return payload["portal"]


def faults(payload: Any) -> list[tuple[str, str]]:
    """Return the code and the field of each error."""
    assert payload["portal"] is None
    return [(error["code"], error["path"][-1]) for error in payload["errors"]]


async def stored(portal: Any) -> PortalRow:
    """Return the portal's row as it is now."""
    return PORTAL.read(await fetch(f"SELECT {PORTAL.columns} FROM portal p WHERE " + sql("p.id = ?", portal.id)))[0]


PREVIEW = """
query ($input: UpdatePortalPolicyInput!) {
  previewPortalPolicy(input: $input) { effects { kind users } errors { code message path params { name value } } }
}
"""


async def _preview(ask: Ask, actor: Person, portal: Any, settings: dict[str, Any]) -> Any:
    reply = await ask(PREVIEW, actor=actor, input={"portalId": global_id("Portal", portal.id), **settings})
    assert not reply.errors, reply.errors
    return reply.data["previewPortalPolicy"]


async def previewed(ask: Ask, actor: Person, portal: Any, **settings: Any) -> dict[str, int]:
    """Return the number of affected users by kind of effect. Asserts that the preview is not refused."""
    payload = await _preview(ask, actor, portal, settings)
    assert payload["errors"] == []
    return {effect["kind"]: effect["users"] for effect in payload["effects"]}


async def faults_of(ask: Ask, actor: Person, portal: Any, **settings: Any) -> list[tuple[str, str | None]]:
    """Preview the change of the portal's settings. Return the code and the field of each error in the answer."""
    payload = await _preview(ask, actor, portal, settings)
    assert payload["effects"] == []
    return [(error["code"], error["path"] and error["path"][-1]) for error in payload["errors"]]
