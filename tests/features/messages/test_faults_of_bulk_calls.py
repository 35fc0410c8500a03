"""The input of a bulk call with several faults gets one error for each fault, with its path."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from resolvers.core.global_ids import global_id
from tests.features.invitations.inviting import INVITE
from tests.support.world import Ask, World

LOCK = "mutation ($input: BulkUsersInput!) { lockUsers(input: $input) { operation { id } errors { code path } } }"
TOO_LONG = {"reason": "x" * 501, "idempotencyKey": "k" * 256, "onlyIfUnchanged": True}
ANYONE = global_id("PortalUser", UUID(int=1))
OF_OPTIONS = [
    ("INVALID_INPUT", "input.options.onlyIfUnchanged"),
    ("INVALID_INPUT", "input.options.idempotencyKey"),
    ("INVALID_INPUT", "input.options.reason"),
]


def faults(payload: Any) -> list[tuple[str, str]]:
    return [(error["code"], ".".join(error["path"])) for error in payload["errors"]]


@pytest.mark.parametrize(
    ("users", "of_users"),
    [
        pytest.param({"ids": []}, [("INVALID_INPUT", "input.users.ids")], id="ids"),
        pytest.param(
            {"matching": {"portalId": "x", "portalSlug": "acme", "excludeIds": [ANYONE] * 10_001}},
            [
                ("INVALID_INPUT", "input.users.matching.portalSlug"),
                ("INVALID_INPUT", "input.users.matching.excludeIds"),
                ("INVALID_INPUT", "input.users.matching.expectedCount"),
            ],
            id="matching",
        ),
    ],
)
async def test_the_faults_of_selection_and_options_come_together(
    world: World, ask: Ask, users: dict[str, Any], of_users: list[tuple[str, str]]
) -> None:
    ann = await world.portal_admin()

    payload = (await ask(LOCK, actor=ann, input={"users": users, "options": TOO_LONG})).data["lockUsers"]

    assert (faults(payload), payload["operation"]) == ([*of_users, *OF_OPTIONS], None)


async def test_the_faults_of_an_invitation_lie_inside_its_target_and_beside_it(world: World, ask: Ask) -> None:
    ann = await world.portal_admin()
    of_staff = {"email": "x@new.test", "kind": "INTERNAL"}

    target = {"newUsers": {"invitees": [of_staff, {"email": "y@new.test"}, of_staff]}}
    payload = (await ask(INVITE, actor=ann, input={"target": target, "options": TOO_LONG})).data["inviteUsers"]

    assert faults(payload) == [
        ("INVALID_INPUT", "input.target.newUsers.portalId"),
        ("NOT_ALLOWED", "input.target.newUsers.invitees.0.kind"),
        ("NOT_ALLOWED", "input.target.newUsers.invitees.2.kind"),
        *OF_OPTIONS,
    ]


async def test_users_who_were_added_before_are_not_only_added(world: World, ask: Ask) -> None:
    ann = await world.portal_admin()

    input = {"target": {"users": {"ids": []}}, "delivery": "NONE"}
    payload = (await ask(INVITE, actor=ann, input=input)).data["inviteUsers"]

    assert faults(payload) == [("INVALID_INPUT", "input.target.users.ids"), ("INVALID_INPUT", "input.delivery")]


async def test_at_most_twenty_faults_are_answered(world: World, ask: Ask) -> None:
    ann = await world.portal_admin(await world.portal("acme"))

    invitees = [{"email": f"{number}@new.test", "kind": "INTERNAL"} for number in range(30)]
    input = {"target": {"newUsers": {"portalSlug": "acme", "invitees": invitees}}}
    payload = (await ask(INVITE, actor=ann, input=input)).data["inviteUsers"]

    assert [path for _, path in faults(payload)] == [f"input.target.newUsers.invitees.{n}.kind" for n in range(20)]
