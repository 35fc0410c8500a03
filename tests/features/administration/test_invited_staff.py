"""The invitation of staff, and its acceptance."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import pytest

from models.tables import AuditEvent, LinkToken, OutboxMail, StaffMember
from resolvers.core.global_ids import global_id
from rules.mail.caps import FOR_STRANGERS
from rules.mail.kinds import INVITATION_LIVES_FOR_STAFF
from tests.features.administration.changing_staff import ACCEPT, RESEND, codes, invitation_tokens, invite, row_id
from tests.features.invitations.inviting import renew
from tests.support.world import PASSWORD, Ask, World
from tests.support.world.answers import sign_in as signing_in

SAME = '{"data":{"requestNewInvitation":{"account":null,"errors":[]}}}'
PREVIEW = "query ($t: String!) { invitationPreview(token: $t) { portalName portalSlug state nextStep login } }"


async def test_an_invited_member_sets_a_password_and_is_signed_in(world: World, ask: Ask) -> None:
    nora = await world.mssp_admin()
    payload = await invite(ask, nora, "tim@msp.test")
    (token,) = await invitation_tokens(world, row_id(payload))

    preview = (await ask(PREVIEW, t=token)).data["invitationPreview"]
    accepted = (await ask(ACCEPT, input={"token": token, "password": PASSWORD})).data["acceptInvitation"]
    again = (await ask(ACCEPT, input={"token": token, "password": PASSWORD})).data["acceptInvitation"]

    assert payload["staff"]["staffRole"] == "MSSP_TECHNICIAN"
    assert [(mail.kind, mail.recipient) for mail in await OutboxMail.all()] == [("INVITATION", "tim@msp.test")]
    assert (preview["portalName"], preview["portalSlug"]) == ((await world.home()).name, "")
    assert (preview["state"], preview["nextStep"], preview["login"]) == ("PENDING", "SET_PASSWORD", "t•••@msp.test")
    assert accepted["session"]["viewer"] == {"id": payload["staff"]["id"], "name": "Tim"}
    assert codes(again) == ["INVALID_TOKEN"]
    assert (await signing_in(ask, "tim@msp.test", PASSWORD))["session"]


async def test_an_invitation_of_staff_lives_seven_days_and_a_new_one_replaces_it(world: World, ask: Ask) -> None:
    nora = await world.mssp_admin()
    member = row_id(payload := await invite(ask, nora, "tim@msp.test"))
    world.clock.advance(INVITATION_LIVES_FOR_STAFF)
    (expired,) = await invitation_tokens(world, member)

    late = (await ask(ACCEPT, input={"token": expired, "password": PASSWORD})).data["acceptInvitation"]
    nora_again = await world.mssp_admin()
    sent = (await ask(RESEND, actor=nora_again, input={"id": payload["staff"]["id"]})).data["resendStaffInvitation"]
    _, second = await invitation_tokens(world, member)
    third = (await ask(RESEND, actor=nora_again, input={"id": payload["staff"]["id"]})).data["resendStaffInvitation"]
    replaced = (await ask(ACCEPT, input={"token": second, "password": PASSWORD})).data["acceptInvitation"]

    assert timedelta(days=7) == INVITATION_LIVES_FOR_STAFF
    assert codes(late) == codes(replaced) == ["INVALID_TOKEN"]
    assert codes(sent) == codes(third) == []


async def test_an_address_is_one_member_s_over_all_mssps_and_all_faults_come_at_once(world: World, ask: Ask) -> None:
    nora, eve = await world.mssp_admin(), await world.mssp_admin(await world.mssp())

    taken = await invite(ask, nora, eve.login.upper())
    faulty = await invite(ask, nora, "no address", name=" ")

    assert [(error["code"], error["path"]) for error in taken["errors"]] == [("EMAIL_TAKEN", ["input", "email"])]
    assert codes(faulty) == ["INVALID_EMAIL", "INVALID_INPUT"]


async def test_a_member_who_has_not_accepted_cannot_reset_a_password(world: World, ask: Ask) -> None:
    nora = await world.mssp_admin()
    await invite(ask, nora, "tim@msp.test")

    await ask('mutation { requestPasswordReset(input: {email: "tim@msp.test"}) { errors { code } } }')
    await world.answer_resets()

    assert [str(mail.kind) for mail in await OutboxMail.all()] == ["INVITATION"]


async def test_a_member_who_has_accepted_gets_no_new_invitation(world: World, ask: Ask) -> None:
    nora, tim = await world.mssp_admin(), await world.technician()

    payload = (await ask(RESEND, actor=nora, input={"id": tim.gid})).data["resendStaffInvitation"]

    assert codes(payload) == ["NOT_ALLOWED"]


async def test_invitations_to_one_address_are_capped(world: World, ask: Ask) -> None:
    nora = await world.mssp_admin()
    payload = await invite(ask, nora, "tim@msp.test")

    sent = [
        (await ask(RESEND, actor=nora, input={"id": payload["staff"]["id"]})).data["resendStaffInvitation"]
        for _ in range(5)
    ]

    assert [codes(each) for each in sent] == [[]] * 4 + [["RATE_LIMITED"]]


async def run_out(world: World, ask: Ask) -> tuple[UUID, str]:
    """Invite a member of staff, and let the invitation expire. Return the id of the member and the link's token."""
    member = row_id(await invite(ask, await world.mssp_admin(), "tim@msp.test"))
    world.clock.advance(INVITATION_LIVES_FOR_STAFF)
    (token,) = await invitation_tokens(world, member)
    return member, token


async def test_with_an_expired_link_the_member_requests_a_new_one(world: World, ask: Ask) -> None:  # T17
    member, expired = await run_out(world, ask)

    answers = [await renew(ask, expired), await renew(ask, expired)]
    _, new = await invitation_tokens(world, member)
    preview = (await ask(PREVIEW, t=new)).data["invitationPreview"]
    accepted = (await ask(ACCEPT, input={"token": new, "password": PASSWORD})).data["acceptInvitation"]

    assert answers == [SAME, SAME]
    assert [mail.recipient for mail in await OutboxMail.filter(kind="INVITATION")] == ["tim@msp.test"] * 2
    assert (preview["state"], codes(accepted)) == ("PENDING", [])
    by_the_member = await AuditEvent.filter(event="staff.invited", actor_id=member)
    assert len(by_the_member) == 1


async def is_valid_still(world: World, member: UUID) -> None:
    await LinkToken.filter(staff_id=member).update(expires_at=world.clock.now() + timedelta(minutes=1))


async def is_replaced(world: World, member: UUID) -> None:
    await LinkToken.filter(staff_id=member).update(superseded_at=world.clock.now())


async def is_of_an_inactive_member(world: World, member: UUID) -> None:
    await StaffMember.filter(id=member).update(is_active=False)


async def is_of_a_member_who_has_a_password(world: World, member: UUID) -> None:
    await StaffMember.filter(id=member).update(password_hash="stored")


async def is_of_a_deleted_member(world: World, member: UUID) -> None:
    await StaffMember.filter(id=member).delete()


@pytest.mark.parametrize(
    "circumstance",
    [
        is_valid_still,
        is_replaced,
        is_of_an_inactive_member,
        is_of_a_member_who_has_a_password,
        is_of_a_deleted_member,
    ],
)
async def test_a_link_that_cannot_be_renewed_is_answered_the_same_and_mails_nothing(
    world: World, ask: Ask, circumstance: Callable[[World, UUID], Awaitable[None]]
) -> None:
    member, token = await run_out(world, ask)
    await circumstance(world, member)
    before = await OutboxMail.all().count()

    answer = await renew(ask, token)

    assert (answer, await OutboxMail.all().count()) == (SAME, before)


async def test_links_that_a_member_requests_are_capped_below_those_of_admins(world: World, ask: Ask) -> None:
    member, _ = await run_out(world, ask)
    for _ in range(5):
        await LinkToken.filter(staff_id=member, superseded_at=None).update(expires_at=world.clock.now())
        await renew(ask, (await invitation_tokens(world, member))[-1])

    nora = await world.mssp_admin()
    sent = (await ask(RESEND, actor=nora, input={"id": global_id("StaffMember", member)})).data["resendStaffInvitation"]

    assert await OutboxMail.filter(kind="INVITATION").count() == 1 + FOR_STRANGERS.per_hour + 1
    assert codes(sent) == []
