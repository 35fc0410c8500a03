"""Change members of staff, and read their invitations."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from models.tables import LinkToken
from rules.auth.link_purposes import Purpose
from rules.global_ids import parse
from tests.support.world import Ask, Person, World

MEMBER = "staff { id name email staffRole isActive } errors { code path params { name value } }"
INVITE = f"mutation ($input: InviteStaffInput!) {{ inviteStaff(input: $input) {{ {MEMBER} }} }}"
RESEND = f"mutation ($input: ResendStaffInvitationInput!) {{ resendStaffInvitation(input: $input) {{ {MEMBER} }} }}"
UPDATE = f"mutation ($input: UpdateStaffInput!) {{ updateStaff(input: $input) {{ {MEMBER} }} }}"
DELETE = "mutation ($input: DeleteStaffInput!) { deleteStaff(input: $input) { deletedStaffId errors { code path } } }"
ACCEPT = """
mutation ($input: AcceptInvitationInput!) {
  acceptInvitation(input: $input) { session { accessToken viewer { id name } } errors { code path } }
}
"""
VIEWER = "{ viewer { id } }"


async def invite(ask: Ask, actor: Person, email: str, role: str = "MSSP_TECHNICIAN", name: str = "Tim") -> Any:
    reply = await ask(INVITE, actor=actor, input={"email": email, "name": name, "staffRole": role})
    return reply.data["inviteStaff"]


async def update(ask: Ask, actor: Person, member: Person, **fields: Any) -> Any:
    return (await ask(UPDATE, actor=actor, input={"id": member.gid, **fields})).data["updateStaff"]


async def delete(ask: Ask, actor: Person, member: Person) -> Any:
    return (await ask(DELETE, actor=actor, input={"id": member.gid})).data["deleteStaff"]


def codes(payload: Any) -> list[str]:
    return [error["code"] for error in payload["errors"]]


def row_id(payload: Any) -> UUID:
    found = parse(payload["staff"]["id"])
    assert found
    return found[1]


async def invitation_tokens(world: World, staff_id: UUID) -> list[str]:
    """Return the tokens of the member's invitations, oldest first."""
    rows = await LinkToken.filter(staff_id=staff_id, purpose=Purpose.INVITATION).order_by("id")
    return [world.parts.runtime.links.token(row.purpose, row.id, row.nonce) for row in rows]
