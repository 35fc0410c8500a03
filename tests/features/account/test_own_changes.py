"""Changes of one's own password and e-mail address: the required password, ended sessions, and the mails."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from models.tables import OutboxMail, Portal, PortalUser
from rules.lifecycle.statuses import Status
from services import rate_limits
from services.admin.doctor import find_wrong_values
from tests.features.account.editing import columns, update
from tests.features.account.own_account import NEW_PASSWORD, call, code_of, newest_link
from tests.support.databases.stored import everything
from tests.support.mail.mailed import Queued, mail_to, nothing_is_queued
from tests.support.world import PASSWORD, Ask, Person, TestClock, World
from tests.support.world.answers import sign_in
from tests.support.world.limiting import failing

NEW = "new@acme.test"
VIEWER = "{ viewer { id } }"

OF_FAILURES = ("sign_in_attempts", "limited_tries", "failed_sign_ins", "audit_event", "audit_chain")


async def change_password(ask: Ask, who: Person, new: str = NEW_PASSWORD, current: str = PASSWORD) -> dict[str, Any]:
    return await call(ask, "changePassword", actor=who, currentPassword=current, newPassword=new)


async def change_email(ask: Ask, who: Person, email: str = NEW, current: str = PASSWORD) -> dict[str, Any]:
    return await call(ask, "changeEmail", actor=who, currentPassword=current, email=email)


async def account_of_kind(world: World, kind: str) -> Person:
    """Create an account with PASSWORD: "admin" is a portal admin, "staff" an MSSP admin, "user" a portal user."""
    if kind == "staff":
        return await world.mssp_admin(password=PASSWORD)
    return await (world.portal_admin if kind == "admin" else world.user)(password=PASSWORD)


@pytest.mark.parametrize("kind", ["user", "admin", "staff"])
async def test_every_account_replaces_its_own_password_and_keeps_this_session_only(
    world: World, ask: Ask, kind: str
) -> None:
    bob = await account_of_kind(world, kind)
    slug = bob.portal.slug if bob.portal else None
    elsewhere = await world.token(bob)

    payload = await change_password(ask, bob)

    assert (payload["account"]["id"], payload["errors"]) == (bob.gid, [])
    assert (await ask(VIEWER, actor=bob)).data["viewer"] == {"id": bob.gid}
    assert (await ask(VIEWER, token=elsewhere)).unauthenticated
    assert (await sign_in(ask, bob.login, PASSWORD, slug))["session"] is None
    assert (await sign_in(ask, bob.login, NEW_PASSWORD, slug))["session"]
    whose = {"staff_id": bob.id} if bob.is_staff else {"user_id": bob.id}
    assert [str(mail.kind) for mail in await OutboxMail.filter(**whose)] == ["PASSWORD_CHANGED"]


async def test_a_wrong_current_password_changes_nothing(world: World, ask: Ask) -> None:
    bob = await world.user(password=PASSWORD)
    await ask(VIEWER, actor=bob)
    before = await everything(besides=OF_FAILURES)

    answers = [await change_password(ask, bob, current="wrong"), await change_email(ask, bob, current="wrong")]

    assert [(a["errors"][0]["code"], a["errors"][0]["path"]) for a in answers] == [
        ("INVALID_CREDENTIALS", ["input", "currentPassword"])
    ] * 2
    assert await everything(besides=OF_FAILURES) == before


async def test_guessing_the_current_password_ends_like_guessing_at_the_sign_in(world: World, ask: Ask) -> None:
    bob = await world.user(await world.portal(lockout_threshold=3), password=PASSWORD)

    codes = [code_of(await change_password(ask, bob, current=f"wrong {n}")) for n in range(3)]

    assert codes == ["INVALID_CREDENTIALS"] * 3
    assert code_of(await change_password(ask, bob)) == "RATE_LIMITED"
    assert await world.status(bob) is Status.LOCKED_OUT


@pytest.mark.parametrize("new", ["short", PASSWORD, "passwordpassword1", "x" * 129])
async def test_a_weak_password_and_the_old_one_are_refused(world: World, ask: Ask, new: str) -> None:
    bob = await world.user(password=PASSWORD)

    payload = await change_password(ask, bob, new)

    assert (payload["errors"][0]["code"], payload["errors"][0]["path"]) == ("WEAK_PASSWORD", ["input", "newPassword"])
    assert await nothing_is_queued()


@pytest.mark.parametrize("status", [Status.AWAITING_NEW_PASSWORD, Status.LOCKED_OUT])
async def test_a_living_session_s_new_password_makes_the_user_active(world: World, ask: Ask, status: Status) -> None:
    bob = await world.user(password=PASSWORD)  # T6, T7
    assert bob.portal
    await ask(VIEWER, actor=bob)
    await PortalUser.filter(id=bob.id).update(status=status)
    counter = str(status).lower()
    await Portal.filter(id=bob.portal.id).update(active=0, **{counter: 1})

    payload = await change_password(ask, bob)

    assert (code_of(payload), await world.status(bob)) == (None, Status.ACTIVE)
    assert (await Portal.get(id=bob.portal.id)).active == 1


async def test_where_users_have_no_passwords_of_their_own_none_is_changed(world: World, ask: Ask) -> None:
    bob = await world.user(password=PASSWORD)
    assert bob.portal
    await ask(VIEWER, actor=bob)
    await Portal.filter(id=bob.portal.id).update(password_sign_in_enabled=False)

    assert code_of(await change_password(ask, bob)) == "NOT_ALLOWED"


@pytest.mark.parametrize("name", ["changePassword", "changeEmail"])
async def test_strangers_change_nothing(world: World, ask: Ask, name: str) -> None:
    field = "newPassword" if name == "changePassword" else "email"
    document = (
        f"mutation ($input: {name[0].upper()}{name[1:]}Input!) {{ {name}(input: $input) {{ errors {{ code }} }} }}"
    )

    reply = await ask(document, input={"currentPassword": PASSWORD, field: NEW})

    assert reply.unauthenticated
    assert reply.data == {name: None}


@pytest.mark.parametrize("kind", ["user", "admin"])
async def test_an_own_new_address_waits_for_verification_and_the_old_one_stays_valid(
    world: World, ask: Ask, kind: str
) -> None:
    bob = await account_of_kind(world, kind)
    assert bob.portal
    old = (await columns(bob))["email"]
    elsewhere = await world.token(bob)

    payload = await change_email(ask, bob, f" {NEW} ")

    assert payload["errors"] == []
    assert (payload["account"]["email"], payload["account"]["pendingEmail"]) == (old, NEW)
    assert (await ask(VIEWER, token=elsewhere)).data["viewer"] == {"id": bob.gid}
    assert (await sign_in(ask, old, PASSWORD, bob.portal.slug))["session"]
    assert (await sign_in(ask, NEW, PASSWORD, bob.portal.slug))["session"] is None
    assert set(await mail_to(bob)) == {
        Queued("VERIFY_EMAIL", NEW, "QUEUED"),
        Queued("OWN_EMAIL_CHANGE_STARTED", old, "QUEUED"),
    }
    await call(ask, "verifyEmail", token=await newest_link(world, bob, "VERIFY_EMAIL"))
    assert (await ask(VIEWER, token=elsewhere)).unauthenticated
    assert (await sign_in(ask, NEW, PASSWORD, bob.portal.slug))["session"]
    assert (await sign_in(ask, old, PASSWORD, bob.portal.slug))["session"] is None
    assert not await find_wrong_values(world.parts.runtime)


async def test_an_admin_takes_back_what_the_owner_changed(world: World, ask: Ask) -> None:  # K24
    ann, bob = await world.portal_admin(), await world.user(password=PASSWORD)
    assert bob.portal
    old = (await columns(bob))["email"]
    await change_email(ask, bob)

    await update(ask, ann, bob, email=old)

    assert (await sign_in(ask, bob.login, PASSWORD, bob.portal.slug))["session"]


async def test_the_present_address_changes_nothing_and_ends_no_session(world: World, ask: Ask) -> None:
    bob = await world.user(password=PASSWORD)
    await ask(VIEWER, actor=bob)
    before = await everything(besides=("limited_tries",))

    payload = await change_email(ask, bob, (await columns(bob))["email"])

    assert (payload["errors"], payload["account"]["pendingEmail"]) == ([], None)
    assert await everything(besides=("limited_tries",)) == before


@pytest.mark.parametrize(
    ("email", "code"),
    [
        ("no address", "INVALID_EMAIL"),
        ("", "INVALID_EMAIL"),
        ("x" * 250 + "@acme.test", "INVALID_EMAIL"),
        ("a\nb@acme.test", "INVALID_EMAIL"),
        ("EVE@acme.test", "EMAIL_TAKEN"),
    ],
)
async def test_an_address_that_is_taken_or_invalid_is_refused(world: World, ask: Ask, email: str, code: str) -> None:
    bob = await world.user(password=PASSWORD)
    await world.user(email="eve@acme.test")

    payload = await change_email(ask, bob, email)

    assert (payload["errors"][0]["code"], payload["errors"][0]["path"]) == (code, ["input", "email"])
    assert (await ask(VIEWER, actor=bob)).data["viewer"]


async def test_asking_who_has_which_address_is_slowed_down(world: World, ask: Ask, clock: TestClock) -> None:
    bob = await world.user(password=PASSWORD)
    for n in range(3):
        await world.user(email=f"eve.{n}@acme.test")
    for _ in range(97):
        await failing(rate_limits.count_change(world.parts.runtime, world.parts.ports, bob.id))

    taken = [code_of(await change_email(ask, bob, f"eve.{n}@acme.test")) for n in range(3)]

    assert taken == ["EMAIL_TAKEN"] * 3
    assert code_of(await change_email(ask, bob)) == "RATE_LIMITED"


async def test_staff_cannot_change_their_address_and_the_answer_names_the_operator(world: World, ask: Ask) -> None:
    nora = await world.mssp_admin(password=PASSWORD)

    payload = await change_email(ask, nora)

    assert code_of(payload) == "NOT_ALLOWED"
    assert "Ask" in payload["errors"][0]["message"]


async def test_one_change_a_minute_is_mailed(world: World, ask: Ask, clock: TestClock) -> None:
    ann, bob = await world.portal_admin(), await world.user(password=PASSWORD)
    old = (await columns(bob))["email"]
    await update(ask, ann, bob, email="third@acme.test")
    await update(ask, ann, bob, email=old)
    clock.advance(timedelta(seconds=59))

    early = await change_email(ask, bob)
    clock.advance(timedelta(seconds=1))

    assert (code_of(early), early["errors"][0]["retryAt"]) == ("RATE_LIMITED", "2026-03-01T09:01:00.000Z")
    assert code_of(await change_email(ask, bob)) is None


async def test_the_own_address_that_waits_already_is_not_mailed_again(world: World, ask: Ask, clock: TestClock) -> None:
    bob = await world.user(password=PASSWORD)
    await change_email(ask, bob)
    mailed, link = await mail_to(bob), await newest_link(world, bob, "VERIFY_EMAIL")
    clock.advance(timedelta(minutes=1))

    again = await change_email(ask, bob)

    assert (again["errors"], again["account"]["pendingEmail"], await mail_to(bob)) == ([], NEW, mailed)
    assert (await call(ask, "verifyEmail", token=link))["errors"] == []
