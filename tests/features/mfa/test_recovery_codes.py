"""What the owner of an account reads about the second factor, and how the recovery codes are replaced (T16)."""

from __future__ import annotations

import pytest

from models.tables import RecoveryCode
from tests.features.mfa.enrolling import COMPLETE, CONFIRM, ENROLL, REGENERATE, challenged, code, enrolled
from tests.support.databases.stored import places_of
from tests.support.mail.mailed import mail_to
from tests.support.world import PASSWORD, Ask, Person, World

STATE = "{ viewer { mfaEnrolled mustEnrollMfa recoveryCodesLeft } }"
CONFIRM_AND_READ = """
mutation ($c: String!) {
  confirmMfa(input: {code: $c}) {
    account { mfaEnrolled mustEnrollMfa recoveryCodesLeft ... on PortalUser { portal { users { totalCount } } } }
    errors { code }
  }
}
"""


async def use(world: World, ask: Ask, person: Person, recovery_code: str) -> list[str]:
    """Sign in with the recovery code. Return the codes of the errors."""
    given = {"challengeToken": await challenged(ask, person), "recoveryCode": recovery_code}
    payload = (await ask(COMPLETE, input=given)).data["completeMfaChallenge"]
    assert bool(payload["session"]) != bool(payload["errors"])
    return [error["code"] for error in payload["errors"]]


@pytest.mark.parametrize("kind", ["user", "staff"])
async def test_an_account_sees_the_state_of_its_second_factor(world: World, ask: Ask, kind: str) -> None:  # T16
    bob = await (world.mssp_admin(password=PASSWORD) if kind == "staff" else world.user(password=PASSWORD))

    without = (await ask(STATE, actor=bob)).data["viewer"]
    enrollment = (await ask(ENROLL, actor=bob, p=PASSWORD)).data["enrollMfa"]
    unconfirmed = (await ask(STATE, actor=bob)).data["viewer"]
    await ask(CONFIRM, actor=bob, c=code(world, enrollment["secret"]))
    await use(world, ask, bob, enrollment["recoveryCodes"][0])
    after_one = (await ask(STATE, actor=bob)).data["viewer"]

    nothing = {"mfaEnrolled": False, "mustEnrollMfa": False, "recoveryCodesLeft": None}
    assert without == unconfirmed == nothing
    assert after_one == {"mfaEnrolled": True, "mustEnrollMfa": False, "recoveryCodesLeft": 9}


async def test_once_confirmed_the_account_sees_that_it_is_through(world: World, ask: Ask) -> None:
    portal = await world.portal(mfa_required=True)
    ann = await world.portal_admin(portal, password=PASSWORD)
    enrollment = (await ask(ENROLL, actor=ann, p=PASSWORD)).data["enrollMfa"]
    before = (await ask(STATE, actor=ann)).data["viewer"]

    reply = await ask(CONFIRM_AND_READ, actor=ann, c=code(world, enrollment["secret"]))

    assert before["mustEnrollMfa"] is True
    assert reply.data["confirmMfa"] == {
        "account": {
            "mfaEnrolled": True,
            "mustEnrollMfa": False,
            "recoveryCodesLeft": 10,
            "portal": {"users": {"totalCount": 1}},
        },
        "errors": [],
    }


async def test_the_recovery_codes_left_are_visible_to_the_owner_only(world: World, ask: Ask) -> None:
    portal = await world.portal()
    ann, bob = await world.portal_admin(portal), await world.user(portal, password=PASSWORD)
    await enrolled(world, ask, bob)

    document = "query ($id: ID!) { user(id: $id) { mfaEnrolled mustEnrollMfa recoveryCodesLeft } }"
    seen = (await ask(document, actor=ann, id=bob.gid)).data["user"]

    assert seen == {"mfaEnrolled": True, "mustEnrollMfa": None, "recoveryCodesLeft": None}


@pytest.mark.parametrize("kind", ["user", "staff"])
async def test_new_recovery_codes_replace_all_earlier_ones(world: World, ask: Ask, kind: str) -> None:
    bob = await (world.mssp_admin(password=PASSWORD) if kind == "staff" else world.user(password=PASSWORD))
    old = (await enrolled(world, ask, bob))["recoveryCodes"]
    await use(world, ask, bob, old[0])

    payload = (await ask(REGENERATE, actor=bob, p=PASSWORD)).data["regenerateRecoveryCodes"]

    new = payload["recoveryCodes"]
    assert (payload["errors"], len(set(new)), set(new) & set(old)) == ([], 10, set())
    assert await RecoveryCode.filter(used_at=None).count() == 10
    assert await places_of(*new, *(text.replace("-", "") for text in new)) == []
    assert (await ask(STATE, actor=bob)).data["viewer"]["recoveryCodesLeft"] == 10
    assert await use(world, ask, bob, old[1]) == ["INVALID_CREDENTIALS"]
    assert await use(world, ask, bob, new[0]) == []


async def test_the_owner_is_mailed_and_the_admins_see_it_in_the_log(world: World, ask: Ask) -> None:
    portal = await world.portal()
    ann, bob = await world.portal_admin(portal), await world.user(portal, password=PASSWORD)
    await enrolled(world, ask, bob)

    await ask(REGENERATE, actor=bob, p=PASSWORD)

    assert [mail.kind for mail in await mail_to(bob)] == ["SECOND_FACTOR_CHANGED"] * 2
    log = (await ask("{ auditLog(first: 1) { nodes { event changes { field } } } }", actor=ann)).data["auditLog"]
    assert log["nodes"] == [{"event": "USER_RECOVERY_CODES_REPLACED", "changes": []}]


async def test_new_recovery_codes_need_the_password_and_a_second_factor(world: World, ask: Ask) -> None:
    bob = await world.user(password=PASSWORD)
    without = (await ask(REGENERATE, actor=bob, p=PASSWORD)).data["regenerateRecoveryCodes"]
    await ask(ENROLL, actor=bob, p=PASSWORD)
    unconfirmed = (await ask(REGENERATE, actor=bob, p=PASSWORD)).data["regenerateRecoveryCodes"]
    wrong = (await ask(REGENERATE, actor=bob, p="not the password")).data["regenerateRecoveryCodes"]

    assert [payload["recoveryCodes"] for payload in (without, unconfirmed, wrong)] == [None] * 3
    assert [payload["errors"][0]["code"] for payload in (without, unconfirmed)] == ["NOT_ALLOWED"] * 2
    assert wrong["errors"] == [{"code": "INVALID_CREDENTIALS", "path": ["input", "currentPassword"]}]
