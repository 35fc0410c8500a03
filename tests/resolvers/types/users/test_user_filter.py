"""The filter of users: limits, ids, domains, pending addresses, and durations in repeated calls."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from models.tables import PortalUser
from resolvers.core.global_ids import global_id
from tests.features.listing.people import listed
from tests.features.selections.selecting import act, matching
from tests.support.world import Ask, Person, TestClock, World


async def found(ask: Ask, viewer: Person, **conditions: Any) -> set[str]:
    return set(await listed(ask, viewer, filter=conditions))


@pytest.mark.parametrize("name", ["portalIdIn", "idIn", "emailDomainIn", "groupIdIn", "subAccountIdIn", "appRoleIdIn"])
async def test_more_than_a_thousand_values_are_refused(world: World, ask: Ask, name: str) -> None:
    nora = await world.mssp_admin()
    document = "query ($filter: UserFilter) { users(filter: $filter) { totalCount } }"

    assert (await ask(document, actor=nora, filter={name: ["x"] * 1000})).data["users"]["totalCount"] == 0
    assert (await ask(document, actor=nora, filter={name: ["x"] * 1001})).codes == ["BAD_USER_INPUT"]


async def test_ids_list_these_users_of_those_that_the_viewer_manages(world: World, ask: Ask) -> None:  # T2
    mine, sibling = await world.portal(), await world.portal()
    ann, (bob, eve, _) = await world.portal_admin(mine), await world.users(3, mine)
    foreign = await world.user(sibling)

    assert await found(ask, ann, idIn=[eve.gid, foreign.gid, bob.gid, bob.gid, ""]) == {bob.gid, eve.gid}
    assert await found(ask, ann, idIn=[foreign.gid]) == set()


async def test_a_domain_is_the_whole_part_behind_the_last_at(world: World, ask: Ask) -> None:
    nora = await world.mssp_admin()
    emails = ["a@acme.test", "B@Sub.ACME.test", "c@faß.test", "acme.test@other.test", None]
    people = [await world.user(email=email) for email in emails]
    upper, sub, sharp, other, _ = [person.gid for person in people]

    assert await found(ask, nora, emailDomainIn=["ACME.test"]) == {upper}
    assert await found(ask, nora, emailDomainIn=[" @sub.acme.TEST "]) == {sub}
    assert await found(ask, nora, emailDomainIn=["faß.test"]) == {sharp}
    assert await found(ask, nora, emailDomainIn=["xn--fa-hia.test", "other.test"]) == {sharp, other}
    for unlike in ("test", "cme.test", "", "@", "%", "a@acme.test", "x" * 1000):
        assert await found(ask, nora, emailDomainIn=[unlike]) == set()


async def test_users_with_a_pending_address_are_found(world: World, ask: Ask) -> None:
    nora, bob, eve = await world.mssp_admin(), await world.user(email="bob@old.test"), await world.user()
    await PortalUser.filter(id=bob.id).update(pending_email="bob@new.test", pending_email_key="bob@new.test")

    assert await found(ask, nora, hasPendingEmail=True) == {bob.gid}
    assert await found(ask, nora, hasPendingEmail=False) == {eve.gid}
    assert await found(ask, nora, emailDomainIn=["old.test"]) == {bob.gid}
    assert await found(ask, nora, emailDomainIn=["new.test"]) == set()


async def test_a_duration_counts_back_from_each_request(world: World, ask: Ask, clock: TestClock) -> None:
    nora, bob = await world.mssp_admin(), await world.user(last_sign_in_at=clock.now() - timedelta(days=89))
    never = await world.user()

    before = await found(ask, nora, notSignedInSince="P90D")
    clock.advance(timedelta(days=2))
    nora = await world.mssp_admin()

    assert before == {never.gid}
    assert await found(ask, nora, notSignedInSince="P90D") == {never.gid, bob.gid}


async def test_a_repeated_call_with_a_duration_is_the_same_call(world: World, ask: Ask, clock: TestClock) -> None:
    ann, bob = await world.portal_admin(), await world.user(last_sign_in_at=clock.now() - timedelta(days=2))
    users = matching(1, filter={"lastSignInBefore": "P1D", "roleIn": ["PORTAL_USER"]})

    first = await act(ask, "lockUsers", ann, users, idempotencyKey="k")
    clock.advance(timedelta(seconds=3))
    again = await act(ask, "lockUsers", ann, users, idempotencyKey="k")
    other = await act(ask, "lockUsers", ann, matching(1, filter={"lastSignInBefore": "P2D"}), idempotencyKey="k")

    assert (first["replayed"], again["replayed"]) == (False, True)
    assert first["outcomes"][0]["userId"] == again["outcomes"][0]["userId"] == global_id("PortalUser", bob.id)
    assert [error["code"] for error in other["errors"]] == ["IDEMPOTENCY_KEY_REUSED"]
