"""Invitations of new users and of users who were added before, and what each outcome says about the invitation."""

from __future__ import annotations

from typing import Any

import pytest

from models.tables import PortalUser
from tests.features.invitations.inviting import accept, invite, links_of
from tests.features.invitations.staged import staged
from tests.support.world import Ask, World
from tests.support.world.answers import reasons

SELECT = "mutation ($input: InviteUsersInput!) { inviteUsers(input: $input) { errors { code path } operation { id } } }"
PEOPLE = [{"firstName": "Ada", "email": "ada@new.test"}]
STORED = """
query ($a: ID!, $b: ID!) { invite: node(id: $a) { ...its } other: node(id: $b) { ...its } }
fragment its on BulkOperation { outcomes { nodes { invitation { nextStep } } } }
"""


@pytest.mark.parametrize(
    ("new_users", "code", "field"),
    [
        ({"invitees": PEOPLE}, "INVALID_INPUT", "portalId"),
        ({"invitees": PEOPLE, "portalSlug": " "}, "INVALID_INPUT", "portalId"),
        ({"invitees": PEOPLE, "portalId": "x", "portalSlug": "acme"}, "INVALID_INPUT", "portalSlug"),
        ({"invitees": [], "portalSlug": "acme"}, "INVALID_INPUT", "invitees"),
        ({"invitees": PEOPLE, "portalId": "x"}, "NOT_FOUND", "portalId"),
        ({"invitees": PEOPLE, "portalSlug": "x"}, "NOT_FOUND", "portalSlug"),
    ],
)
async def test_new_users_without_one_portal_to_add_them_to_are_refused(
    world: World, ask: Ask, new_users: dict[str, Any], code: str, field: str
) -> None:
    ann = await world.portal_admin()

    payload = (await ask(SELECT, actor=ann, input={"target": {"newUsers": new_users}})).data["inviteUsers"]

    assert payload == {
        "errors": [{"code": code, "path": ["input", "target", "newUsers", field]}],
        "operation": None,
    }


@pytest.mark.parametrize(
    ("users", "more", "path"),
    [
        ({"ids": []}, {}, ["target", "users", "ids"]),
        ({"ids": ["x"]}, {"delivery": "NONE"}, ["delivery"]),
        ({"matching": {}}, {}, ["target", "users", "matching", "expectedCount"]),
        ({"ids": ["x"]}, {"options": {"reason": "x" * 501}}, ["options", "reason"]),
    ],
)
async def test_a_refusal_names_the_field_of_the_input_with_its_whole_path(
    world: World, ask: Ask, users: dict[str, Any], more: dict[str, Any], path: list[str]
) -> None:
    ann = await world.portal_admin()

    payload = (await ask(SELECT, actor=ann, input={"target": {"users": users}, **more})).data["inviteUsers"]

    assert payload == {"errors": [{"code": "INVALID_INPUT", "path": ["input", *path]}], "operation": None}


@pytest.mark.parametrize("target", [{}, {"users": None}, {"users": {"ids": ["x"]}, "newUsers": {"invitees": PEOPLE}}])
async def test_a_target_is_either_new_users_or_users(world: World, ask: Ask, target: dict[str, Any]) -> None:
    ann = await world.portal_admin()

    reply = await ask(SELECT, actor=ann, input={"target": target})

    assert (reply.data, reply.codes) == (None, ["BAD_USER_INPUT"])


async def test_new_users_are_added_to_the_portal_with_the_slug_in_any_case(world: World, ask: Ask) -> None:
    portal, other = await world.portal("harbour"), await world.portal("other")
    nora = await world.mssp_admin()
    target = {"newUsers": {"portalSlug": " HarBour", "invitees": PEOPLE}}

    payload = (await ask(SELECT, actor=nora, input={"target": target})).data["inviteUsers"]

    assert payload["errors"] == []
    assert [await PortalUser.filter(portal_id=each.id).count() for each in (portal, other)] == [1, 0]


@pytest.mark.parametrize(
    ("how", "step"),
    [
        ({}, "SET_PASSWORD"),
        ({"delivery": "LINK"}, "REGISTER"),
        ({"delivery": "LINK", "trustStoredEmail": True}, "SET_PASSWORD"),
    ],
)
async def test_the_outcome_says_what_the_invitee_will_have_to_do(
    world: World, ask: Ask, how: dict[str, Any], step: str
) -> None:
    ann, bob = await world.portal_admin(), await staged(world)

    payload = await invite(ask, ann, bob, **how)

    invitation = payload["outcomes"][0]["invitation"]
    assert invitation == {"state": "PENDING", "createdAt": "2026-03-01T09:00:00.000Z", "nextStep": step}
    locked = await ask.act("resetMfa", ann, bob)
    stored = (await ask(STORED, actor=ann, a=payload["operation"]["id"], b=locked["operation"]["id"])).data
    assert stored["invite"]["outcomes"]["nodes"] == [{"invitation": {"nextStep": step}}]
    assert stored["other"]["outcomes"]["nodes"] == [{"invitation": None}]


async def test_an_accepted_invitation_has_no_next_step(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await staged(world)
    (token,) = links_of(await invite(ask, ann, bob, delivery="LINK", trustStoredEmail=True))
    await accept(ask, token)

    again = await invite(ask, ann, bob, delivery="LINK")

    assert reasons(again) == ["ALREADY_MEMBER"]
    assert again["outcomes"][0]["invitation"]["nextStep"] is None
    assert again["outcomes"][0]["invitation"]["state"] == "ACCEPTED"


async def test_a_preview_of_new_users_cannot_be_run_by_its_id(world: World, ask: Ask) -> None:
    ann = await world.portal_admin(await world.portal("acme"))
    people = {"target": {"newUsers": {"portalSlug": "acme", "invitees": PEOPLE}}}

    looked = (await ask(SELECT, actor=ann, input={**people, "options": {"dryRun": True}})).data["inviteUsers"]
    again = {"target": {"users": {"previewId": looked["operation"]["id"]}}}
    by_id = (await ask(SELECT, actor=ann, input=again)).data["inviteUsers"]
    by_input = (await ask(SELECT, actor=ann, input=people)).data["inviteUsers"]

    assert by_id == {
        "errors": [{"code": "INVALID_INPUT", "path": ["input", "target", "users", "previewId"]}],
        "operation": None,
    }
    assert by_input["errors"] == []
    assert await PortalUser.filter(email="ada@new.test").count() == 1
