"""A portal or an assignment changes during bulk actions. Only later bulk actions are decided by the new values."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from models.db.database import database
from models.tables import AuditEvent, Portal
from resolvers.core.global_ids import global_id
from rules.access import Role
from rules.audit_events import PortalEvent, ProviderEvent
from rules.lifecycle.licenses import SeatMode, UserKind
from rules.lifecycle.statuses import Status
from services.admin.doctor import find_wrong_values
from tests.features.administration.administering import administer
from tests.features.administration.assigning import ASSIGN
from tests.processes.test_administration_races import answered
from tests.support.databases import Database
from tests.support.databases.wholeness import assert_every_operation_is_whole
from tests.support.world import Ask, Person, Reply, World
from tests.support.world.bulk_documents import bulk_document, bulk_input

USERS = 20


@pytest_asyncio.fixture
async def db(closed_db: Database) -> AsyncIterator[Database]:
    """Open the database with a long wait for a connection, because many callers share ten connections."""
    async with database(closed_db.url, patience=timedelta(minutes=1)):
        yield closed_db


@dataclass(frozen=True)
class Race:
    """A bulk mutation, and a change of the portal. After the change, the mutation is refused with `refusal`."""

    mutation: str
    refusal: str
    policy: dict[str, Any] = field(default_factory=dict)
    portal: dict[str, Any] = field(default_factory=dict)
    users: dict[str, Any] = field(default_factory=dict)
    begins_with: dict[str, Any] = field(default_factory=dict)


RACES = {
    "maximum of admins": Race("changeRoles", "ADMIN_LIMIT_REACHED", policy={"maxAdmins": 1}),
    "seats": Race(
        "activateUsers",
        "LICENSE_PACKAGE_INACTIVE",
        policy={"seatMode": "ON_ACTIVATION"},
        users={"status": Status.DEACTIVATED},
        begins_with={"seat_mode": SeatMode.UNLIMITED},
    ),
    "required reason": Race("lockUsers", "REASON_REQUIRED", policy={"reasonRequired": True}),
    "passwords": Race("resetPasswords", "PASSWORD_SIGN_IN_OFF", policy={"passwordSignInEnabled": False}),
    "inactive portal": Race(
        "unlockUsers", "PORTAL_INACTIVE", portal={"isActive": False}, users={"status": Status.SUSPENDED}
    ),
}


async def call(ask: Ask, actor: Person, mutation: str, *targets: Person) -> Reply:
    ids = [target.gid for target in targets]
    return await ask(bulk_document(mutation), actor=actor, input=bulk_input(mutation, {"ids": ids}))


@pytest.mark.parametrize("name", RACES)
async def test_a_bulk_beside_a_change_of_its_portal_is_decided_before_or_after_it(
    world: World, ask: Ask, name: str
) -> None:  # K12, K21, L2
    race = RACES[name]
    portal = await world.portal(seats=None, **race.begins_with)
    nora, eve = await world.mssp_admin(), await world.mssp_admin()
    await world.portal_admin(portal)
    people = await world.users(USERS, portal, kind=UserKind.EXTERNAL, **race.users)
    portal_id = global_id("Portal", portal.id)
    for person in (nora, eve):
        await ask("{ viewer { id } }", actor=person)

    async def change() -> Any:
        if race.policy:
            return await administer(ask, eve, "updatePortalPolicy", "portal { id }", portalId=portal_id, **race.policy)
        return await administer(ask, eve, "updatePortal", "portal { id }", id=portal_id, **race.portal)

    calls: list[Any] = [call(ask, nora, race.mutation, bob) for bob in people]
    calls.insert(USERS // 2, change())
    replies = list(await asyncio.gather(*calls))
    changed = replies.pop(USERS // 2)
    later = answered(await call(ask, nora, race.mutation, *(await world.users(1, portal, **race.users))))

    answers = [answered(reply) for reply in replies]
    done = [bob.id for bob, answer in zip(people, answers, strict=True) if answer == "SUCCEEDED"]
    assert changed["errors"] == []
    assert {*answers} <= {"SUCCEEDED", race.refusal}
    assert later == race.refusal
    events = await AuditEvent.all().order_by("id")
    of_change = next(
        n for n, e in enumerate(events) if e.event in (PortalEvent.POLICY_CHANGED, ProviderEvent.PORTAL_UPDATED)
    )
    assert {event.user_id for event in events[:of_change]} == {*done}
    assert len(events) == len(done) + 1
    assert await find_wrong_values(world.parts.runtime) == []
    await assert_every_operation_is_whole()


@pytest.mark.parametrize(
    "withdrawal",
    [{"portalIds": []}, {"tags": ["any"], "endsAt": "2020-01-01T00:00:00Z"}, {"allExcept": True}],
    ids=["withdrawn", "ended", "excepted"],
)
async def test_a_bulk_beside_the_end_of_its_assignment_changes_all_users_or_none(
    world: World, ask: Ask, withdrawal: dict[str, Any]
) -> None:
    kept, lost = await world.portal("kept"), await world.portal("lost")
    nora, tim = await world.mssp_admin(), await world.technician(kept, lost)
    selections = [[*await world.users(2, lost), *await world.users(2, kept)] for _ in range(USERS)]
    kept_id, lost_id = global_id("Portal", kept.id), global_id("Portal", lost.id)
    listed = [kept_id] if "portalIds" in withdrawal else [lost_id] if "allExcept" in withdrawal else [kept_id, lost_id]
    for person in (nora, tim):
        await ask("{ viewer { id } }", actor=person)

    calls: list[Any] = [call(ask, tim, "lockUsers", *people) for people in selections]
    calls.insert(USERS // 2, ask(ASSIGN, actor=nora, input={"staffId": tim.gid, **withdrawal, "portalIds": listed}))
    replies = list(await asyncio.gather(*calls))
    assigned = replies.pop(USERS // 2).data["assignPortals"]
    assert assigned["errors"] == []
    has_ended = "endsAt" in withdrawal
    allowed = {
        ("SUCCEEDED",) * 4,
        ("NOT_FOUND",) * 4 if has_ended else ("NOT_FOUND", "NOT_FOUND", "SUCCEEDED", "SUCCEEDED"),
    }
    for people, reply in zip(selections, replies, strict=True):
        found = verdicts(reply)
        assert found in allowed
        locked = [await world.status(person) is Status.SUSPENDED for person in people]
        assert locked == [verdict == "SUCCEEDED" for verdict in found]
    later = verdicts(await call(ask, tim, "unlockUsers", *selections[0]))
    assert later[:2] == ("NOT_FOUND", "NOT_FOUND")
    assert await find_wrong_values(world.parts.runtime) == []


def verdicts(reply: Reply) -> tuple[str, ...]:
    """Return the reason of each outcome, or its status if it has no reason."""
    (payload,) = reply.data.values()
    assert payload["errors"] == []
    return tuple(o["reason"]["code"] if o["reason"] else o["status"] for o in payload["outcomes"])


async def test_of_two_admins_who_take_the_role_from_each_other_exactly_one_stays(world: World, ask: Ask) -> None:
    pairs = [
        (await world.portal_admin(portal), await world.portal_admin(portal))
        for portal in [await world.portal() for _ in range(6)]
    ]
    for person in [each for pair in pairs for each in pair]:
        await ask("{ viewer { id } }", actor=person)
    document = bulk_document("changeRoles")

    for ann, bob in pairs:
        replies = await asyncio.gather(
            *(
                ask(document, actor=by, input={"users": {"ids": [of.gid]}, "role": "PORTAL_USER"})
                for by, of in ((ann, bob), (bob, ann))
            )
        )

        assert sorted(reply.codes for reply in replies) == [[], ["UNAUTHENTICATED"]]
        rows = [await world.row(person) for person in (ann, bob)]
        assert sorted(row.role for row in rows if row) == [Role.PORTAL_ADMIN, Role.PORTAL_USER]
    assert await find_wrong_values(world.parts.runtime) == []


@pytest.mark.parametrize("successors", [1, 2])
async def test_of_two_admins_who_hand_over_at_once_each_role_is_handed_over_once(
    world: World, ask: Ask, successors: int
) -> None:  # L2
    portal = await world.portal(max_admins=2)
    admins, people = [await world.portal_admin(portal) for _ in range(2)], await world.users(2, portal)
    for person in admins:
        await ask("{ viewer { id } }", actor=person)
    document = (
        "mutation ($input: TransferPortalAdminInput!)"
        " { transferPortalAdmin(input: $input) { errors { code params { value } } } }"
    )

    replies = await asyncio.gather(
        *(
            ask(document, actor=by, input={"toUserId": people[n % successors].gid, "fromUserId": by.gid})
            for n, by in enumerate(admins)
        )
    )

    problems = [
        [error["params"][0]["value"] for error in reply.data["transferPortalAdmin"]["errors"]] for reply in replies
    ]
    assert sorted(problems) == ([[], []] if successors == 2 else [[], ["ADMIN_ALREADY"]])
    rows = [await world.row(person) for person in (*admins, *people)]
    assert [row.role for row in rows if row].count(Role.PORTAL_ADMIN) == 2
    assert (await Portal.get(id=portal.id)).counted_admins == 2
    assert await find_wrong_values(world.parts.runtime) == []
