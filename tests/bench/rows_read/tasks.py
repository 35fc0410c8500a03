"""The everyday tasks of the product: lists, signing in, mail and housekeeping. Each task is one call of a client."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any, NamedTuple

from resolvers.core.global_ids import global_id
from services.housekeeping.run import Housekeeping
from services.mail.outbox import Outbox
from services.passwords import password_reset
from tests.bench.rows_read.account_tasks import account_tasks
from tests.bench.rows_read.multitude import Multitude, Side
from tests.support.world import PASSWORD, Ask, Person, World

USERS = """
query ($portal: ID, $category: UserCategory, $orderBy: [UserOrder!], $filter: UserFilter, $search: String, $after: String) {
  users(portalId: $portal, category: $category, orderBy: $orderBy, filter: $filter, search: $search, first: 50, after: $after) {
    nodes { id name portal { slug } invitation { state } } pageInfo { hasNextPage endCursor }
  }
}
"""
TOTAL = "query ($portal: ID) { users(portalId: $portal) { totalCount } }"
AUDIT = """
query ($portal: ID, $user: ID, $filter: AuditFilter, $after: String) {
  auditLog(portalId: $portal, userId: $user, filter: $filter, first: 50, after: $after) {
    nodes { id event actorName portal { slug } user { name } operation { id } } pageInfo { hasNextPage endCursor }
  }
}
"""
OPERATIONS = """
query ($portal: ID, $states: [BulkOperationState!], $after: String) {
  bulkOperations(portalId: $portal, stateIn: $states, first: 50, after: $after) {
    nodes { id total summary { succeeded } outcomes(first: 2) { nodes { label } } startedBy { id } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
PORTALS = "{ portals(first: 50) { nodes { slug licenseTiles { seatsUsed } users(first: 3) { nodes { id } } } } }"
TILES = "{ licenseTiles { seatsTotal seatsUsed tiles { kind count } } }"
SESSIONS = "{ viewer { sessions { id } } }"
SIGN_IN = """
mutation ($input: SignInInput!) { signIn(input: $input) { session { refreshToken } errors { code } blockers { code } } }
"""
REFRESH = """
mutation ($input: RefreshSessionInput!) { refreshSession(input: $input) { session { refreshToken } errors { code } } }
"""
FORGOT = "mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { errors { code } } }"
BULK = "mutation ($input: BulkUsersInput!) { %s(input: $input) { summary { succeeded } errors { code } } }"
INVITE = "mutation ($input: InviteUsersInput!) { inviteUsers(input: $input) { summary { succeeded } errors { code } } }"

PREVIEW_POLICY = """
query ($input: UpdatePortalPolicyInput!) { previewPortalPolicy(input: $input) { effects { kind users } errors { code } } }
"""
POLICY = {
    "idleSuspendDays": 30,
    "deactivatedRetentionDays": 1,
    "passwordMaxAgeDays": 1,
    "mfaRequired": True,
    "lockoutThreshold": 3,
    "lockoutMinutes": 1,
    "seatMode": "ON_INVITE",
    "maxAdmins": 1,
}
"""The changed settings of a policy preview. Every setting whose change has an effect on users is among them."""

INDEXED = ("LAST_NAME", "LAST_SIGN_IN_AT", "ADDED_AT")
"""The orders of a portal's users that an index serves."""


ALLOWED = {
    "models.housekeeping.expired_rows.delete": "a batch of 500 rows, each found, looked up and deleted",
}
"""The statements that may read more rows than the limit, each with its reason."""


class Task(NamedTuple):
    """A task to measure. `name` says which actor does what, and at which of the two providers."""

    name: str
    run: Callable[[], Awaitable[Any]]


async def tasks(world: World, ask: Ask, there: Multitude) -> AsyncIterator[Task]:
    """Yield every task in turn. A task may depend on the rows that an earlier task has written."""
    for side_name, side in (("large", there.large), ("small", there.small)):
        for who, (actor, portal) in side.managers.items():
            await ask("{ viewer { id } }", actor=actor)
            for name, document, variables in _lists(side, global_id("Portal", portal.id)):
                yield Task(f"{side_name} {who}: {name}", partial(_asked, ask, document, actor, **variables))
                if "$after" in document:
                    end = (await _asked(ask, document, actor, **variables))["pageInfo"]["endCursor"]
                    run = partial(_asked, ask, document, actor, **variables, after=end)
                    yield Task(f"{side_name} {who}: {name}, next page", run)
        for name, call in (*_signing_in(ask, side), *account_tasks(world, ask, side)):
            yield Task(f"{side_name}: {name}", call)
        yield Task(f"{side_name}: lockUsers", partial(_locked, ask, side))
        yield Task(f"{side_name}: inviteUsers", partial(_invited, ask, side))
        yield Task(f"{side_name}: previewPortalPolicy of a small portal", partial(_previewed, ask, side))
    await world.parts.runtime.transactions.wait_until_idle()
    for name, runtime in _by_itself(world):
        yield Task(name, runtime)


def _lists(side: Side, portal: str) -> list[tuple[str, str, dict[str, Any]]]:
    found: list[tuple[str, str, dict[str, Any]]] = [
        ("users", USERS, {}),
        ("users, ENABLED", USERS, {"category": "ENABLED"}),
        ("users of a portal", USERS, {"portal": portal}),
        ("users of a portal, DISABLED", USERS, {"portal": portal, "category": "DISABLED"}),
        ("audit log", AUDIT, {}),
        ("audit log of a portal", AUDIT, {"portal": portal}),
        ("audit log of a user", AUDIT, {"user": side.user.gid}),
        ("audit log of a ticket", AUDIT, {"filter": {"ticket": "INC-6"}}),
        ("audit log of a ticket that no event has", AUDIT, {"filter": {"ticket": "INC-none"}}),
        ("audit log of a ticket in a portal", AUDIT, {"portal": portal, "filter": {"ticket": "INC-6"}}),
        ("users, totalCount", TOTAL, {"portal": portal}),
        ("operations", OPERATIONS, {}),
        ("operations of a portal", OPERATIONS, {"portal": portal}),
        ("previews", OPERATIONS, {"states": ["PREVIEW"]}),
        ("portals", PORTALS, {}),
        ("tiles", TILES, {}),
        ("sessions", SESSIONS, {}),
    ]
    for field in INDEXED:
        order = {"orderBy": [{"field": field, "direction": "ASC"}]}
        found.append((f"users of a portal by {field}", USERS, {"portal": portal, **order}))
    return found


def _signing_in(ask: Ask, side: Side) -> list[tuple[str, Callable[[], Awaitable[Any]]]]:
    slug, user, staff = side.portals[0].slug, side.user.login, side.admin.login
    tries: list[tuple[str, dict[str, Any]]] = [
        ("sign-in", {"portalSlug": slug, "login": user, "password": PASSWORD}),
        ("sign-in, wrong password", {"portalSlug": slug, "login": user, "password": "wrong"}),
        ("sign-in, unknown login", {"portalSlug": slug, "login": "unknown", "password": "wrong"}),
        ("sign-in, unknown portal", {"portalSlug": "nowhere", "login": user, "password": "wrong"}),
        ("sign-in of staff", {"login": staff, "password": PASSWORD}),
    ]
    found: list[tuple[str, Callable[[], Awaitable[Any]]]] = [
        (name, partial(_called, ask, SIGN_IN, given)) for name, given in tries
    ]
    email = f"{user}@{slug}.test"
    found.append(("reset request", partial(_called, ask, FORGOT, {"portalSlug": slug, "email": email})))
    found.append(("reset request of staff", partial(_called, ask, FORGOT, {"email": staff})))
    found.append(("refresh", partial(_refreshed, ask, tries[0][1])))
    return found


def _by_itself(world: World) -> list[tuple[str, Callable[[], Awaitable[Any]]]]:
    """Yield the tasks of mail and housekeeping, which run without an actor and concern all providers."""
    outbox = Outbox(world.parts.runtime, jitter=lambda: 0.5, answer_request=password_reset.answer_next)
    housekeeping = Housekeeping(world.parts.runtime)
    return [("mail: claim", outbox.take), ("housekeeping", housekeeping.run), ("housekeeping again", housekeeping.run)]


async def _asked(ask: Ask, document: str, actor: Person | None, **variables: Any) -> Any:
    reply = await ask(document, actor=actor, **variables)
    if reply.errors:
        raise AssertionError(reply.errors)
    return next(iter(reply.data.values()))


async def _called(ask: Ask, document: str, given: dict[str, Any]) -> Any:
    answer = await _asked(ask, document, None, input=given)
    await ask.world.parts.runtime.transactions.wait_until_idle()
    return answer


async def _refreshed(ask: Ask, given: dict[str, Any]) -> Any:
    session = (await _called(ask, SIGN_IN, given))["session"]
    return await _called(ask, REFRESH, {"refreshToken": session["refreshToken"]})


async def _locked(ask: Ask, side: Side) -> Any:
    return await _asked(ask, BULK % "lockUsers", side.admin, input={"users": {"ids": [side.user.gid]}})


async def _previewed(ask: Ask, side: Side) -> Any:
    input = {"portalId": global_id("Portal", side.quiet.id), **POLICY}
    preview = await _asked(ask, PREVIEW_POLICY, side.admin, input=input)
    assert preview["errors"] == []
    return preview


async def _invited(ask: Ask, side: Side) -> Any:
    invitees = [{"firstName": "Guest", "email": f"guest.{n}@{side.portals[0].slug}.test"} for n in range(3)]
    given = {"target": {"newUsers": {"portalId": global_id("Portal", side.portals[0].id), "invitees": invitees}}}
    return await _asked(ask, INVITE, side.admin, input=given)
