"""The count of failed sign-ins: what sets the count back to zero, and changes of the threshold."""

from __future__ import annotations

import pytest

from models.tables import SignInAttempts
from rules.lifecycle.statuses import Status
from tests.features.account.own_account import NEW_PASSWORD, link_of
from tests.features.lockout.guessing import WRONG, blockers, tried
from tests.support.world import PASSWORD, Ask, Person, World
from tests.support.world.answers import sign_in
from tests.support.world.places import FAR_AWAY, calling_from


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

    answers = [(await sign_in(ask, f"unknown.{n}", "a guess", "acme"))["errors"][0]["code"] for n in range(103)]

    assert answers == [WRONG] * 100 + ["RATE_LIMITED"] * 3
    assert await SignInAttempts.all().count() == 100
