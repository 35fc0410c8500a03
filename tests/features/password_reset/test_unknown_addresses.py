"""Requests for a password reset do not reveal whether an address is known."""

from __future__ import annotations

import pytest

from models.db.sql import fetch, sql
from models.tables import (
    OutboxMail,
    PortalUser,
    ResetRequest,
    SignInAttempts,
)
from tests.features.account.own_account import ALWAYS, call, code_of, forgot
from tests.features.listing.counting_statements import statements
from tests.features.password_reset.resetting import MAY_NOT
from tests.support.databases.stored import places_of
from tests.support.mail.mailed import mail_to, nothing_is_queued
from tests.support.world import Ask, World


async def test_the_answer_is_the_same_for_every_address(world: World, ask: Ask) -> None:
    portal, inactive = await world.portal("acme"), await world.portal("inactive", is_active=False)
    without = await world.portal("without", password_sign_in_enabled=False)
    people = [await world.user(portal, status=status) for status in MAY_NOT]
    people += [await world.user(place) for place in (inactive, without)]
    unproved, named = await world.user(portal), await world.user(portal, username="b.oak")
    await PortalUser.filter(id=unproved.id).update(email_verified_at=None)
    idle_staff = await world.staff(is_active=False)

    rows = {person.id: await world.row(person) for person in (*people, unproved)}
    replies = [await forgot(ask, person.portal, row.email) for person in people if (row := rows[person.id])]
    replies += [
        await forgot(ask, portal, "unknown@acme.test"),
        await forgot(ask, portal, ""),
        await forgot(ask, portal, "x" * 5000),
        await forgot(ask, named.portal, "b.oak"),  # a username is no address
        await forgot(ask, portal, (rows[unproved.id] or people[0]).email),  # type: ignore[union-attr]  # a row
        await call(ask, "requestPasswordReset", portalSlug="nowhere", email="user.1@acme.test"),
        await forgot(ask, None, idle_staff.login),
        await forgot(ask, None, "unknown@msp.test"),
    ]

    assert replies == [ALWAYS] * len(replies)
    assert await nothing_is_queued()


@pytest.mark.parametrize("is_staff", [False, True])
async def test_known_and_unknown_addresses_cost_the_same_statements_and_rows(
    world: World, ask: Ask, is_staff: bool
) -> None:
    portal = await world.portal()
    known = (await world.mssp_admin()).login if is_staff else "bob@acme.test"
    await world.user(email="bob@acme.test")

    costs, slug = [], None if is_staff else portal.slug
    for email in (known, "unknown@acme.test"):
        with statements() as sent:
            await call(ask, "requestPasswordReset", portalSlug=slug, email=email)
            await world.parts.runtime.transactions.wait_until_idle()
        costs.append([text.partition(": ")[0] for text in sent])

    assert costs[0] == costs[1]
    assert [await ResetRequest.all().count(), await OutboxMail.all().count()] == [2, 0]


async def test_too_many_requests_are_slowed_alike_for_known_and_unknown_addresses(world: World, ask: Ask) -> None:
    bob = await world.user(email="bob@acme.test")

    of_bob = [code_of(await forgot(ask, bob.portal, "bob@acme.test")) for _ in range(50)]
    of_unknown = [code_of(await forgot(ask, bob.portal, "unknown@acme.test")) for _ in range(50)]
    too_many = [await forgot(ask, bob.portal, email) for email in ("bob@acme.test", "unknown@acme.test")]

    assert of_bob == of_unknown == [None] * 50
    assert [code_of(payload) for payload in too_many] == ["RATE_LIMITED"] * 2
    assert too_many[0] == too_many[1]
    assert len(await mail_to(bob)) == 1


async def test_an_unknown_address_leaves_the_same_rows_and_costs_the_same_commit(world: World, ask: Ask) -> None:
    bob = await world.user(email="bob@acme.test")

    for email in ("bob@acme.test", "unknown@acme.test", "unknown@acme.test"):
        await forgot(ask, bob.portal, email)

    counted = await SignInAttempts.all()
    assert len(counted) == 2
    assert [counter.account_id for counter in counted] == [None, None]
    assert {table for table, _ in await places_of("unknown@acme.test")} == set()


async def test_strangers_with_a_stale_token_are_strangers(world: World, ask: Ask) -> None:
    bob = await world.user(email="bob@acme.test")
    assert bob.portal

    payload = await call(ask, "requestPasswordReset", bearer="stale", portalSlug=bob.portal.slug, email="bob@acme.test")
    await world.answer_resets()

    assert payload == ALWAYS
    assert len(await fetch(sql("SELECT id FROM link_token"))) == 1
