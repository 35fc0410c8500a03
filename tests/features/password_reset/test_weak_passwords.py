"""The reasons why a new password is refused, as codes that a client can translate."""

from __future__ import annotations

import pytest

from tests.features.account.own_account import NEW_PASSWORD, link_of
from tests.support.world import PASSWORD, Ask, World

CHANGE = """
mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { errors { code weakPasswordReasons } } }
"""
RESET = """
mutation ($input: CompletePasswordResetInput!) {
  completePasswordReset(input: $input) { errors { code weakPasswordReasons } }
}
"""


@pytest.mark.parametrize(
    ("password", "reasons"),
    [
        ("short", ["TOO_SHORT"]),
        ("tidal mangrove quartz " * 6, ["TOO_LONG"]),
        ("passwordpassword", ["COMMON"]),
        ("bartholomew.acme", ["CONTAINS_PERSONAL_DATA"]),
        (PASSWORD, ["SAME_AS_BEFORE"]),
    ],
)
async def test_a_refused_password_comes_with_its_reasons(
    world: World, ask: Ask, password: str, reasons: list[str]
) -> None:
    portal = await world.portal("acme", name="Acme")
    bart = await world.user(portal, first_name="Bartholomew", password=PASSWORD)

    reply = await ask(CHANGE, actor=bart, input={"currentPassword": PASSWORD, "newPassword": password})

    assert reply.data["changePassword"]["errors"] == [{"code": "WEAK_PASSWORD", "weakPasswordReasons": reasons}]


async def test_the_holder_of_a_reset_link_learns_the_reasons_too(world: World, ask: Ask) -> None:  # K18
    portal = await world.portal("acme")
    ann, bob = await world.portal_admin(portal), await world.user(portal, email="bob@acme.test", password=PASSWORD)
    await ask.act("resetPasswords", ann, bob)
    token = await link_of(world, bob)

    weak = [
        (await ask(RESET, input={"token": token, "password": password})).data["completePasswordReset"]["errors"]
        for password in ("short", PASSWORD)
    ]

    reasons = [[error["weakPasswordReasons"] for error in errors] for errors in weak]
    assert reasons == [[["TOO_SHORT"]], [["SAME_AS_BEFORE"]]]


async def test_other_errors_have_no_reasons_of_a_weak_password(world: World, ask: Ask) -> None:
    bob = await world.user(await world.portal("acme"), email="bob@acme.test", password=PASSWORD)

    wrong = await ask(CHANGE, actor=bob, input={"currentPassword": "wrong", "newPassword": NEW_PASSWORD})
    unknown = await ask(RESET, input={"token": "made up", "password": "short"})

    assert wrong.data["changePassword"]["errors"] == [{"code": "INVALID_CREDENTIALS", "weakPasswordReasons": None}]
    assert unknown.data["completePasswordReset"]["errors"] == [{"code": "INVALID_TOKEN", "weakPasswordReasons": None}]
