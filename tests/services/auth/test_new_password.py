"""New passwords: which are too short, too common, or made of words that others know."""

from __future__ import annotations

import pytest

from models.tables import PortalUser
from tests.features.account.own_account import code_of, forgot, link_of, reset
from tests.support.world import PASSWORD, Ask, World
from tests.support.world.answers import sign_in

EIGHT = "k7#Qz!vR"
"""A password of eight characters that is hard to guess."""


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("passwordpassword", "WEAK_PASSWORD"),
        ("qwertyuiopasdfghjkl", "WEAK_PASSWORD"),
        ("aaaaaaaaaaaaaaaaaaaa", "WEAK_PASSWORD"),
        ("1234567890123456", "WEAK_PASSWORD"),
        ("acme corporation", "WEAK_PASSWORD"),
        ("bartholomew.acme", "WEAK_PASSWORD"),
        ("wigglesworth2026", "WEAK_PASSWORD"),
        ("bart@acme.test 1", "WEAK_PASSWORD"),
        ("tidal mangrove quartz", None),
        ("alle meine entchen schwimmen", None),
        ("   tidal   mangrove   quartz   ", None),
        ("žluťoučký kůň úpěl ďábelské", None),
        ("🌵 🦜 🧭 🪁 🛶 🎻 🪴 🧶", None),
        ("密码这个词不应该出现在这里吧朋友们", None),
    ],
)
async def test_only_common_passwords_and_names_of_user_and_portal_are_refused(
    world: World, ask: Ask, password: str, code: str | None
) -> None:
    portal = await world.portal("acme", name="Acme Corporation")
    bob = await world.user(portal, first_name="Bartholomew", last_name="Wigglesworth", email="bart@acme.test")
    await forgot(ask, portal, "bart@acme.test")

    payload = await reset(ask, await link_of(world, bob), password)

    assert code_of(payload) == code
    if code is None:
        assert (await sign_in(ask, bob.login, password, portal.slug))["session"]


@pytest.mark.parametrize(
    ("enrolled", "required", "code"), [(False, False, "WEAK_PASSWORD"), (True, False, None), (False, True, None)]
)
async def test_eight_characters_are_enough_where_a_second_factor_is_set_up_or_required(
    world: World, ask: Ask, enrolled: bool, required: bool, code: str | None
) -> None:
    portal = await world.portal(mfa_required=required)
    bob = await world.user(portal, mfa_enrolled=enrolled, email="bob@acme.test", password=PASSWORD)
    await forgot(ask, portal, "bob@acme.test")

    payload = await reset(ask, await link_of(world, bob), EIGHT)

    assert code_of(payload) == code
    assert (await PortalUser.get(id=bob.id)).password_is_short is (code is None)


@pytest.mark.parametrize("password", ["password1", "acmeacme", "qwertyui", "12345678", "Bartholo", "letmein99"])
async def test_eight_characters_that_are_easy_to_guess_are_refused_there_too(
    world: World, ask: Ask, password: str
) -> None:
    portal = await world.portal("acme", mfa_required=True)
    bob = await world.user(portal, first_name="Bartholo", email="bob@acme.test")
    await forgot(ask, portal, "bob@acme.test")

    assert code_of(await reset(ask, await link_of(world, bob), password)) == "WEAK_PASSWORD"


async def test_a_password_is_right_however_its_characters_are_typed(world: World, ask: Ask) -> None:
    bob = await world.user(email="bob@acme.test")
    assert bob.portal
    await forgot(ask, bob.portal, "bob@acme.test")
    await reset(ask, await link_of(world, bob), "cafe\u0301 tidal mangrove")

    assert (await sign_in(ask, bob.login, "caf\u00e9 tidal mangrove", bob.portal.slug))["session"]


async def test_staff_choose_by_the_same_rules(world: World, ask: Ask) -> None:
    nora = await world.mssp_admin(password=PASSWORD)
    await forgot(ask, None, nora.login)
    token = await link_of(world, nora)

    weak = [code_of(await reset(ask, token, password)) for password in (EIGHT, f"Staff {nora.login}", "x" * 129)]

    assert weak == ["WEAK_PASSWORD"] * 3
    assert code_of(await reset(ask, token, "tidal mangrove quartz")) is None
