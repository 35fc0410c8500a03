"""Guessing ends: after 100 failures in a row, after five codes in a quarter of an hour; and the owner is told (T7)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models.tables import KnownSource, OutboxMail, PortalUser, SignInAttempts
from rules.auth.lockout import MOST_IN_A_ROW, MOST_KNOWN_SOURCES
from rules.lifecycle.statuses import Status
from services.auth.ports import Caller
from services.auth.sign_in import open_session
from tests.features.account.own_account import NEW_PASSWORD, forgot, link_of, reset
from tests.support.answers import reason, sign_in
from tests.support.mailed import mail_to
from tests.support.places import ELSEWHERE, FAR_AWAY, calling_from
from tests.support.world import PASSWORD, Ask, Person, TestClock, World

WRONG = "INVALID_CREDENTIALS"
GUESS = "a guess"
A_LOCK = timedelta(minutes=15)
A_DAY = timedelta(days=1)
A_YEAR = timedelta(days=365)


@pytest.fixture
async def bob(world: World) -> Person:
    """A user of a portal where three wrong passwords lock, for 15 minutes."""
    return await world.user(await world.portal("acme", lockout_threshold=3), password=PASSWORD)


async def tried(ask: Ask, person: Person, password: str = GUESS, times: int = 1) -> str:
    """The answer to the last of so many sign-ins: "in", or the first code."""
    for _ in range(times):
        payload = await sign_in(ask, person.login, password, person.portal.slug if person.portal else None)
    if payload["session"]:
        return "in"
    return str(payload["errors"][0]["code"] if payload["errors"] else payload["blockers"][0])


async def blockers(ask: Ask, person: Person) -> list[str]:
    """What an admin is told of the person."""
    document = "query ($id: ID!) { user(id: $id) { signInBlockers } }"
    admin = await ask.world.mssp_admin()
    found: list[str] = (await ask(document, actor=admin, id=person.gid)).data["user"]["signInBlockers"]
    return found


async def nearly_a_hundred_in_a_row(person: Person) -> None:
    """As if all but one of the failures had been made, without the time that it takes to make them."""
    await SignInAttempts.filter(account_id=person.id).update(in_a_row=MOST_IN_A_ROW - 1)


async def mails_of_locks(person: Person) -> int:
    whose = {"staff_id": person.id} if person.is_staff else {"user_id": person.id}
    return await OutboxMail.filter(kind="LOCKED_OUT", **whose).count()


async def test_a_hundred_failures_over_ten_locks_close_the_account(world: World, ask: Ask, clock: TestClock) -> None:
    bob = await world.user(await world.portal("acme", lockout_threshold=10), password=PASSWORD)
    async with calling_from(world, FAR_AWAY) as stranger:
        for _ in range(10):
            await tried(stranger, bob, times=10)
            clock.advance(A_LOCK)
        clock.advance(A_YEAR)

        assert await tried(stranger, bob, PASSWORD) == WRONG
        assert await blockers(ask, bob) == ["LOCKED_OUT"]


async def test_an_admin_opens_an_account_that_is_closed_for_good(
    world: World, ask: Ask, clock: TestClock, bob: Person
) -> None:
    ann = await world.portal_admin(bob.portal)
    await tried(ask, bob)
    await nearly_a_hundred_in_a_row(bob)
    await tried(ask, bob)
    clock.advance(A_YEAR)
    before = await tried(ask, bob, PASSWORD)

    opened = reason(await ask.act("unlockUsers", ann, bob))

    assert (before, opened) == (WRONG, None)
    assert await tried(ask, bob, PASSWORD) == "in"


@pytest.mark.parametrize("is_staff", [True, False])
async def test_a_new_password_opens_an_account_that_is_closed_for_good(
    world: World, ask: Ask, clock: TestClock, bob: Person, *, is_staff: bool
) -> None:
    person = await world.mssp_admin(password=PASSWORD) if is_staff else bob
    await tried(ask, person)
    await nearly_a_hundred_in_a_row(person)
    await tried(ask, person)
    clock.advance(A_YEAR)
    before = await tried(ask, person, PASSWORD)

    await forgot(ask, person.portal, person.login if is_staff else f"{person.login}@acme.test")
    await reset(ask, await link_of(world, person))

    assert before == WRONG
    assert await tried(ask, person, NEW_PASSWORD) == "in"


async def test_the_hundredth_failure_during_a_lock_makes_the_lock_last(
    world: World, ask: Ask, clock: TestClock, bob: Person
) -> None:
    await tried(ask, bob, times=3)
    await nearly_a_hundred_in_a_row(bob)

    await tried(ask, bob)
    clock.advance(A_LOCK)

    assert await tried(ask, bob, PASSWORD) == WRONG
    assert await blockers(ask, bob) == ["LOCKED_OUT"]


async def test_a_known_source_that_guessed_too_often_is_no_way_round(
    world: World, ask: Ask, clock: TestClock, bob: Person
) -> None:
    assert await tried(ask, bob, PASSWORD) == "in"
    await tried(ask, bob)
    await nearly_a_hundred_in_a_row(bob)
    await tried(ask, bob)
    clock.advance(A_DAY)

    assert await tried(ask, bob, PASSWORD) == WRONG


async def test_strangers_failures_are_counted_on_while_the_owner_signs_in_at_home(world: World, bob: Person) -> None:
    async with calling_from(world, ELSEWHERE) as at_home, calling_from(world, FAR_AWAY) as stranger:
        await tried(at_home, bob, PASSWORD)
        await tried(stranger, bob)
        await nearly_a_hundred_in_a_row(bob)
        at_home_before = await tried(at_home, bob, PASSWORD)

        await tried(stranger, bob)

        row = await world.row(bob)
        assert row
        assert (at_home_before, row.status, row.locked_for_good) == ("in", Status.LOCKED_OUT, True)
        assert await tried(at_home, bob, PASSWORD) == "in"


async def test_failures_of_earlier_days_lead_to_no_lock(world: World, ask: Ask, clock: TestClock, bob: Person) -> None:
    await tried(ask, bob, times=2)
    clock.advance(A_DAY)
    await tried(ask, bob, times=2)
    early = await world.status(bob)
    clock.advance(A_DAY - timedelta(seconds=1))

    await tried(ask, bob)

    assert (early, await world.status(bob)) == (Status.ACTIVE, Status.LOCKED_OUT)
    assert (await SignInAttempts.get(account_id=bob.id)).in_a_row == 5


async def test_the_owner_is_told_of_the_first_lock_of_a_series_only(
    world: World, ask: Ask, clock: TestClock, bob: Person
) -> None:
    for _ in range(3):
        await tried(ask, bob, times=4)
        clock.advance(A_DAY)

    told = [(mail.kind, mail.recipient) for mail in await mail_to(bob)]

    row = await world.row(bob)
    assert row
    assert told == [("LOCKED_OUT", row.email)]


async def test_the_owner_is_told_of_another_series_but_once_a_day(
    world: World, ask: Ask, clock: TestClock, bob: Person
) -> None:
    told = []
    for wait in (A_LOCK, A_DAY, A_LOCK):
        await tried(ask, bob, times=3)
        clock.advance(wait)
        assert await tried(ask, bob, PASSWORD) == "in"
        await KnownSource.all().delete()
        told.append(await mails_of_locks(bob))

    assert told == [1, 1, 2]


async def test_a_member_of_staff_is_told_of_the_first_lock_too(world: World, ask: Ask, clock: TestClock) -> None:
    nora = await world.mssp_admin(password=PASSWORD)
    await tried(ask, nora, times=9)
    before = await mails_of_locks(nora)

    for _ in range(2):
        await tried(ask, nora, times=10)
        clock.advance(A_LOCK)

    assert (before, await mails_of_locks(nora)) == (0, 1)


async def test_an_address_that_is_not_verified_is_told_nothing(world: World, ask: Ask, bob: Person) -> None:
    await PortalUser.filter(id=bob.id).update(email_verified_at=None)

    await tried(ask, bob, times=3)

    assert (await world.status(bob), await mails_of_locks(bob)) == (Status.LOCKED_OUT, 0)


@pytest.mark.parametrize("action", ["resetPasswords", "deactivateUsers", "revokeSessions", "lockUsers"])
async def test_what_ends_every_session_forgets_where_they_came_from(
    world: World, ask: Ask, bob: Person, action: str
) -> None:
    ann = await world.portal_admin(bob.portal)
    await tried(ask, bob, PASSWORD)
    before = await KnownSource.filter(user_id=bob.id).count()

    assert reason(await ask.act(action, ann, bob)) is None

    assert (before, await KnownSource.filter(user_id=bob.id).count()) == (1, 0)


async def test_a_thief_s_network_is_not_exempt_after_the_password_was_changed(world: World, bob: Person) -> None:
    change = "mutation ($i: ChangePasswordInput!) { changePassword(input: $i) { errors { code } } }"
    async with calling_from(world, ELSEWHERE) as at_home, calling_from(world, FAR_AWAY) as thief:
        await tried(thief, bob, PASSWORD)
        given = {"currentPassword": PASSWORD, "newPassword": NEW_PASSWORD}
        changed = await at_home(change, actor=bob, i=given)

        await tried(at_home, bob, times=3)

        assert changed.data["changePassword"]["errors"] == []
        assert await world.status(bob) is Status.LOCKED_OUT
        assert await tried(thief, bob, NEW_PASSWORD) == WRONG


async def test_of_known_sources_the_least_recent_makes_room(world: World, clock: TestClock, bob: Person) -> None:
    parts = world.parts
    for number in range(MOST_KNOWN_SOURCES + 2):
        clock.advance(timedelta(minutes=1))
        caller = Caller(f"198.51.100.{number}", None)
        await open_session(parts.runtime, parts.ports, caller, bob.id, is_staff=False)

    rows = await KnownSource.filter(user_id=bob.id).order_by("last_at")

    assert len(rows) == MOST_KNOWN_SOURCES
    assert rows[0].last_at == clock.now() - timedelta(minutes=MOST_KNOWN_SOURCES - 1)


async def test_acceptance_begins_the_count_anew(world: World, ask: Ask, bob: Person) -> None:
    eve = await world.user(bob.portal, status=Status.PROVISIONED, email="eve@acme.test")
    await tried(ask, eve, times=5)
    counted = await SignInAttempts.filter(account_id=eve.id).count()
    ann = await world.portal_admin(bob.portal)
    await ask.act("resendVerifications", ann, eve)
    accept = "mutation ($i: AcceptInvitationInput!) { acceptInvitation(input: $i) { session { expiresIn } errors { code } } }"

    accepted = await ask(accept, i={"token": await link_of(world, eve), "password": NEW_PASSWORD})

    assert accepted.data["acceptInvitation"]["errors"] == []
    assert (counted, await SignInAttempts.filter(account_id=eve.id).count()) == (1, 0)
    async with calling_from(world, FAR_AWAY) as from_home:
        assert await tried(from_home, eve, NEW_PASSWORD) == "in"


async def test_a_threshold_that_is_lowered_leaves_the_right_password_right(world: World, ask: Ask, bob: Person) -> None:
    await tried(ask, bob, times=2)
    await set_threshold(bob, 1)

    assert await blockers(ask, bob) == []
    assert await tried(ask, bob, PASSWORD) == "in"


async def test_a_threshold_that_is_lowered_locks_at_the_next_failure(world: World, ask: Ask, bob: Person) -> None:
    await tried(ask, bob, times=2)
    await set_threshold(bob, 1)

    await tried(ask, bob)

    assert await blockers(ask, bob) == ["LOCKED_OUT"]
    assert await tried(ask, bob, PASSWORD) == WRONG


async def set_threshold(person: Person, threshold: int) -> None:
    assert person.portal
    person.portal.lockout_threshold = threshold
    await person.portal.save(update_fields=["lockout_threshold"])


@pytest.mark.parametrize("field", ["signIn", "completeMfaChallenge"])
async def test_a_request_is_one_guess(world: World, ask: Ask, bob: Person, field: str) -> None:
    kind = f"{field[0].upper()}{field[1:]}Input"
    once = f"{field}(input: $i) {{ errors {{ code }} }}"
    documents = [
        f"mutation ($i: {kind}!) {{ a: {once} b: {once} }}",
        f"mutation ($i: {kind}!) {{ ...F {once} }} fragment F on Mutation {{ again: {once} }}",
    ]
    input = {
        "signIn": {"login": bob.login, "password": "a guess", "portalSlug": "acme"},
        "completeMfaChallenge": {"challengeToken": "x", "code": "123456"},
    }[field]

    answers = [(await ask(document, i=input)).codes for document in documents]

    assert answers == [["TOO_COMPLEX"]] * 2
    assert not await SignInAttempts.exists()


async def test_rows_of_unknown_logins_are_bounded_by_the_network_s_limit(world: World, ask: Ask) -> None:
    await world.portal("acme")

    answers = [(await sign_in(ask, f"nobody.{n}", "a guess", "acme"))["errors"][0]["code"] for n in range(103)]

    assert answers == [WRONG] * 100 + ["RATE_LIMITED"] * 3
    assert await SignInAttempts.all().count() == 100
