"""Sessions, known devices, links and codes after a change of keys."""

from __future__ import annotations

from typing import Any

import pytest

from models.tables import KnownSource, LinkToken, SecondFactor
from rules.lifecycle.statuses import Status
from services.admin import key_rotation
from services.admin.key_rotation import SecretCounts
from tests.features.account.own_account import code_of, forgot, link_of, reset
from tests.features.changed_keys.changing import BOTH, CURRENT, NEW, OLD, OTHER, RETIRED, STEP
from tests.features.invitations.inviting import confirm, mailed_code
from tests.features.invitations.inviting import start as register
from tests.features.mfa.enrolling import challenged, code, enrolled
from tests.features.mfa.test_challenges import answered
from tests.features.registration.registering import passed_on, wrong
from tests.features.sessions.refreshing import refreshed, signed_in
from tests.support.world import PASSWORD, Ask, World
from tests.support.world.places import another_process
from tests.support.world.sealed import as_an_earlier_version_sealed

WHO = "{ viewer { name } }"

ROLLOVER: list[dict[str, Any]] = [
    {"secret_key": OLD},
    {"secret_key": OLD, "previous_secret_keys": (NEW,)},
    BOTH,
]
"""The settings in each step of a change of keys, as in docs/operator.md.

First, all servers accept the new key. Then they use it.
"""


@pytest.mark.parametrize(("before", "after"), [(0, 0), (0, 1), (1, 1), (1, 2), (2, 2), (2, 1)])
async def test_while_a_key_is_rolled_over_each_server_takes_what_the_other_made(
    world: World, ask: Ask, before: int, after: int
) -> None:
    bob = await world.user(password=PASSWORD)
    enrollment = await enrolled(world, ask, bob)

    async with another_process(world, **ROLLOVER[before]) as one, another_process(world, **ROLLOVER[after]) as other:
        token = await challenged(one, bob)
        assert await answered(other, token, code=code(world, enrollment["secret"])) == "in"
        world.clock.advance(STEP)
        token = await challenged(other, bob)
        assert await answered(one, token, code=code(world, enrollment["secret"])) == "in"
        session = await signed_in(one, nora := await world.mssp_admin(password=PASSWORD))
        assert (await other(WHO, token=session["accessToken"])).data["viewer"]
        successor = (await refreshed(one, session["refreshToken"]))["refreshToken"]
        assert (await refreshed(other, session["refreshToken"]))["refreshToken"]
        assert (await refreshed(other, successor))["refreshToken"]
        assert nora


@pytest.mark.parametrize(("keys", "is_good"), [(BOTH, True), (RETIRED, False), (CURRENT, False)])
async def test_a_retired_key_opens_what_it_sealed_and_verifies_no_access_token(
    world: World, ask: Ask, keys: dict[str, Any], is_good: bool
) -> None:
    bob = await world.user()
    token = await world.token(bob)

    async with another_process(world, **keys) as changed:
        reply = await changed(WHO, token=token)

    assert reply.unauthenticated is not is_good


async def test_a_signing_key_of_its_own_is_changed_without_touching_anything_else(world: World, ask: Ask) -> None:
    bob = await world.user(password=PASSWORD)
    enrollment = await enrolled(world, ask, bob)
    session = await signed_in(ask, await world.mssp_admin(password=PASSWORD))
    successor = (await refreshed(ask, session["refreshToken"]))["refreshToken"]

    async with another_process(world, signing_key=NEW) as changed:
        old_token = await changed(WHO, token=session["accessToken"])
        same = (await refreshed(changed, session["refreshToken"]))["refreshToken"]
        in_ = await answered(changed, await challenged(changed, bob), code=code(world, enrollment["secret"]))

    assert (old_token.unauthenticated, same == successor, in_) == (True, True, "in")


async def test_sealing_and_link_keys_of_their_own_leave_access_tokens_good(world: World, ask: Ask) -> None:
    session = await signed_in(ask, await world.user(password=PASSWORD))

    async with another_process(world, sealing_key=NEW, link_key=OTHER) as changed:
        reply = await changed(WHO, token=session["accessToken"])

    assert reply.data["viewer"]


@pytest.mark.parametrize("old_is", [BOTH, {"link_key": NEW, "previous_secret_keys": (OLD,)}])
async def test_a_session_refreshed_under_the_current_key_needs_no_old_key(
    world: World, ask: Ask, old_is: dict[str, Any]
) -> None:
    token = (await signed_in(ask, await world.user(password=PASSWORD)))["refreshToken"]

    async with another_process(world, **old_is) as at_first, another_process(world, link_key=NEW) as later:
        new = (await refreshed(at_first, token))["refreshToken"]
        session = await refreshed(later, new)

    assert session["refreshToken"]


@pytest.mark.parametrize("keys", [RETIRED, CURRENT])
async def test_a_refresh_without_a_known_key_is_refused_and_ends_no_session(
    world: World, ask: Ask, keys: dict[str, Any]
) -> None:
    first = (await signed_in(ask, await world.user(password=PASSWORD)))["refreshToken"]
    second = (await refreshed(ask, first))["refreshToken"]

    async with another_process(world, **keys) as without:
        answers = [await refreshed(without, token) for token in (first, second)]

    assert answers == [["INVALID_TOKEN"]] * 2
    assert (await refreshed(ask, second))["refreshToken"]


async def test_a_known_device_is_known_by_the_new_key_after_its_next_sign_in(world: World, ask: Ask) -> None:
    portal = await world.portal(lockout_threshold=3)
    bob = await world.user(portal, password=PASSWORD)
    home = "198.51.100.7"
    async with another_process(world, home) as before, another_process(world, home, **RETIRED) as after:
        await signed_in(before, bob)
        await signed_in(after, bob)

    async with (
        another_process(world, "203.0.113.9", **CURRENT) as thief,
        another_process(world, home, **CURRENT) as own,
    ):
        for _ in range(3):
            await thief(
                "mutation ($i: SignInInput!) { signIn(input: $i) { errors { code } } }",
                i={"login": bob.login, "password": "wrong", "portalSlug": portal.slug},
            )
        assert await world.status(bob) is Status.LOCKED_OUT
        session = await signed_in(own, bob)

    assert session
    assert await KnownSource.all().count() == 2


async def test_a_mailed_link_is_good_whichever_key_made_it(world: World, ask: Ask) -> None:
    portal = await world.portal()
    bob = await world.user(portal, email="bob@acme.test", password=PASSWORD)
    await forgot(ask, portal, "bob@acme.test")
    token = await link_of(world, bob)

    async with another_process(world, **CURRENT) as without:
        payload = await reset(without, token)

    assert code_of(payload) is None


async def test_a_registration_code_of_an_unknown_key_is_not_counted_as_wrong(world: World, ask: Ask) -> None:
    _, bob, token = await passed_on(world, ask)
    await register(ask, token, "ada@new.test")
    right = await mailed_code(world, bob)

    async with another_process(world, **CURRENT) as without:
        refused = [(await confirm(without, token, right, "ada@new.test"))["errors"][0]["code"] for _ in range(7)]
    wrong_one = await confirm(ask, token, wrong(right), "ada@new.test")
    confirmed = await confirm(ask, token, right, "ada@new.test")

    assert refused == ["INVALID_TOKEN"] * 7
    assert wrong_one["errors"]
    assert confirmed["registrationToken"]
    assert [row.tries for row in await LinkToken.filter(purpose="REGISTRATION_CODE")] == [1]


async def test_what_no_known_key_opens_is_counted(world: World, ask: Ask) -> None:
    people = [await world.user(password=PASSWORD) for _ in range(3)]
    enrollments = [await enrolled(world, ask, person) for person in people]
    await as_an_earlier_version_sealed(enrollments[0], OTHER)
    await as_an_earlier_version_sealed(enrollments[1], OLD)

    async with another_process(world, **RETIRED) as known, another_process(world, **CURRENT) as unknown:
        seen = await key_rotation.count_secrets(known.world.parts.ports.encryption)
        lost = await key_rotation.count_secrets(unknown.world.parts.ports.encryption)
        rotated = await key_rotation.rotate(known.world.parts.runtime, known.world.parts.ports.encryption)
        afterwards = await key_rotation.count_secrets(unknown.world.parts.ports.encryption)

    assert seen == SecretCounts(unopened=1, unusable_codes=10, waiting=2, old_codes=10)
    assert lost == SecretCounts(unopened=3, unusable_codes=20, waiting=0, old_codes=0)
    assert rotated == key_rotation.RotationResult(
        2, SecretCounts(unopened=1, unusable_codes=10, waiting=0, old_codes=10)
    )
    assert afterwards == SecretCounts(unopened=1, unusable_codes=20, waiting=0, old_codes=0)


async def test_rotating_goes_in_batches_tells_its_progress_and_is_safe_to_repeat(world: World, ask: Ask) -> None:
    people = [await world.user(password=PASSWORD) for _ in range(5)]
    enrollments = [await enrolled(world, ask, person) for person in people]
    told: list[tuple[int, int]] = []

    async with another_process(world, **RETIRED) as changed, another_process(world, **CURRENT) as later:
        runtime, encryption = changed.world.parts.runtime, changed.world.parts.ports.encryption
        first = await key_rotation.rotate(runtime, encryption, lambda done, total: told.append((done, total)), batch=2)
        again = await key_rotation.rotate(runtime, encryption, batch=2)
        in_ = [
            await answered(later, await challenged(later, person), code=code(world, enrollment["secret"]))
            for person, enrollment in zip(people, enrollments, strict=True)
        ]

    assert (first.resealed, again.resealed, told) == (5, 0, [(2, 5), (4, 5), (5, 5)])
    assert (first.counts, in_) == (SecretCounts(), ["in"] * 5)
    assert len({row.sealed_secret.partition(".")[0] for row in await SecondFactor.all()}) == 1
