"""All faults of an input are answered at once, each with its path, its code and the values in its message."""

from __future__ import annotations

from typing import Any

from rules import messages
from rules.refusals import Code
from tests.features.invitations.inviting import invite_new
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
    assert messages.render(Code(again["reason"]["code"]), given) == again["reason"]["message"]
    assert unknown["reason"]["params"] == []


async def test_the_reason_of_an_invitee_who_lacks_a_field_names_it(world: World, ask: Ask) -> None:
    portal = await world.portal(required_user_fields=["FIRST_NAME", "EMAIL"])
    ann = await world.portal_admin(portal)

    payload = await invite_new(ask, ann, portal, {"email": "ada@new.test"}, {"firstName": "Ada"})

    told = [outcome["reason"] for outcome in payload["outcomes"]]
    assert [reason["code"] for reason in told] == ["REQUIRED_FIELD_MISSING"] * 2
    assert "firstName" in told[0]["message"]
    assert "email" in told[1]["message"]
