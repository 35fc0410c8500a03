"""Tags of portals, and technicians who manage portals by tags."""

from __future__ import annotations

from models.portals import lookup
from models.tables import AssignedTag, PortalTag, StaffMember
from rules.access import Actor, Role
from rules.administration.tags import validate
from rules.audit_events import ProviderEvent
from services import provider_events
from services.administration import tags
from tests.features.administration.assigning import portals_of
from tests.features.listing.counting_statements import statements
from tests.support.world import Ask, World

TAGS = "{ portals { nodes { slug tags } } }"


async def test_staff_read_the_tags_of_portals_and_portal_accounts_do_not(world: World, ask: Ask) -> None:
    one, two = await world.portal("one"), await world.portal("two")
    await world.tag(one, "Region North", "gold")
    staff = [await world.mssp_admin(), await world.technician(one, two)]
    accounts = [await world.portal_admin(one), await world.user(one)]

    to_staff = [(await ask(TAGS, actor=person)).data["portals"]["nodes"] for person in staff]
    to_others = [(await ask(TAGS, actor=person)).data["portals"]["nodes"] for person in accounts]

    assert to_staff == [[{"slug": "one", "tags": ["gold", "Region North"]}, {"slug": "two", "tags": []}]] * 2
    assert to_others == [[{"slug": "one", "tags": None}]] * 2


async def test_the_tags_of_many_portals_are_read_in_one_statement(world: World, ask: Ask) -> None:
    nora = await world.mssp_admin()
    for _ in range(3):
        await world.tag(await world.portal(), "gold")

    await ask(TAGS, actor=nora)

    with statements() as for_one:
        await ask("{ portals(first: 1) { nodes { tags } } }", actor=nora)
    with statements() as for_three:
        await ask("{ portals(first: 3) { nodes { tags } } }", actor=nora)

    assert len(for_one) == len(for_three)


async def test_a_portal_that_gets_the_tag_later_is_within_reach_until_it_loses_the_tag(world: World, ask: Ask) -> None:
    one, two, elsewhere = (
        await world.portal("one"),
        await world.portal("two"),
        await world.portal("else", mssp=await world.mssp()),
    )
    tim = await world.technician(one)
    await AssignedTag.create(id=world.parts.runtime.new_id(), staff_id=tim.id, tag="Gold", tag_key="gold")

    before = await portals_of(ask, tim)
    await world.tag(one, "GOLD")
    await world.tag(two, "gold")
    await world.tag(elsewhere, "gold")
    tagged = await portals_of(ask, tim)
    await PortalTag.filter(portal_id=two.id).delete()
    afterwards = await portals_of(ask, tim)

    assert (before, tagged, afterwards) == (["one"], ["one", "two"], ["one"])


async def test_a_technician_of_all_portals_but_some_sees_no_event_of_the_provider(world: World, ask: Ask) -> None:
    await world.portal("one")
    two = await world.portal("two")
    nora, tim = await world.mssp_admin(), await world.technician()
    bob = await world.user(two)
    await ask.act("lockUsers", nora, bob)
    await StaffMember.filter(id=tim.id).update(assigned_all_except=True)
    runtime = world.parts.runtime
    event, at = ProviderEvent.MSSP_CREATED, runtime.now()
    await runtime.transactions.run(lambda: provider_events.record(runtime, event, two.mssp_id, at, actor_id=None))

    events = (await ask("{ auditLog { totalCount nodes { portal { slug } } } }", actor=tim)).data["auditLog"]

    assert await portals_of(ask, tim) == ["one", "two"]
    assert events["totalCount"] == 1
    assert events["nodes"] == [{"portal": {"slug": "two"}}]


async def test_replaced_tags_are_a_change_for_the_event_and_equal_ones_are_none(world: World) -> None:
    portal, nora = await world.portal(), await world.mssp_admin()
    actor = Actor(nora.id, nora.id, Role.MSSP_ADMIN, portal.mssp_id, None, "Nora")
    row = next(iter((await lookup.by_id(actor, [portal.id])).values())).row
    runtime = world.parts.runtime

    first = await tags.replace(runtime, actor, row, validate(["Gold", "north", "GOLD"]))
    again = await tags.replace(runtime, actor, row, validate(["north", "Gold"]))
    emptied = await tags.replace(runtime, actor, row, [])

    assert first == [{"field": "tags", "before": None, "after": "Gold, north"}]
    assert again == []
    assert emptied == [{"field": "tags", "before": "Gold, north", "after": None}]
