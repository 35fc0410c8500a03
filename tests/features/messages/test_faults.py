"""An input with several faults gets one error for each fault, with its path, its code and the values of its message."""

from __future__ import annotations

from typing import Any

import pytest

from models.tables import Portal
from rules.messages import outcomes
from rules.refusals import Code
from tests.features.invitations.accepting import invited
from tests.features.invitations.inviting import accept, complete, invite_new, preview
from tests.features.registration.registering import confirmed, passed_on
from tests.support.world import Ask, World

UPDATE = """
mutation ($input: UpdateUserInput!) {
  updateUser(input: $input) { user { id firstName } errors { code message path params { name value } } }
}
"""
LOCK = """
mutation ($input: BulkUsersInput!) {
  lockUsers(input: $input) { outcomes { reason { code message params { name value } } } }
}
"""


def values(shown: list[dict[str, str]]) -> dict[str, str]:
    return {param["name"]: param["value"] for param in shown}


async def test_every_field_of_an_edit_that_is_wrong_is_named(world: World, ask: Ask) -> None:
    portal = await world.portal(required_user_fields=["FIRST_NAME"])
    ann, bob = await world.portal_admin(portal), await world.user(portal)

    given = {"id": bob.gid, "firstName": "", "lastName": "x" * 101, "email": "no address"}
    errors = (await ask(UPDATE, actor=ann, input=given)).data["updateUser"]["errors"]

    assert [(error["code"], error["path"]) for error in errors] == [
        ("REQUIRED_FIELD_MISSING", ["input", "firstName"]),
        ("INVALID_INPUT", ["input", "lastName"]),
        ("INVALID_EMAIL", ["input", "email"]),
    ]
    assert values(errors[1]["params"]) == {"problem": "TOO_LONG", "field": "lastName", "maximum": "100"}
    assert errors[1]["message"] == "lastName takes at most 100 characters."


async def test_an_edit_with_one_fault_changes_nothing(world: World, ask: Ask) -> None:
    portal = await world.portal()
    ann, bob = await world.portal_admin(portal), await world.user(portal, first_name="Bob")

    given = {"id": bob.gid, "firstName": "Rob", "lastName": "a\nb"}
    payload = (await ask(UPDATE, actor=ann, input=given)).data["updateUser"]

    assert (len(payload["errors"]), payload["user"]["firstName"]) == (1, "Bob")


async def test_the_reason_of_an_outcome_can_be_rebuilt_from_its_parameters(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.user(first_name="Bob", last_name="Lee")
    await ask.act("lockUsers", ann, bob)

    selected: dict[str, Any] = {"users": {"ids": [bob.gid, "unknown"]}}
    again, unknown = (await ask(LOCK, actor=ann, input=selected)).data["lockUsers"]["outcomes"]

    given = values(again["reason"]["params"])
    assert given == {"user": "Bob Lee", "action": "LOCK"}
    assert outcomes.message_of(Code(again["reason"]["code"]), given) == again["reason"]["message"]
    assert unknown["reason"]["params"] == []


async def test_the_reason_of_an_invitee_who_lacks_a_field_names_it(world: World, ask: Ask) -> None:
    portal = await world.portal(required_user_fields=["FIRST_NAME", "EMAIL"])
    ann = await world.portal_admin(portal)

    payload = await invite_new(ask, ann, portal, {"email": "ada@new.test"}, {"firstName": "Ada"})

    told = [outcome["reason"] for outcome in payload["outcomes"]]
    assert [reason["code"] for reason in told] == ["REQUIRED_FIELD_MISSING"] * 2
    assert "firstName" in told[0]["message"]
    assert "email" in told[1]["message"]


async def test_logins_of_others_and_one_s_own_login_are_faults_beside_others(world: World, ask: Ask) -> None:
    portal = await world.portal(name="Acme")
    ann, bob = await world.portal_admin(portal), await world.user(portal)
    await world.user(portal, username="eve", email="eve@acme.test")

    taken = {"id": bob.gid, "username": "EVE", "email": "Eve@acme.test", "lastName": "x" * 101}
    own = {"id": ann.gid, "username": "anna", "email": "anna@acme.test", "firstName": "a\nb"}
    of_bob = (await ask(UPDATE, actor=ann, input=taken)).data["updateUser"]["errors"]
    of_ann = (await ask(UPDATE, actor=ann, input=own)).data["updateUser"]["errors"]

    assert [(error["code"], error["path"]) for error in of_bob] == [
        ("INVALID_INPUT", ["input", "lastName"]),
        ("USERNAME_TAKEN", ["input", "username"]),
        ("EMAIL_TAKEN", ["input", "email"]),
    ]
    assert [(error["code"], error["path"]) for error in of_ann] == [
        ("NOT_ALLOWED", ["input", "username"]),
        ("NOT_ALLOWED", ["input", "email"]),
        ("INVALID_INPUT", ["input", "firstName"]),
    ]


@pytest.mark.parametrize("how", ["accepts", "registers"])
async def test_every_field_of_an_invitee_that_is_wrong_is_named(world: World, ask: Ask, how: str) -> None:
    invite = invited if how == "accepts" else passed_on
    _, guest, token = await invite(world, ask)
    await Portal.filter(slug="acme").update(required_user_fields=["FIRST_NAME", "LAST_NAME"])
    wrong = {"firstName": "x" * 101, "password": "too short"}

    if how == "accepts":
        payload = await accept(ask, token, **wrong)
    else:
        payload = await complete(ask, await confirmed(world, ask, guest, token), **wrong)

    assert [(error["code"], error["path"]) for error in payload["errors"]] == [
        ("INVALID_INPUT", ["input", "firstName"]),
        ("REQUIRED_FIELD_MISSING", ["input", "lastName"]),
        ("WEAK_PASSWORD", ["input", "password"]),
    ]
    assert (await preview(ask, token))["state"] == "PENDING"
