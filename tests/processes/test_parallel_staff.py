"""Two MSSP admins change staff at the same time. Exactly one outcome is right."""

from __future__ import annotations

import asyncio

import pytest

from models.tables import StaffMember
from tests.features.administration.changing_staff import DELETE, INVITE, UPDATE, VIEWER
from tests.support.world import PASSWORD, Ask, Reply, World


def code(reply: Reply, name: str) -> str | None:
    """Return the code of the top-level error or of the error in the payload, or None if the change was made."""
    if reply.errors:
        return reply.codes[0]
    errors = reply.data[name]["errors"]
    return errors[0]["code"] if errors else None


@pytest.mark.parametrize(
    ("document", "fields"),
    [(UPDATE, {"isActive": False}), (UPDATE, {"staffRole": "MSSP_TECHNICIAN"}), (DELETE, {})],
)
async def test_of_two_admins_who_remove_each_other_exactly_one_stays(
    world: World, ask: Ask, document: str, fields: dict[str, object]
) -> None:
    name = "deleteStaff" if document == DELETE else "updateStaff"
    nora, eve = await world.mssp_admin(password=PASSWORD), await world.mssp_admin(password=PASSWORD)
    for person in (nora, eve):
        await ask(VIEWER, actor=person)

    replies = await asyncio.gather(
        ask(document, actor=nora, input={"id": eve.gid, **fields}),
        ask(document, actor=eve, input={"id": nora.gid, **fields}),
    )

    assert {code(reply, name) for reply in replies} == {None, "UNAUTHENTICATED"}
    assert await StaffMember.filter(role="MSSP_ADMIN", is_active=True).count() == 1


async def test_of_two_admins_who_step_down_at_once_exactly_one_stays(world: World, ask: Ask) -> None:
    people = [await world.mssp_admin(password=PASSWORD) for _ in range(2)]
    for person in people:
        await ask(VIEWER, actor=person)

    replies = await asyncio.gather(
        *(ask(UPDATE, actor=each, input={"id": each.gid, "isActive": False}) for each in people)
    )

    assert {code(reply, "updateStaff") for reply in replies} == {None, "LAST_ADMIN"}
    assert await StaffMember.filter(role="MSSP_ADMIN", is_active=True).count() == 1


async def test_one_address_that_is_invited_twice_at_once_is_one_member_s(world: World, ask: Ask) -> None:
    nora = await world.mssp_admin()
    await ask(VIEWER, actor=nora)
    input = {"email": "tim@msp.test", "name": "Tim", "staffRole": "MSSP_TECHNICIAN"}

    replies = await asyncio.gather(*(ask(INVITE, actor=nora, input=input) for _ in range(5)))

    assert sorted(str(code(reply, "inviteStaff")) for reply in replies) == ["EMAIL_TAKEN"] * 4 + ["None"]
