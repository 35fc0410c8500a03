"""Names of deleted users in the audit log and in stored outcomes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from models.tables import DeletedName
from rules.housekeeping import Task
from services.housekeeping.tasks import TaskRunner
from tests.support.databases.stored import places_of
from tests.support.world import Ask, Person, TestClock, World

A_DAY, AN_INSTANT = timedelta(days=1), timedelta(milliseconds=1)
NAMES = """
{
  auditLog { nodes { user { id } userName } }
  bulkOperations { nodes { outcomes { nodes { user { id } label } } } }
}
"""


async def names(ask: Ask, world: World, viewer: Person) -> list[Any]:
    """Return the names in the audit log, then the names in the stored outcomes. Each list begins with the newest."""
    data = (await ask(NAMES, token=await world.token(viewer))).data
    stored = [node["outcomes"]["nodes"] for node in data["bulkOperations"]["nodes"]]
    return [
        [event["userName"] for event in data["auditLog"]["nodes"]],
        [outcome["label"] for outcomes in stored for outcome in outcomes],
    ]


async def test_the_present_name_is_shown_as_long_as_the_user_is_there(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.user(first_name="Bob", last_name="Lee")

    await ask.act("lockUsers", ann, bob, "unknown")

    assert await names(ask, world, ann) == [["Bob Lee"], ["Bob Lee", None]]


async def test_by_default_the_name_is_deleted_with_the_user(world: World, ask: Ask) -> None:  # K32
    ann, bob = await world.portal_admin(), await world.user(first_name="Quincunx")
    await ask.act("lockUsers", ann, bob)

    await ask.act("deleteUsers", ann, bob)

    assert await names(ask, world, ann) == [[None, None], [None, None]]
    assert await places_of("Quincunx") == []


async def test_a_portal_keeps_the_name_for_the_days_of_its_policy(
    world: World, ask: Ask, clock: TestClock
) -> None:  # K32
    portal = await world.portal(deleted_name_retention_days=30)
    ann, bob = await world.portal_admin(portal), await world.user(portal, first_name="Bob", last_name="Lee")
    await ask.act("lockUsers", ann, bob)

    await ask.act("deleteUsers", ann, bob)
    clock.advance(30 * A_DAY - AN_INSTANT)
    before = await names(ask, world, ann)
    clock.advance(AN_INSTANT)
    after = await names(ask, world, ann)

    assert before == [["Bob Lee"] * 2, ["Bob Lee"] * 2]
    assert after == [[None, None], [None, None]]


async def test_a_kept_name_is_shown_to_those_who_manage_the_portal(world: World, ask: Ask) -> None:  # L3, T2
    portal, sibling = await world.portal(deleted_name_retention_days=1), await world.portal("sibling")
    nora, bob = await world.mssp_admin(), await world.user(portal, first_name="Bob", last_name="Lee")
    eve, kim = await world.portal_admin(sibling), await world.user(sibling)
    await ask.act("lockUsers", nora, bob, kim)
    await ask.act("deleteUsers", nora, bob)

    assert (await names(ask, world, nora))[0][0] == "Bob Lee"
    assert "Bob Lee" not in str(await names(ask, world, eve))


async def test_housekeeping_drops_names_whose_days_are_over(world: World, ask: Ask, clock: TestClock) -> None:
    portal = await world.portal(deleted_name_retention_days=1)
    ann, people = await world.portal_admin(portal), await world.users(2, portal)
    await ask.act("deleteUsers", ann, people[0])
    clock.advance(A_DAY)
    await ask.act("deleteUsers", await world.portal_admin(portal), people[1])

    await TaskRunner(world.parts.runtime).run_task(Task.DROP_DELETED_NAMES, _nothing)

    assert [row.id for row in await DeletedName.all()] == [people[1].id]


async def _nothing(done: int) -> None:
    """Ignore the progress."""
