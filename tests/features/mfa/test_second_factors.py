"""The owner of an account sets up a second factor, or removes it (T16)."""

from __future__ import annotations

import pyotp
import pytest

from models.tables import Portal, PortalUser, SecondFactor, StaffMember
from rules.refusals import Code, Refusal
from services.admin import staff_second_factors
from tests.features.mfa.enrolling import COMPLETE, CONFIRM, ENROLL, STEP, WHO, challenged, code, enrolled
from tests.support.databases.stored import places_of
from tests.support.mail.mailed import mail_to
from tests.support.world import PASSWORD, Ask, Person, World
from tests.support.world.answers import sign_in

DISABLE = "mutation ($p: String!) { disableMfa(input: {currentPassword: $p}) { account { id } errors { code path } } }"


async def account_of_kind(world: World, kind: str) -> Person:
    return await (world.mssp_admin(password=PASSWORD) if kind == "staff" else world.user(password=PASSWORD))


@pytest.mark.parametrize("kind", ["user", "staff"])
async def test_once_confirmed_signing_in_asks_for_a_code(world: World, ask: Ask, kind: str) -> None:  # T16
    bob = await account_of_kind(world, kind)
    enrollment = (await ask(ENROLL, actor=bob, p=PASSWORD)).data["enrollMfa"]
    before = await sign_in(ask, bob.login, PASSWORD, bob.portal.slug if bob.portal else None)
    await ask(CONFIRM, actor=bob, c=code(world, enrollment["secret"]))
    world.clock.advance(STEP)

    token = await challenged(ask, bob)
    payload = (await ask(COMPLETE, input={"challengeToken": token, "code": code(world, enrollment["secret"])})).data[
        "completeMfaChallenge"
    ]

    assert before["session"]
    assert payload["session"]["viewer"]["id"] == bob.gid
    assert (await ask(WHO, token=payload["session"]["accessToken"])).data["viewer"]
    uri = pyotp.parse_uri(enrollment["otpauthUri"])
    assert (uri.secret, len(set(enrollment["recoveryCodes"]))) == (enrollment["secret"], 10)
    table = StaffMember if kind == "staff" else PortalUser
    assert (await table.get(id=bob.id)).mfa_enrolled


async def test_nothing_that_opens_anything_is_stored(world: World, ask: Ask) -> None:
    bob = await world.user(password=PASSWORD)

    enrollment = await enrolled(world, ask, bob)
    token = await challenged(ask, bob)

    secrets = [enrollment["secret"], token, *enrollment["recoveryCodes"]]
    bare = [text.replace("-", "") for text in enrollment["recoveryCodes"]]
    assert await places_of(*secrets, *bare) == []


async def test_the_owner_is_notified_by_mail_and_the_admins_by_the_log(world: World, ask: Ask) -> None:
    portal = await world.portal()
    ann, bob = await world.portal_admin(portal), await world.user(portal, password=PASSWORD)

    await enrolled(world, ask, bob)
    off = (await ask(DISABLE, actor=bob, p=PASSWORD)).data["disableMfa"]

    assert off == {"account": {"id": bob.gid}, "errors": []}
    assert [mail.kind for mail in await mail_to(bob)] == ["SECOND_FACTOR_CHANGED"] * 2
    log = (await ask("{ auditLog { nodes { event actorName changes { field after } } } }", actor=ann)).data["auditLog"]
    assert [(e["event"], e["changes"]) for e in log["nodes"]] == [
        ("USER_MFA_DISABLED", [{"field": "mfaEnrolled", "after": "false"}]),
        ("USER_MFA_ENROLLED", [{"field": "mfaEnrolled", "after": "true"}]),
    ]
    assert not await SecondFactor.exists()
    assert (await sign_in(ask, bob.login, PASSWORD, portal.slug))["session"]


async def test_an_admin_s_reset_takes_it_away_and_the_user_enrols_from_scratch(world: World, ask: Ask) -> None:  # T16
    portal = await world.portal()
    ann, bob = await world.portal_admin(portal), await world.user(portal, password=PASSWORD)
    old = await enrolled(world, ask, bob)

    await ask.act("resetMfa", ann, bob)

    assert not await SecondFactor.exists()
    session = (await sign_in(ask, bob.login, PASSWORD, portal.slug))["session"]
    again = (await ask(ENROLL, token=session["accessToken"], p=PASSWORD)).data["enrollMfa"]
    assert again["secret"] != old["secret"]


async def test_enrolling_twice_is_refused_and_beginning_again_makes_the_first_void(world: World, ask: Ask) -> None:
    bob = await world.user(password=PASSWORD)
    first = (await ask(ENROLL, actor=bob, p=PASSWORD)).data["enrollMfa"]
    second = (await ask(ENROLL, actor=bob, p=PASSWORD)).data["enrollMfa"]

    with_the_first = (await ask(CONFIRM, actor=bob, c=code(world, first["secret"]))).data["confirmMfa"]
    with_the_second = (await ask(CONFIRM, actor=bob, c=code(world, second["secret"]))).data["confirmMfa"]
    a_third = (await ask(ENROLL, actor=bob, p=PASSWORD)).data["enrollMfa"]

    assert with_the_first["errors"] == [{"code": "INVALID_CREDENTIALS", "path": ["input", "code"]}]
    assert with_the_second["errors"] == []
    assert (a_third["secret"], a_third["errors"][0]["code"]) == (None, "NOT_ALLOWED")


async def test_without_it_the_password_must_be_long_enough(world: World, ask: Ask) -> None:
    bob = await world.user(password=PASSWORD)
    await enrolled(world, ask, bob)
    await PortalUser.filter(id=bob.id).update(password_is_short=True)

    refused = (await ask(DISABLE, actor=bob, p=PASSWORD)).data["disableMfa"]

    assert [error["code"] for error in refused["errors"]] == ["WEAK_PASSWORD"]
    assert await SecondFactor.exists()


async def test_a_required_second_factor_can_be_replaced_and_nothing_else_done_meanwhile(world: World, ask: Ask) -> None:
    bob = await world.user(password=PASSWORD)
    await enrolled(world, ask, bob)
    await Portal.all().update(mfa_required=True)

    payload = (await ask(DISABLE, actor=bob, p=PASSWORD)).data["disableMfa"]
    meanwhile = await ask("{ portals { totalCount } }", actor=bob)
    await enrolled(world, ask, bob)

    assert payload["errors"] == []
    assert meanwhile.codes == ["FORBIDDEN"]
    assert (await ask("{ portals { totalCount } }", actor=bob)).data["portals"]


async def test_a_portal_that_requires_one_lets_a_user_without_it_only_enrol(world: World, ask: Ask) -> None:
    portal = await world.portal(mfa_required=True)
    ann, bob = await world.portal_admin(portal, password=PASSWORD), await world.user(portal)
    documents = [
        "{ users { totalCount } }",
        "{ portals { totalCount } }",
        "{ licenseTiles { id } }",
        f'{{ node(id: "{ann.gid}") {{ id }} }}',
        f'mutation {{ lockUsers(input: {{users: {{ids: ["{bob.gid}"]}}}}) {{ errors {{ code }} }} }}',
    ]
    below_viewer = "{ viewer { name mustEnrollMfa ... on PortalUser { portal { name %s } } } }"

    before = [(await ask(document, actor=ann)).codes for document in documents]
    seen = (await ask(below_viewer % "slug", actor=ann)).data["viewer"]
    refused = [
        await ask(below_viewer % field, actor=ann)
        for field in ("policy { mfaRequired }", "licenseTiles { id }", "users { totalCount }")
    ]
    history = await ask("{ viewer { ... on PortalUser { auditLog { totalCount } } } }", actor=ann)
    await enrolled(world, ask, ann)
    after = [(await ask(document, actor=ann)).codes for document in documents]

    assert before == [["FORBIDDEN"]] * len(documents)
    assert (seen["mustEnrollMfa"], seen["portal"]["slug"]) == (True, portal.slug)
    assert [reply.codes for reply in (*refused, history)] == [["FORBIDDEN"]] * 4
    assert all(reply.data["viewer"]["portal"]["name"] for reply in refused)
    assert after == [[]] * len(documents)


async def test_staff_who_lost_their_second_factor_are_helped_by_the_operator(world: World, ask: Ask) -> None:
    nora = await world.mssp_admin(password=PASSWORD)
    await enrolled(world, ask, nora)
    runtime = world.parts.runtime

    await staff_second_factors.reset_for_staff(runtime, nora.login.upper())

    assert (await ask(WHO, actor=nora)).unauthenticated
    assert (await sign_in(ask, nora.login, PASSWORD, None))["session"]
    for login, why in ((nora.login, Code.NO_MFA_ENROLLED), ("unknown@msp.test", Code.NOT_FOUND)):
        with pytest.raises(Refusal) as no:
            await staff_second_factors.reset_for_staff(runtime, login)
        assert no.value.code is why
