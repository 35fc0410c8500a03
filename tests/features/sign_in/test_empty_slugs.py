"""An empty text for the portal's slug, which a form sends for an empty field, means the same as null."""

from __future__ import annotations

from models.tables import OutboxMail
from tests.features.account.own_account import ALWAYS, call
from tests.support.world import PASSWORD, Ask, World
from tests.support.world.answers import sign_in


async def test_staff_sign_in_with_an_empty_slug(world: World, ask: Ask) -> None:
    nora = await world.mssp_admin(password=PASSWORD)

    assert (await sign_in(ask, nora.login, PASSWORD, ""))["session"]


async def test_staff_ask_for_a_reset_with_an_empty_slug(world: World, ask: Ask) -> None:
    nora = await world.mssp_admin(password=PASSWORD)

    payload = await call(ask, "requestPasswordReset", email=nora.login, portalSlug="")
    await world.answer_resets()

    assert payload == ALWAYS
    assert [str(mail.kind) for mail in await OutboxMail.filter(staff_id=nora.id)] == ["PASSWORD_RESET"]
