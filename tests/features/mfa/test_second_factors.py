"""Second factors, as their owner sets them up and signs in with them (T16)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pyotp
import pytest

from models.tables import LinkToken, OutboxMail, Portal, PortalUser, RecoveryCode, SecondFactor, StaffMember
from rules.auth.lockout import SECOND_FACTOR_ATTEMPTS
from rules.lifecycle.statuses import Status
from rules.refusals import Code, Refusal
from services.auth import mfa
from tests.support.answers import sign_in
from tests.support.mailed import mail_to
from tests.support.places import ELSEWHERE, FAR_AWAY, calling_from
from tests.support.stored import places_of
from tests.support.world import PASSWORD, Ask, Person, TestClock, World

ENROLL = "mutation ($p: String!) { enrollMfa(input: {currentPassword: $p}) { secret otpauthUri recoveryCodes errors { code message path } } }"
CONFIRM = "mutation ($c: String!) { confirmMfa(input: {code: $c}) { account { id } errors { code path } } }"
DISABLE = "mutation ($p: String!) { disableMfa(input: {currentPassword: $p}) { account { id } errors { code path } } }"
COMPLETE = """
mutation ($input: CompleteMfaChallengeInput!) {
  completeMfaChallenge(input: $input) {
    session { accessToken viewer { id } } mfaChallenge { challengeToken } passwordChange { token } blockers
    errors { code path }
  }
}
"""
WHO = "{ viewer { name } }"
STEP = timedelta(seconds=30)


def code(world: World, secret: str, steps: int = 0) -> str:
    """What the authenticator app shows now, or so many steps from now."""
    return pyotp.TOTP(secret).at(world.clock.now(), counter_offset=steps)


async def enrolled(world: World, ask: Ask, person: Person) -> Any:
    """The person sets up a second factor; a step later the code of that moment is used up."""
    enrollment = (await ask(ENROLL, actor=person, p=PASSWORD)).data["enrollMfa"]
    assert enrollment["errors"] == []
    confirmed = (await ask(CONFIRM, actor=person, c=code(world, enrollment["secret"]))).data["confirmMfa"]
    assert confirmed == {"account": {"id": person.gid}, "errors": []}
    world.clock.advance(STEP)
    return enrollment


async def challenged(ask: Ask, person: Person) -> str:
    """The token of a new challenge."""
    payload = await sign_in(ask, person.login, PASSWORD, person.portal.slug if person.portal else None)
    assert (payload["session"], payload["blockers"], payload["errors"]) == (None, [], [])
    return str(payload["mfaChallenge"]["challengeToken"])


async def answered(ask: Ask, token: str, **given: str) -> Any:
    """What a challenge is answered with: "in", or the codes."""
    payload = (await ask(COMPLETE, input={"challengeToken": token, **given})).data["completeMfaChallenge"]
    return "in" if payload["session"] else payload["blockers"] or [error["code"] for error in payload["errors"]]


async def somebody(world: World, kind: str) -> Person:
    return await (world.mssp_admin(password=PASSWORD) if kind == "staff" else world.user(password=PASSWORD))


@pytest.mark.parametrize("kind", ["user", "staff"])
async def test_once_confirmed_signing_in_asks_for_a_code(world: World, ask: Ask, kind: str) -> None:  # T16
    bob = await somebody(world, kind)
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


async def test_the_owner_is_told_by_mail_and_the_log_tells_the_admins(world: World, ask: Ask) -> None:
    portal = await world.portal()
    ann, bob = await world.portal_admin(portal), await world.user(portal, password=PASSWORD)

    await enrolled(world, ask, bob)
    off = (await ask(DISABLE, actor=bob, p=PASSWORD)).data["disableMfa"]

    assert off == {"account": {"id": bob.gid}, "errors": []}
    assert [mail.kind for mail in await mail_to(bob)] == ["SECOND_FACTOR_CHANGED"] * 2
    log = (await ask("{ auditLog { nodes { event actorName changes { field after } } } }", actor=ann)).data["auditLog"]
    assert [(e["event"], e["changes"]) for e in log["nodes"]] == [
        ("user.mfa_disabled", [{"field": "mfaEnrolled", "after": "false"}]),
        ("user.mfa_enrolled", [{"field": "mfaEnrolled", "after": "true"}]),
    ]
    assert not await SecondFactor.exists()
    assert (await sign_in(ask, bob.login, PASSWORD, portal.slug))["session"]


@pytest.mark.parametrize(("steps", "good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
async def test_a_code_is_good_in_its_own_step_and_its_neighbours(  # T16
    world: World, ask: Ask, steps: int, good: bool
) -> None:
    bob = await world.user(password=PASSWORD)
    enrollment = await enrolled(world, ask, bob)
    world.clock.advance(5 * STEP)

    answer = await answered(ask, await challenged(ask, bob), code=code(world, enrollment["secret"], steps))

    assert answer == ("in" if good else ["INVALID_CREDENTIALS"])


async def test_a_code_is_good_once_also_for_many_at_once(world: World, ask: Ask) -> None:
    bob = await world.user(password=PASSWORD)
    enrollment = await enrolled(world, ask, bob)
    tokens = [await challenged(ask, bob) for _ in range(SECOND_FACTOR_ATTEMPTS)]
    now = code(world, enrollment["secret"])

    answers = await asyncio.gather(*(answered(ask, token, code=now) for token in tokens))

    assert answers.count("in") == 1
    assert answers.count(["INVALID_CREDENTIALS"]) == SECOND_FACTOR_ATTEMPTS - 1


async def test_the_code_that_confirmed_opens_nothing(world: World, ask: Ask) -> None:
    bob = await world.user(password=PASSWORD)
    enrollment = (await ask(ENROLL, actor=bob, p=PASSWORD)).data["enrollMfa"]
    now = code(world, enrollment["secret"])
    await ask(CONFIRM, actor=bob, c=now)

    assert await answered(ask, await challenged(ask, bob), code=now) == ["INVALID_CREDENTIALS"]


async def test_each_recovery_code_is_good_once_however_it_is_typed(world: World, ask: Ask) -> None:
    bob = await world.user(password=PASSWORD)
    first, second, *_ = (await enrolled(world, ask, bob))["recoveryCodes"]

    answers = [
        await answered(ask, await challenged(ask, bob), recoveryCode=typed)
        for typed in (first, first, f" {second.upper().replace('-', ' ')} ", "aaaa-bbbb-cccc-dddd")
    ]

    assert answers == ["in", ["INVALID_CREDENTIALS"], "in", ["INVALID_CREDENTIALS"]]
    assert await RecoveryCode.filter(used_at=None).count() == 8


async def test_a_challenge_lives_five_minutes_and_opens_once(world: World, ask: Ask, clock: TestClock) -> None:
    bob = await world.user(password=PASSWORD)
    codes = (await enrolled(world, ask, bob))["recoveryCodes"]
    used, in_time, late = [await challenged(ask, bob) for _ in range(3)]
    assert await answered(ask, used, recoveryCode=codes[0]) == "in"

    again = await answered(ask, used, recoveryCode=codes[1])
    clock.advance(timedelta(minutes=5) - timedelta(seconds=1))
    last_moment = await answered(ask, in_time, recoveryCode=codes[1])
    clock.advance(timedelta(seconds=1))
    over = await answered(ask, late, recoveryCode=codes[2])

    assert (again, last_moment, over) == (["INVALID_TOKEN"], "in", ["INVALID_TOKEN"])


async def test_five_wrong_codes_end_a_challenge_and_no_code_is_right_for_15_minutes(
    world: World, ask: Ask, clock: TestClock
) -> None:
    bob = await world.user(password=PASSWORD)
    enrollment = await enrolled(world, ask, bob)
    token = await challenged(ask, bob)

    answers = [await answered(ask, token, code="x12345") for _ in range(5)]
    right = await answered(ask, token, code=code(world, enrollment["secret"]))
    clock.advance(timedelta(minutes=15) - timedelta(seconds=1))
    too_soon = await answered(ask, await challenged(ask, bob), code=code(world, enrollment["secret"]))
    clock.advance(timedelta(seconds=1))

    assert answers == [["INVALID_CREDENTIALS"]] * 5
    assert (right, too_soon) == (["INVALID_TOKEN"], ["INVALID_CREDENTIALS"])
    assert await answered(ask, await challenged(ask, bob), code=code(world, enrollment["secret"])) == "in"


async def test_wrong_codes_in_a_row_lock_out_over_all_challenges(world: World, ask: Ask) -> None:  # T7
    portal = await world.portal(lockout_threshold=7)
    bob = await world.user(portal, password=PASSWORD)
    async with calling_from(world, ELSEWHERE) as at_home, calling_from(world, FAR_AWAY) as thief:
        enrollment = await enrolled(world, at_home, bob)

        for _ in range(2):
            token = await challenged(thief, bob)
            for _ in range(4 if await world.status(bob) is Status.ACTIVE else 0):
                await answered(thief, token, code="000000")

        assert await world.status(bob) is Status.LOCKED_OUT
        assert (await sign_in(thief, bob.login, PASSWORD, portal.slug))["errors"]
        assert enrollment["secret"]


@pytest.mark.parametrize("given", [{}, {"code": "123456", "recoveryCode": "x"}])
async def test_exactly_one_of_the_two_is_sent(world: World, ask: Ask, given: dict[str, str]) -> None:
    bob = await world.user(password=PASSWORD)
    await enrolled(world, ask, bob)

    assert await answered(ask, await challenged(ask, bob), **given) == ["INVALID_INPUT"]


async def test_a_challenge_is_no_session_and_blocks_no_other_token(world: World, ask: Ask) -> None:
    bob = await world.user(password=PASSWORD)
    await enrolled(world, ask, bob)
    token = await challenged(ask, bob)

    assert (await ask(WHO, token=token)).unauthenticated
    assert await answered(ask, "made up", code="123456") == ["INVALID_TOKEN"]


async def test_whoever_is_barred_meanwhile_is_told_so_and_not_signed_in(world: World, ask: Ask) -> None:
    portal = await world.portal()
    ann, bob = await world.portal_admin(portal), await world.user(portal, password=PASSWORD)
    enrollment = await enrolled(world, ask, bob)
    token = await challenged(ask, bob)

    await ask.act("deactivateUsers", ann, bob)

    assert await answered(ask, token, code=code(world, enrollment["secret"])) == ["DEACTIVATED"]


async def test_a_new_password_kills_the_challenges_that_the_old_one_led_to(  # K18
    world: World, ask: Ask, clock: TestClock
) -> None:
    bob = await world.user(password=PASSWORD)
    enrollment = await enrolled(world, ask, bob)
    token = await challenged(ask, bob)
    change = "mutation ($i: ChangePasswordInput!) { changePassword(input: $i) { errors { code } } }"

    changed = await ask(change, actor=bob, i={"currentPassword": PASSWORD, "newPassword": "tall green umbrella stand"})

    assert changed.data["changePassword"]["errors"] == []
    assert await answered(ask, token, code=code(world, enrollment["secret"])) == ["INVALID_TOKEN"]


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


async def test_where_the_portal_requires_one_it_can_be_set_up_anew_and_nothing_else_is_done_meanwhile(
    world: World, ask: Ask
) -> None:
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
        *("{ users { totalCount } }", "{ portals { totalCount } }", "{ licenseTiles { id } }"),
        f'{{ node(id: "{ann.gid}") {{ id }} }}',
        f'mutation {{ lockUsers(input: {{users: {{ids: ["{bob.gid}"]}}}}) {{ errors {{ code }} }} }}',
    ]
    everything = "{ viewer { name ... on PortalUser { portal { name policy { mfaRequired } licenseTiles { id } users { totalCount } } } } }"

    before = [(await ask(document, actor=ann)).codes for document in documents]
    seen = (await ask(everything, actor=ann)).data["viewer"]
    await enrolled(world, ask, ann)
    after = [(await ask(document, actor=ann)).codes for document in documents]

    assert before == [["FORBIDDEN"]] * len(documents)
    assert seen["portal"] == {"name": seen["portal"]["name"], "policy": None, "licenseTiles": None, "users": None}
    assert after == [[]] * len(documents)


async def test_a_challenge_leaves_one_row_and_no_mail(world: World, ask: Ask) -> None:
    bob = await world.user(password=PASSWORD)
    await enrolled(world, ask, bob)
    mails = await OutboxMail.all().count()

    await challenged(ask, bob)

    (row,) = await LinkToken.filter(user_id=bob.id)
    assert (row.purpose, await OutboxMail.all().count()) == ("MFA_CHALLENGE", mails)


@pytest.mark.parametrize("action", ["resetMfa", "revokeSessions"])
async def test_a_challenge_dies_with_the_second_factor_and_with_the_sessions(
    world: World, ask: Ask, action: str
) -> None:  # T16
    portal = await world.portal()
    ann, bob = await world.portal_admin(portal), await world.user(portal, password=PASSWORD)
    enrollment = await enrolled(world, ask, bob)
    token = await challenged(ask, bob)

    await ask.act(action, ann, bob)

    assert await answered(ask, token, code=code(world, enrollment["secret"])) == ["INVALID_TOKEN"]


async def test_a_recovery_code_is_not_used_up_where_somebody_is_barred(world: World, ask: Ask) -> None:
    portal = await world.portal()
    ann, bob = await world.portal_admin(portal), await world.user(portal, password=PASSWORD)
    spare = (await enrolled(world, ask, bob))["recoveryCodes"][0]
    token = await challenged(ask, bob)
    await ask.act("lockUsers", ann, bob)

    barred = await answered(ask, token, recoveryCode=spare)
    await ask.act("unlockUsers", ann, bob)

    assert barred == ["SUSPENDED"]
    assert await answered(ask, await challenged(ask, bob), recoveryCode=spare) == "in"


async def test_staff_who_lost_their_second_factor_are_helped_by_the_operator(world: World, ask: Ask) -> None:
    nora = await world.mssp_admin(password=PASSWORD)
    await enrolled(world, ask, nora)
    runtime = world.parts.runtime

    await mfa.take_from_staff(runtime, nora.login.upper())

    assert (await ask(WHO, actor=nora)).unauthenticated
    assert (await sign_in(ask, nora.login, PASSWORD, None))["session"]
    for login, why in ((nora.login, Code.NO_MFA_ENROLLED), ("nobody@msp.test", Code.NOT_FOUND)):
        with pytest.raises(Refusal) as no:
            await mfa.take_from_staff(runtime, login)
        assert no.value.code is why
