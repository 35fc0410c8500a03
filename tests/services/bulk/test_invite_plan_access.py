"""Invitations of users with different access in one call, as the import of a CSV file makes them."""

from __future__ import annotations

from typing import Any

from rules.access import Actor, Role
from rules.grants.access_changes import AccessChange, RequestedGrant
from rules.grants.kinds import GrantableKind, ModuleAccess
from rules.lifecycle.licenses import UserKind
from rules.lifecycle.statuses import Status
from services.auth import sessions
from services.bulk import engine
from services.bulk.invite_plan import InvitePlan
from services.bulk.plan import RunOptions
from services.bulk.results import BulkResult
from services.bulk.targets.invitees import Invitee
from services.bulk.targets.selection import Invitees
from services.onboarding.invitations import InvitationOptions
from services.ports import Caller
from tests.features.access.changes.changing import NOTHING, held
from tests.features.listing.counting_statements import statements
from tests.support.granting import entry, grant
from tests.support.world import Person, World

Kind = GrantableKind


async def actor_of(world: World, person: Person) -> Actor:
    parts = world.parts

    async def write() -> Actor:
        caller = Caller("127.0.0.1", None)
        return (await sessions.begin(parts.runtime, parts.ports, caller, person.key, parts.runtime.now())).acting.actor

    return await parts.runtime.transactions.run(write)


def invitee(
    n: int,
    *grants: RequestedGrant,
    of: GrantableKind = Kind.GROUP,
    role: Role = Role.PORTAL_USER,
    kind: UserKind = UserKind.EXTERNAL,
) -> Invitee:
    """Return the invitee p<n>@new.test with the given grants. Without grants, the invitee has no own access."""
    own = AccessChange(lists=((of, grants),)) if grants else None
    return Invitee(f"p{n}@new.test", f"P{n}", None, None, role, kind, label=f"P{n}", access=own)


async def invited(world: World, portal: Any, *invitees: Invitee, access: AccessChange | None = None) -> BulkResult:
    actor = await actor_of(world, await world.mssp_admin())
    plan = InvitePlan(Invitees(portal.id, invitees), InvitationOptions(), access)
    return await engine.run(world.parts.runtime, actor, plan, RunOptions())


def people(run: BulkResult) -> list[Person]:
    return [Person(outcome.user_id, "PortalUser", "") for outcome in run.outcomes if outcome.user_id]


def codes(run: BulkResult) -> list[str | None]:
    return [outcome.reason and outcome.reason.value for outcome in run.outcomes]


async def test_each_invitee_gets_the_own_access_else_that_of_the_call(world: World) -> None:  # W4
    portal = await world.portal()
    crew, guests = [await entry(world, portal, Kind.GROUP, name) for name in ("Crew", "Guests")]

    run = await invited(
        world,
        portal,
        invitee(1, RequestedGrant(crew.id)),
        invitee(2, RequestedGrant(crew.id), RequestedGrant(guests.id)),
        invitee(3),
        access=AccessChange(all_sub_accounts=True),
    )

    assert codes(run) == [None] * 3
    assert [await held(world, person) for person in people(run)] == [
        {**NOTHING, "GROUP": ["Crew"]},
        {**NOTHING, "GROUP": ["Crew", "Guests"]},
        {**NOTHING, "all": True},
    ]


async def test_an_invitee_is_refused_for_the_own_access_alone(world: World) -> None:  # K5, W6
    portal = await world.portal(in_production=True)
    elsewhere = await entry(world, await world.portal(), Kind.GROUP)
    pricing = RequestedGrant((await entry(world, portal, Kind.MODULE, admin_only=True)).id, ModuleAccess.READ)
    editor = RequestedGrant((await entry(world, portal, Kind.APP_ROLE, app="CRM")).id)

    run = await invited(
        world,
        portal,
        invitee(1, pricing, of=Kind.MODULE),
        invitee(2, pricing, of=Kind.MODULE, role=Role.PORTAL_ADMIN),
        invitee(3, editor, of=Kind.APP_ROLE, kind=UserKind.INTERNAL),
        invitee(4, editor, of=Kind.APP_ROLE),
        invitee(5, RequestedGrant(elsewhere.id)),
        invitee(6, RequestedGrant(None)),
        invitee(7, editor, of=Kind.GROUP),
    )

    outside = ["NOT_IN_PORTAL"] * 3
    assert codes(run) == ["ADMIN_ONLY_MODULE", None, "INTERNAL_USER_NOT_ALLOWED", None, *outside]
    assert [outcome.field for outcome in run.outcomes[4:]] == ["groupIds"] * 3


async def test_a_user_who_was_added_before_gets_the_access_of_the_invitee(world: World) -> None:  # W4
    portal = await world.portal()
    crew, guests = [await entry(world, portal, Kind.GROUP, name) for name in ("Crew", "Guests")]
    bob = await world.user(portal, email="p1@new.test", status=Status.STAGED)
    await grant(world, bob, guests)

    run = await invited(world, portal, invitee(1, RequestedGrant(crew.id)))

    assert codes(run) == [None]
    assert await held(world, bob) == {**NOTHING, "GROUP": ["Crew"]}


async def test_each_with_an_own_access_takes_the_statements_of_one(world: World) -> None:
    portal = await world.portal()
    groups = [await entry(world, portal, Kind.GROUP) for _ in range(20)]
    rows = [invitee(n, RequestedGrant(groups[n % 20].id), RequestedGrant(groups[-1 - n % 20].id)) for n in range(201)]

    counts = []
    for invitees in (rows[:1], rows[1:]):
        with statements() as sent:
            run = await invited(world, portal, *invitees)
        assert set(codes(run)) == {None}
        counts.append(len(sent))

    assert counts[0] == counts[1]
