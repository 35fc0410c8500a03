"""Changes of staff: name, role, activity, deletion. An MSSP keeps an admin who can sign in."""

from __future__ import annotations

from models.tables import AccountSession, FailedSignIns, StaffMember
from resolvers.core.global_ids import global_id
from tests.features.administration.assigning import assign
from tests.features.administration.changing_staff import (
    ACCEPT,
    VIEWER,
    codes,
    delete,
    invitation_tokens,
    invite,
    row_id,
    update,
)
from tests.support.world import PASSWORD, Ask, World


async def test_name_and_role_change_and_a_new_role_ends_the_sessions(world: World, ask: Ask) -> None:
    portal, nora, tim = await world.portal("one"), await world.mssp_admin(), await world.technician()
    await assign(ask, nora, tim, portalIds=[global_id("Portal", portal.id)])
    await ask(VIEWER, actor=tim)

    renamed = await update(ask, nora, tim, name="  Tim Tailor ")
    still = await ask(VIEWER, actor=tim)
    promoted = await update(ask, nora, tim, staffRole="MSSP_ADMIN")
    ended = await ask(VIEWER, actor=tim)
    await update(ask, nora, tim, staffRole="MSSP_TECHNICIAN")

    assert renamed["staff"]["name"] == "Tim Tailor"
    assert still.data["viewer"]
    assert promoted["staff"]["staffRole"] == "MSSP_ADMIN"
    assert ended.unauthenticated
    afterwards = await ask("{ portals { totalCount } }", token=await world.token(tim))
    assert afterwards.data["portals"]["totalCount"] == 0


async def test_a_deactivated_member_is_refused_at_the_next_request_and_cannot_accept(world: World, ask: Ask) -> None:
    nora, tim = await world.mssp_admin(), await world.technician(password=PASSWORD)
    invited = await invite(ask, nora, "new@msp.test")
    (token,) = await invitation_tokens(world, row_id(invited))
    await ask(VIEWER, actor=tim)

    off = await update(ask, nora, tim, isActive=False)
    refused = await ask(VIEWER, actor=tim)
    await StaffMember.filter(id=row_id(invited)).update(is_active=True)
    await ask(
        "mutation ($id: ID!) { updateStaff(input: {id: $id, isActive: false}) { errors { code } } }",
        actor=nora,
        id=invited["staff"]["id"],
    )
    accepted = (await ask(ACCEPT, input={"token": token, "password": PASSWORD})).data["acceptInvitation"]

    assert off["staff"]["isActive"] is False
    assert refused.unauthenticated
    assert codes(accepted) == ["INVALID_TOKEN"]
    assert not await AccountSession.filter(staff_id=tim.id, revoked_at=None).exists()


async def test_a_deleted_member_is_gone_with_sessions_and_the_events_stay(world: World, ask: Ask) -> None:
    nora, tim = await world.mssp_admin(), await world.technician()
    await ask(VIEWER, actor=tim)
    await FailedSignIns.create(account_id=tim.id, failed_at=world.clock.now(), unlogged=2)

    payload = await delete(ask, nora, tim)
    refused = await ask(VIEWER, actor=tim)

    log = (await ask("{ auditLog { nodes { event changes { before after } } } }", actor=nora)).data["auditLog"]["nodes"]
    assert payload == {"deletedStaffId": tim.gid, "errors": []}
    assert refused.unauthenticated
    assert not await StaffMember.filter(id=tim.id).exists()
    assert not await FailedSignIns.exists()
    assert log[0] == {"event": "STAFF_DELETED", "changes": [{"before": tim.gid, "after": None}]}


async def test_the_last_admin_who_can_sign_in_stays(world: World, ask: Ask) -> None:
    nora, tim = await world.mssp_admin(password=PASSWORD), await world.technician(password=PASSWORD)
    await world.staff(is_active=False, password=PASSWORD)
    await world.mssp_admin(await world.mssp(), password=PASSWORD)
    await invite(ask, nora, "new@msp.test", "MSSP_ADMIN")

    refused = [
        await update(ask, nora, nora, isActive=False),
        await update(ask, nora, nora, staffRole="MSSP_TECHNICIAN"),
        await delete(ask, nora, nora),
    ]
    await update(ask, nora, tim, staffRole="MSSP_ADMIN")
    stepped_down = await update(ask, nora, nora, staffRole="MSSP_TECHNICIAN")

    assert [codes(each) for each in refused] == [["LAST_ADMIN"]] * 3
    assert stepped_down["staff"]["staffRole"] == "MSSP_TECHNICIAN"


async def test_staff_of_another_mssp_are_not_found_and_names_stay_out_of_the_log(world: World, ask: Ask) -> None:
    nora, eve, tim = await world.mssp_admin(), await world.mssp_admin(await world.mssp()), await world.technician()

    foreign = [await update(ask, eve, tim, name="Seen"), await delete(ask, eve, tim)]
    await update(ask, nora, tim, name="Tim Tailor")

    log = (await ask("{ auditLog { nodes { changes { field before after } } } }", actor=nora)).data["auditLog"]
    assert [codes(each) for each in foreign] == [["NOT_FOUND"]] * 2
    assert log["nodes"][0]["changes"][1] == {"field": "name", "before": None, "after": None}


async def test_a_technician_and_portal_accounts_change_no_staff(world: World, ask: Ask) -> None:
    portal = await world.portal()
    tim = await world.technician(portal)

    for person in (tim, await world.portal_admin(portal), await world.user(portal)):
        assert codes(await update(ask, person, tim, isActive=False)) == ["NOT_ALLOWED"]
        assert codes(await invite(ask, person, "new@msp.test")) == ["NOT_ALLOWED"]
        assert codes(await delete(ask, person, tim)) == ["NOT_ALLOWED"]
