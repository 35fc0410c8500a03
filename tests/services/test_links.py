"""Links: their tokens are derived when needed, a new link replaces the old one, and no usable token is stored."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID

import pytest

from api.security.link_tokens import LinkTokens
from models.db.sql import sql
from models.links import lookup as link_lookup
from models.links.table import LinkRow
from models.portals import lookup as portals
from models.tables import LinkToken, OutboxMail
from models.users.table import UserRow
from rules.auth.link_purposes import Purpose
from rules.lifecycle.actions import Action
from rules.lifecycle.statuses import Status
from rules.mail.kinds import PURPOSES, MailKind
from services.links import token_hash
from services.mail import link_mails
from services.mail.link_mails import LinkMailRequest
from tests.support.mail.mailed import link, living, mail_to, tokens
from tests.support.world import Person, TestClock, World

A_DAY, A_SECOND = timedelta(hours=24), timedelta(seconds=1)
ONE, OTHER = UUID(int=1), UUID(int=2)


async def stored(world: World, person: Person) -> UserRow:
    row = await world.row(person)
    assert row
    return row


async def post(world: World, person: Person, *kinds: MailKind) -> None:
    """Queue a mail of each kind for the person."""
    user = await stored(world, person)
    letters = [LinkMailRequest(user, kind, user.email or "", A_DAY) for kind in kinds]
    await world.parts.runtime.transactions.run(
        lambda: link_mails.enqueue_link_mails(world.parts.runtime, letters, world.clock.now())
    )


def a_link(**given: Any) -> LinkRow:
    now = datetime.fromisoformat("2026-03-01T09:00:00+00:00")
    usual = LinkRow(ONE, OTHER, None, Purpose.INVITATION, "nonce", "hash", now, now + A_DAY, None, None)
    return usual._replace(**given)


def test_a_token_is_derived_the_same_each_time_and_differs_with_each_input() -> None:
    secret = b"a-secret-for-tests-of-32-bytes-or-more"
    one, again = LinkTokens([secret]), LinkTokens([secret])

    made = [one.token(*parts) for parts in product(Purpose, (ONE, OTHER), ("nonce", "another"))]

    assert made == [again.token(*parts) for parts in product(Purpose, (ONE, OTHER), ("nonce", "another"))]
    assert len(set(made)) == len(made) == 4 * len(Purpose)
    assert LinkTokens([secret + b"!"]).token(Purpose.INVITATION, ONE, "nonce") not in made
    assert all(len(token) == 43 and token.replace("-", "").replace("_", "").isalnum() for token in made)


def test_a_link_is_good_until_its_end_is_reached() -> None:  # K17
    link = a_link()

    good = [link.lives_at(link.expires_at + by) for by in (-A_DAY, -A_SECOND, timedelta(0), A_SECOND)]

    assert good == [True, True, False, False]


def test_a_used_and_a_superseded_link_are_dead() -> None:
    now = a_link().created_at

    assert not a_link(used_at=now).lives_at(now)
    assert not a_link(superseded_at=now).lives_at(now)


@pytest.mark.parametrize("kind", PURPOSES)
async def test_a_mail_has_a_link_of_its_own_for_its_purpose(world: World, kind: MailKind) -> None:
    bob = await world.user()

    await post(world, bob, kind)

    (token,) = await tokens(world, bob)
    (mail,) = await OutboxMail.all()
    found = await link(token)
    assert (found.purpose, found.user_id, found.expires_at) == (PURPOSES[kind], bob.id, world.clock.now() + A_DAY)
    assert (mail.kind, mail.dedupe_key) == (kind, f"{kind}:{found.id}")


async def test_what_is_stored_does_not_open_anything(world: World) -> None:
    bob = await world.user()

    await post(world, bob, *PURPOSES)

    for row in await LinkToken.all():
        assert await link_lookup.by_hash(row.token_hash)
        for text in (row.token_hash, row.nonce, str(row.id), f"{row.purpose}\n{row.id}\n{row.nonce}"):
            assert await link_lookup.by_hash(token_hash(text)) is None


async def test_a_new_link_kills_the_user_s_earlier_ones_for_the_same_purpose_only(
    world: World, clock: TestClock
) -> None:
    bob, eve = await world.user(), await world.user()
    for person in (bob, eve):
        await post(world, person, *PURPOSES)
    clock.advance(A_SECOND)

    await post(world, bob, MailKind.PASSWORD_RESET)

    rows = await LinkToken.filter(user_id=bob.id).order_by("id")
    dead = [row.superseded_at is not None for row in rows]
    assert [(row.purpose, is_dead) for row, is_dead in zip(rows, dead, strict=True) if is_dead] == [
        (Purpose.RESET_PASSWORD, True)
    ]
    assert all(await living(world, eve))
    assert sum(await living(world, bob)) == len(PURPOSES)


async def test_a_link_that_was_used_stays_used(world: World, clock: TestClock) -> None:
    bob = await world.user()
    await post(world, bob, MailKind.PASSWORD_RESET)
    await LinkToken.all().update(used_at=clock.now())

    await post(world, bob, MailKind.PASSWORD_RESET)

    used, new = await LinkToken.all().order_by("id")
    assert (used.superseded_at, used.used_at) == (None, clock.now())
    assert (new.superseded_at, new.used_at) == (None, None)


async def test_many_are_mailed_at_once_each_with_a_link_of_its_own(world: World) -> None:
    people = await world.users(30)
    rows = [await stored(world, person) for person in people]
    letters = [LinkMailRequest(row, MailKind.PASSWORD_RESET, row.email or "", A_DAY) for row in rows]

    await world.parts.runtime.transactions.run(
        lambda: link_mails.enqueue_link_mails(world.parts.runtime, letters, world.clock.now())
    )

    assert [len(await mail_to(person)) for person in people] == [1] * 30
    assert len({row.nonce for row in await LinkToken.all()}) == 30


async def test_which_mail_an_action_sends(world: World) -> None:  # K2, K14, K15
    portal = await world.portal()
    bob = await stored(world, await world.user(portal, email="bob@acme.test"))
    place = (await portals.licensed(sql("p.id = ?", portal.id)))[portal.id].row

    def sent(action: Action, **given: Any) -> tuple[str, str, timedelta] | None:
        letter = link_mails.link_mail(action, bob._replace(**given), place)
        return (letter.kind, letter.recipient, letter.lives) if letter else None

    week = timedelta(hours=168)
    assert sent(Action.RESET_PASSWORD) == ("PASSWORD_RESET", "bob@acme.test", A_DAY)
    assert sent(Action.RESET_PASSWORD, pending_email="new@acme.test") == ("PASSWORD_RESET", "bob@acme.test", A_DAY)
    assert sent(Action.RESEND_VERIFICATION, status=Status.PROVISIONED) == ("INVITATION", "bob@acme.test", week)
    assert sent(Action.RESEND_VERIFICATION, pending_email="new@acme.test") == ("VERIFY_EMAIL", "new@acme.test", week)
    assert sent(Action.INVITE) == ("INVITATION", "bob@acme.test", week)
    others = set(Action) - {Action.RESET_PASSWORD, Action.INVITE}
    assert {sent(action) for action in others} == {None}
