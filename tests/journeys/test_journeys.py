"""The life of a user in each of the five products of docs/requirements.md.

The steps are: invited → accepted → MFA → forgot → reset → locked out → unlocked → deactivated → reactivated → deleted →
invited again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio

from api.core.smtp_server import SmtpServer
from api.mail.rendering import MailRenderer
from api.mail.smtp import SmtpTransport
from api.mail.worker import MailWorker
from models.tables import Portal
from rules.lifecycle.licenses import SeatMode
from services.admin.doctor import find_wrong_values
from services.email_addresses import named_mailbox
from tests.journeys.story import Story
from tests.support.mail.smtp import MailServer, mail_server
from tests.support.world import Ask, Person, World

FIRST, SECOND, THIRD = "first password of a newcomer", "a second one, after forgetting", "third and last, by an admin"
Begin = Callable[..., Awaitable[Story]]


@pytest_asyncio.fixture
async def mail() -> AsyncIterator[MailServer]:
    async with mail_server() as running:
        yield running


@pytest.fixture
def begin(ask: Ask, world: World, mail: MailServer) -> Begin:
    """Return a function that creates a portal, and returns the Story of its user Ann Adams.

    The arguments of the function are the portal's slug and the settings of its policy.
    """

    async def new(slug: str, **policy: Any) -> Story:
        await world.portal(slug, start_page_url=f"https://{slug}.test/start", **policy)
        letters = MailRenderer(named_mailbox("Gatehouse <no-reply@gatehouse.test>"), "https://portal.test")
        transport = SmtpTransport(SmtpServer.at(mail.url))
        worker = MailWorker(world.parts.runtime, letters, lambda: transport, jitter=lambda: 0.0)
        return Story(ask, world, mail, worker, transport, slug, login=f"ann@{slug}.test")

    return new


async def portal_of(story: Story) -> Portal:
    return await Portal.get(slug=story.slug)


async def lives_on(story: Story, admin: Person, threshold: int) -> None:
    """Take the user through all steps from the first sign-in to the deletion."""
    await story.forgot(SECOND)
    await story.signed_in()
    await story.reset_by(admin, THIRD)
    await story.signed_in()
    await story.locked_out(admin, threshold)
    await story.done_by(admin, "unlockUsers", "ACTIVE")
    await story.signed_in()
    await story.done_by(admin, "deactivateUsers", "DEACTIVATED")
    await story.shut_out("DEACTIVATED")
    await story.done_by(admin, "activateUsers", "ACTIVE")
    await story.signed_in()
    await story.forgotten(admin)
    assert await find_wrong_values(story.world.parts.runtime) == []


async def test_licensed_portal_invitations_by_mail_keep_the_seats_right_at_every_step(
    begin: Begin, world: World
) -> None:  # K1, K2, K6, K8, K9, K18, K26, K27, K28, K30, K32
    story = await begin("licensed", seats=1)
    admin = await world.portal_admin(await portal_of(story))
    ann = {"firstName": "Ann", "email": story.login}

    await story.accepted(await story.invited(admin, ann), FIRST)
    await story.enrolled()
    await story.signed_in()
    await lives_on(story, admin, threshold=10)

    await story.accepted(await story.invited(admin, ann), FIRST)
    assert await find_wrong_values(world.parts.runtime) == []


async def test_mssp_portal_a_technician_looks_after_the_users_of_a_portal_with_one_admin(
    begin: Begin, world: World
) -> None:  # L1, L5, L6, L8, L9, L10, L14
    story = await begin("managed", seat_mode=SeatMode.UNLIMITED, seats=None, max_admins=1)
    technician = await world.technician(await portal_of(story))
    ann = {"firstName": "Ann", "lastName": "Adams", "email": story.login}

    await story.accepted(await story.invited(technician, ann), FIRST)
    await story.enrolled()
    await story.signed_in()
    await lives_on(story, technician, threshold=10)

    await story.accepted(await story.invited(technician, ann), FIRST)


async def test_external_users_register_with_a_passed_on_link_an_address_and_a_code(
    begin: Begin, world: World
) -> None:  # E4, E5, E6, E8, E12, E13, E14
    story = await begin("external", required_user_fields=["FIRST_NAME"])
    admin = await world.portal_admin(await portal_of(story))

    link = await story.invited(admin, {"firstName": "Ann"}, delivery="LINK")
    await story.registered(link, story.login, FIRST, firstName="Ann", lastName="Adams")
    await story.enrolled()
    await story.signed_in()
    await lives_on(story, admin, threshold=10)

    trusted = await story.invited(
        admin, {"firstName": "Ann", "email": story.login}, delivery="LINK", trustStoredEmail=True
    )
    await story.accepted(trusted, FIRST)  # E7


async def test_child_users_a_second_factor_is_required_and_three_wrong_passwords_lock_out(
    begin: Begin, world: World
) -> None:  # T5, T7, T8, T9, T10, T18, T19
    story = await begin("child", mfa_required=True, lockout_threshold=3)
    admin = await world.mssp_admin()
    ann = {"firstName": "Ann", "email": story.login, "username": "ann.adams"}

    await story.accepted(await story.invited(admin, ann), "plum-9 x")
    assert story.session["mustEnrollMfa"] is True
    only_enrols = await story.ask("{ portals { totalCount } }", token=story.session["accessToken"])
    assert only_enrols.codes == ["FORBIDDEN"]
    await story.enrolled()
    await story.signed_in()
    await story.done_by(admin, "lockUsers", "SUSPENDED")
    await story.shut_out("SUSPENDED")
    await story.done_by(admin, "unlockUsers", "ACTIVE")
    await story.signed_in()
    await lives_on(story, admin, threshold=3)

    await story.accepted(await story.invited(admin, ann), FIRST)


async def test_customer_account_an_address_is_enough_to_invite_and_a_password_to_accept(
    begin: Begin, world: World
) -> None:  # W3, W7, W10, W11, W12, W13, W14, W15
    story = await begin("customer", required_user_fields=["EMAIL"], seat_mode=SeatMode.UNLIMITED, seats=None)
    admin = await world.portal_admin(await portal_of(story))

    await story.accepted(await story.invited(admin, {"email": story.login}), FIRST)
    await story.enrolled()
    await story.signed_in()
    await lives_on(story, admin, threshold=10)

    await story.accepted(await story.invited(admin, {"email": story.login}), FIRST)
