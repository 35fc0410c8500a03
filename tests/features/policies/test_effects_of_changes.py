"""Which effects a change of the policy has at once, and which users stay unchanged."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from models.tables import LinkToken, PortalUser
from rules.housekeeping import Task
from rules.lifecycle.licenses import UserKind
from rules.lifecycle.statuses import Status
from services.admin.doctor import find_wrong_values
from tests.features.invitations.inviting import ada, invite_new
from tests.features.policies.changing import changed, stored
from tests.services.housekeeping.running import A_WEEK, swept
from tests.support.world import Ask, TestClock, World
from tests.support.world.answers import reasons


async def seated(portal: Any) -> set[Any]:
    return {user.id for user in await PortalUser.filter(portal_id=portal.id, holds_seat=True)}


async def test_a_change_of_seat_mode_recounts_seats_at_once(world: World, ask: Ask, clock: TestClock) -> None:
    portal = await world.portal(seats=2, seat_mode="UNLIMITED")
    active, suspended = await world.user(portal), await world.user(portal, status=Status.SUSPENDED)
    await world.user(portal, kind=UserKind.INTERNAL)
    await world.user(portal, status=Status.DEACTIVATED)
    for address in ("late@new.test", "early@new.test"):
        await invite_new(ask, await world.mssp_admin(), portal, ada(email=address))
        clock.advance(timedelta(days=4))
    late, early = [await PortalUser.get(email=f"{name}@new.test") for name in ("early", "late")]

    nora, tiles = await world.mssp_admin(), {}
    for mode in ("ON_ACTIVATION", "ON_INVITE", "UNLIMITED", "ON_INVITE", "ON_ACTIVATION"):
        tiles[mode] = (await changed(ask, nora, portal, seatMode=mode))["licenseTiles"]
        assert not await find_wrong_values(world.parts.runtime)
        holders = {"UNLIMITED": set(), "ON_INVITE": {active.id, suspended.id, late.id}}
        assert await seated(portal) == holders.get(mode, {active.id, suspended.id})

    assert early.id not in await seated(portal)
    assert tiles["ON_INVITE"] == {"seatsTotal": 2, "seatsUsed": 3, "seatsAvailable": 0}
    assert tiles["UNLIMITED"] == {"seatsTotal": None, "seatsUsed": 0, "seatsAvailable": None}


async def test_fewer_admins_than_there_are_is_allowed_and_lets_no_further_one_in(world: World, ask: Ask) -> None:  # L2
    nora, portal = await world.mssp_admin(), await world.portal()
    admins = [await world.portal_admin(portal) for _ in range(3)]

    await changed(ask, nora, portal, maxAdmins=1)

    assert [await world.status(admin) for admin in admins] == [Status.ACTIVE] * 3
    assert reasons(await invite_new(ask, nora, portal, ada(role="PORTAL_ADMIN"))) == ["ADMIN_LIMIT_REACHED"]
    assert reasons(await invite_new(ask, nora, portal, ada())) == [None]


@pytest.mark.parametrize(
    "setting", [{"passwordSignInEnabled": False}, {"passwordMaxAgeDays": 1}, {"lockoutThreshold": 3}]
)
async def test_no_change_ends_a_session(world: World, ask: Ask, setting: dict[str, Any]) -> None:
    nora, portal = await world.mssp_admin(), await world.portal()
    ann = await world.portal_admin(portal)
    assert (await ask("{ viewer { id } }", actor=ann)).data["viewer"]

    await changed(ask, nora, portal, **setting)

    assert (await ask("{ viewer { id } }", actor=ann)).data["viewer"] == {"id": ann.gid}


async def test_a_shorter_life_of_links_changes_no_link_that_was_sent(world: World, ask: Ask) -> None:
    nora, portal = await world.mssp_admin(), await world.portal()
    await invite_new(ask, nora, portal, ada())
    before = (await LinkToken.get()).expires_at

    await changed(ask, nora, portal, invitationTtlHours=1)

    assert (await LinkToken.get()).expires_at == before


async def test_a_shorter_idle_period_suspends_a_week_after_the_warning(
    world: World, ask: Ask, clock: TestClock
) -> None:
    portal = await world.portal(idle_suspend_days=None)
    bob = await world.user(portal)
    clock.advance(timedelta(days=60))
    nora = await world.mssp_admin()

    await changed(ask, nora, portal, idleSuspendDays=30)

    assert await swept(world) == {Task.WARN_IDLE: 1}
    clock.advance(A_WEEK - timedelta(seconds=1))
    assert await swept(world) == {}
    clock.advance(timedelta(seconds=1))
    assert await swept(world) == {Task.SUSPEND_IDLE: 1}
    assert await world.status(bob) is Status.SUSPENDED


@pytest.mark.parametrize("days", [90, None])
async def test_a_longer_idle_period_forgets_warnings_that_came_too_early(
    world: World, ask: Ask, clock: TestClock, days: int | None
) -> None:
    portal = await world.portal(idle_suspend_days=30)
    bob = await world.user(portal)
    clock.advance(timedelta(days=29))
    assert await swept(world) == {Task.WARN_IDLE: 1}

    await changed(ask, await world.mssp_admin(), portal, idleSuspendDays=days)

    assert (await PortalUser.get(id=bob.id)).idle_warned_at is None
    clock.advance(timedelta(days=60))
    assert (await swept(world)).get(Task.WARN_IDLE, 0) == (1 if days else 0)


async def test_names_of_deleted_users_are_kept_as_long_as_the_policy_said_then(
    world: World, ask: Ask, clock: TestClock
) -> None:
    nora, portal = await world.mssp_admin(), await world.portal()
    await changed(ask, nora, portal, deletedNameRetentionDays=30)
    bob = await world.user(portal, first_name="Bob", last_name="Byron")
    await ask.act("deleteUsers", nora, bob)
    await changed(ask, nora, portal, deletedNameRetentionDays=0)
    clock.advance(timedelta(days=29))

    log = await ask("{ auditLog { nodes { event userName } } }", actor=await world.mssp_admin())

    assert {"event": "USER_DELETED", "userName": "Bob Byron"} in log.data["auditLog"]["nodes"]
    assert (await stored(portal)).deleted_name_retention_days == 0
