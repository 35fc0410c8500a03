"""`availableActions`, a dry run and the real run give the same answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.db.sql import Sql, write
from models.tables import Portal, PortalUser
from rules.access import Role
from rules.lifecycle.actions import ACTIONS, Action
from rules.lifecycle.licenses import SeatMode, UserKind
from rules.lifecycle.statuses import Status, StatusReason
from rules.text.folding import login_key
from tests.features.account.editing import code, update
from tests.features.selections.selecting import act, codes, preview, these
from tests.support.world import Ask, Person, World
from tests.support.world.answers import gids
from tests.support.world.bulk_documents import changing

MUTATIONS = {
    Action.INVITE: "inviteUsers",
    Action.ACTIVATE: "activateUsers",
    Action.DEACTIVATE: "deactivateUsers",
    Action.LOCK: "lockUsers",
    Action.UNLOCK: "unlockUsers",
    Action.DELETE: "deleteUsers",
    Action.RESEND_VERIFICATION: "resendVerifications",
    Action.RESET_PASSWORD: "resetPasswords",
    Action.RESET_MFA: "resetMfa",
    Action.REVOKE_SESSIONS: "revokeSessions",
    Action.CHANGE_ROLE: "changeRoles",
    Action.CHANGE_ACCESS: "changeAccess",
}
MANAGERS = [Role.MSSP_ADMIN, Role.MSSP_TECHNICIAN, Role.PORTAL_ADMIN]
OFFERED = """
query ($ids: [ID!]!, $only: [UserAction!]) {
  nodes(ids: $ids) {
    ... on PortalUser {
      availableActions(only: $only) { action allowed reason { code message retryable retryAt suggestedAction params { name value } } }
    }
  }
}
"""

Answer = tuple[bool, Any]
"""Whether an action is allowed, and the complete reason if it is not."""


async def offers(ask: Ask, viewer: Person, *people: Person, only: list[str] | None = None) -> list[dict[str, Answer]]:
    """Return the Answer of `availableActions` by action, for each person: for the actions in `only`, or for all."""
    nodes = (await ask(OFFERED, actor=viewer, ids=gids(list(people)), only=only)).data["nodes"]
    return [{e["action"]: (e["allowed"], e["reason"]) for e in node["availableActions"]} for node in nodes]


def answered(payload: Any) -> list[Answer]:
    assert codes(payload) == []
    return [(outcome["status"] == "SUCCEEDED", outcome["reason"]) for outcome in payload["outcomes"]]


async def actor_of_role(world: World, role: Role, portal: Portal) -> Person:
    if role is Role.PORTAL_ADMIN:
        return await world.portal_admin(portal)
    return await (world.technician(portal) if role is Role.MSSP_TECHNICIAN else world.mssp_admin())


@pytest.mark.parametrize("role", MANAGERS)
@pytest.mark.parametrize("action", MUTATIONS)
async def test_what_is_offered_for_each_status_is_what_dry_and_real_runs_do(
    world: World, ask: Ask, action: Action, role: Role
) -> None:
    portal = await world.portal()
    actor = await actor_of_role(world, role, portal)
    people = [await world.user(portal, status=status, mfa_enrolled=on) for on in (False, True) for status in Status]

    offered = [answer[action] for answer in await offers(ask, actor, *people, only=[action])]
    dry = answered(await preview(ask, MUTATIONS[action], actor, these(*people)))
    real = answered(await act(ask, MUTATIONS[action], actor, these(*people)))

    assert offered == dry == real
    assert all(allowed is (reason is None) for allowed, reason in offered)


@dataclass(frozen=True)
class Place:
    """The random settings of a portal. `seats` is None if the portal has no package."""

    is_active: bool
    password_sign_in_enabled: bool
    seat_mode: SeatMode
    seats: int | None
    package_has_ended: bool
    max_admins: int | None


@dataclass(frozen=True)
class DrawnUser:
    status: Status
    resume: tuple[Status, StatusReason | None]
    waits: bool
    kind: UserKind
    role: Role
    email: str
    pending: bool
    enrolled: bool
    reset_mailed: int | None
    verification_mailed: int | None


mailed = st.sampled_from([None, None, 0, 59, 60])
places = st.builds(
    Place,
    is_active=st.sampled_from([True, True, True, False]),
    password_sign_in_enabled=st.sampled_from([True, True, False]),
    seat_mode=st.sampled_from(SeatMode),
    seats=st.sampled_from([None, 1, 2, 50]),
    package_has_ended=st.sampled_from([False, False, True]),
    max_admins=st.sampled_from([None, None, 1, 2]),
)
people = st.builds(
    DrawnUser,
    status=st.sampled_from(Status),
    resume=st.sampled_from(
        [
            (Status.ACTIVE, None),
            (Status.RECOVERY, StatusReason.RESET_REQUESTED_BY_ADMIN),
            (Status.AWAITING_NEW_PASSWORD, StatusReason.PASSWORD_EXPIRED),
        ]
    ),
    waits=st.booleans(),
    kind=st.sampled_from(UserKind),
    role=st.sampled_from([Role.PORTAL_USER, Role.PORTAL_USER, Role.PORTAL_ADMIN]),
    email=st.sampled_from(["verified", "verified", "unverified", "none"]),
    pending=st.booleans(),
    enrolled=st.booleans(),
    reset_mailed=mailed,
    verification_mailed=mailed,
)


async def settled(world: World, portal: Portal, wanted: DrawnUser, n: int) -> Person:
    """Create the drawn user `wanted`. Only a LOCKED_OUT, SUSPENDED or DEACTIVATED user gets its status to resume."""
    away = wanted.status in (Status.LOCKED_OUT, Status.SUSPENDED, Status.DEACTIVATED)
    person = await world.user(
        portal,
        email=None if wanted.email == "none" else f"p{n}@acme.test",
        status=wanted.status,
        status_reason=StatusReason.WAITING_FOR_SEAT if wanted.waits and wanted.status is Status.DEACTIVATED else None,
        resume_status=wanted.resume[0] if away else None,
        resume_reason=wanted.resume[1] if away else None,
        kind=wanted.kind,
        role=wanted.role,
        mfa_enrolled=wanted.enrolled,
    )
    mailed = {"reset_mailed_at": wanted.reset_mailed, "verification_mailed_at": wanted.verification_mailed}
    columns: dict[str, Any] = {
        column: None if seconds is None else world.clock.now() - timedelta(seconds=seconds)
        for column, seconds in mailed.items()
    }
    if wanted.email == "unverified":
        columns["email_verified_at"] = None
    if wanted.pending:
        columns |= {"pending_email": f"new{n}@acme.test", "pending_email_key": login_key(f"new{n}@acme.test")}
    await PortalUser.filter(id=person.id).update(**columns)
    return person


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    place=places,
    cast=st.lists(people, min_size=1, max_size=4),
    role=st.sampled_from(MANAGERS),
    actions=st.lists(st.sampled_from(list(MUTATIONS)), min_size=1, max_size=6),
)
async def test_offer_dry_run_and_real_run_agree_whatever_the_portal_and_the_user(
    world: World, ask: Ask, place: Place, cast: list[DrawnUser], role: Role, actions: list[Action]
) -> None:
    await write(Sql("DELETE FROM mssp"))  # one database for all examples
    world, ask = World(world.parts, world.clock), Ask(world, ask.client)
    portal = await world.portal(seats=None, seat_mode=place.seat_mode)
    if place.seats is not None:
        await world.package(portal, place.seats, ends_at=world.clock.now() if place.package_has_ended else None)
    actor = await actor_of_role(world, role, portal)
    token = await world.token(actor)
    users = [await settled(world, portal, wanted, n) for n, wanted in enumerate(cast)]
    users += [actor] if role is Role.PORTAL_ADMIN else []
    # A session outlives that its portal gives up passwords, but not that it is switched off.
    is_active = place.is_active or role is Role.PORTAL_ADMIN
    await Portal.filter(id=portal.id).update(
        is_active=is_active, password_sign_in_enabled=place.password_sign_in_enabled, max_admins=place.max_admins
    )

    for n, action in enumerate(actions):
        user = users[n % len(users)]
        reply = await ask(OFFERED, token=token, ids=[user.gid], only=[action])
        if reply.unauthenticated or not reply.data["nodes"][0]:
            return  # the actor has no access any more, or the user is deleted
        offered = [(e["allowed"], e["reason"]) for e in reply.data["nodes"][0]["availableActions"]]
        name, row = MUTATIONS[action], await world.row(user)
        options = changing(name, row.role, all_sub_accounts=row.all_sub_accounts) if row else {}
        dry = answered(await preview(ask, name, actor, these(user), token=token, **options))
        real = answered(await act(ask, name, actor, these(user), token=token, **options))

        assert offered == dry == real, action


async def test_every_action_is_answered_for_and_those_asked_in_their_order(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.user()

    (every,), (some,) = await offers(ask, ann, bob), await offers(ask, ann, bob, only=["LOCK", "INVITE", "ACTIVATE"])

    assert (list(every), set(every)) == (list(ACTIONS), {*MUTATIONS, Action.UPDATE})
    assert list(some) == ["LOCK", "INVITE", "ACTIVATE"]


@pytest.mark.parametrize("role", [*MANAGERS, Role.PORTAL_USER])
async def test_editing_is_offered_on_the_users_that_the_caller_may_edit(world: World, ask: Ask, role: Role) -> None:
    portal = await world.portal()
    actor = await (world.user(portal) if role is Role.PORTAL_USER else actor_of_role(world, role, portal))
    others = [await world.user(portal, status=status) for status in Status]
    people = ([] if role is Role.PORTAL_USER else others) + ([] if actor.is_staff else [actor])

    offered = [answer["UPDATE"] for answer in await offers(ask, actor, *people, only=["UPDATE"])]
    refused = [code(await update(ask, actor, person, firstName="EditResult")) for person in people]

    assert (offered, refused) == ([(True, None)] * len(people), [None] * len(people))


@pytest.mark.parametrize("status", Status)
async def test_a_portal_user_is_offered_what_the_mutations_allow(world: World, ask: Ask, status: Status) -> None:  # T1
    bob = await world.user()
    token = await world.token(bob)
    await PortalUser.filter(id=bob.id).update(status=status)

    reply = await ask(OFFERED, token=token, ids=[bob.gid])
    if reply.unauthenticated:
        return
    (node,) = reply.data["nodes"]
    offered = {e["action"]: [e["reason"]["code"]] if e["reason"] else [] for e in node["availableActions"]}
    runs = {action: codes(await act(ask, name, bob, these(bob), token=token)) for action, name in MUTATIONS.items()}
    edit = codes(await update(ask, bob, bob, token=token, firstName="EditResult"))

    assert offered == {**runs, Action.UPDATE: edit}
    assert runs == {action: ["NOT_ALLOWED"] for action in MUTATIONS}
