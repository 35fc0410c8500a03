"""`Portal.availableActions` agrees with the mutations, for every action, role and state of the portal."""

from __future__ import annotations

from typing import Any

import pytest

from rules.rights.portal_actions import PortalAction
from tests.features.listing.counting_statements import statements
from tests.features.portal_actions.scenes import HIDDEN, OFFERED, ROLES, STATES, answered, calls, scene
from tests.support.world import Ask, Person, World

NOT_ALLOWED = "NOT_ALLOWED"
WHO_MAY = """
MSSP_ADMINS  CHANGE_POLICY MANAGE_LICENSES CHANGE_PORTAL DELETE_PORTAL
MANAGERS     ADD_USERS ADD_ADMINS MANAGE_USERS READ_AUDIT_LOG TRANSFER_ADMIN MANAGE_CATALOGUES
"""
"""The actions for MSSP admins only, and the actions for all managers of a portal (docs/requirements.md#rights)."""

MSSP_ADMINS, MANAGERS = ({*line.split()[1:]} for line in WHO_MAY.strip().splitlines())
ALLOWED = {
    "MSSP admin": MSSP_ADMINS | MANAGERS,
    "technician": MANAGERS,
    "portal admin": MANAGERS,
    "portal user": set[str](),
}


async def offered(ask: Ask, viewer: Person, portal_id: str) -> dict[str, Any] | str:
    """Query the portal's `availableActions`. Return the reason of the refusal for each action: None if it is allowed.

    If the viewer cannot read the portal, return the code of the error, or "null" if there is no error.
    """
    reply = await ask(OFFERED, actor=viewer, id=portal_id)
    if reply.codes:
        return reply.codes[0]
    if reply.data["portal"] is None:
        return "null"
    entries = reply.data["portal"]["availableActions"]
    assert [entry["action"] for entry in entries] == list(PortalAction)
    assert all(entry["allowed"] is (entry["reason"] is None) for entry in entries)
    return {entry["action"]: entry["reason"] for entry in entries}


def expected(offers: dict[str, Any] | str, role: str, action: PortalAction) -> set[str | None]:
    """Return the codes with which a call that needs `action` may answer. None in the set stands for success.

    `offers` is the result of `offered`: what `availableActions` says about each action.
    """
    if offers == "UNAUTHENTICATED":
        return {"UNAUTHENTICATED"}
    if isinstance(offers, str):  # the portal is not found; the role may be refused first
        is_refused = action not in ALLOWED["technician"]
        return {NOT_ALLOWED} if is_refused else {"null", "NOT_FOUND"}
    code = offers[action] and offers[action]["code"]
    return {code, "null"} if code == NOT_ALLOWED else {code}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("role", ROLES)
async def test_each_action_is_offered_as_its_mutations_answer(world: World, ask: Ask, role: str, state: str) -> None:
    wrong = []
    for action in PortalAction:
        there = await scene(world, ask, role, state)
        for document, variables in calls(action, there):
            offers = await offered(ask, there.actor, there.portal_id)
            answer = answered(await ask(document, actor=there.actor, **variables))
            if answer not in expected(offers, role, action):
                wrong.append(f"{action} is offered as {offers}, and answers {answer}")

    assert not wrong, "\n".join(["", *wrong])


@pytest.mark.parametrize("role", [role for role in ROLES if role not in HIDDEN])
async def test_each_role_is_offered_what_the_requirements_say(world: World, ask: Ask, role: str) -> None:  # L1, W2
    there = await scene(world, ask, role, "active")

    offers = await offered(ask, there.actor, there.portal_id)

    assert isinstance(offers, dict)
    assert {action for action, reason in offers.items() if reason is None} == ALLOWED[role]
    assert {reason["code"] for reason in offers.values() if reason} <= {NOT_ALLOWED}


@pytest.mark.parametrize(
    ("state", "refused"),
    [
        ("inactive", {"ADD_USERS": "PORTAL_INACTIVE", "ADD_ADMINS": "PORTAL_INACTIVE"}),
        ("at the limit of admins", {"ADD_ADMINS": "ADMIN_LIMIT_REACHED"}),
        (
            "without a free seat for an invitation",
            {"ADD_USERS": "NO_SEAT_AVAILABLE", "ADD_ADMINS": "NO_SEAT_AVAILABLE"},
        ),
        ("without an admin", {"TRANSFER_ADMIN": "INVALID_INPUT"}),
        ("without a user but the admin", {"TRANSFER_ADMIN": "INVALID_INPUT"}),
        ("with more users than are erased at once", {"DELETE_PORTAL": "TOO_MANY_USERS"}),
    ],
)
async def test_the_state_of_the_portal_refuses_what_it_makes_impossible(
    world: World, ask: Ask, state: str, refused: dict[str, str]
) -> None:  # L2
    there = await scene(world, ask, "MSSP admin", state)

    offers = await offered(ask, there.actor, there.portal_id)

    assert isinstance(offers, dict)
    assert {action: reason["code"] for action, reason in offers.items() if reason} == refused


async def test_a_reason_has_the_message_of_the_mutation_that_refuses(world: World, ask: Ask) -> None:
    there = await scene(world, ask, "portal admin", "at the limit of admins")
    document, variables = calls(PortalAction.ADD_ADMINS, there)[0]

    offers = await offered(ask, there.actor, there.portal_id)
    (outcome,) = (await ask(document, actor=there.actor, **variables)).data["inviteUsers"]["outcomes"]
    document, variables = calls(PortalAction.DELETE_PORTAL, there)[0]
    (error,) = (await ask(document, actor=there.actor, **variables)).data["deletePortal"]["errors"]

    assert isinstance(offers, dict)
    reason, refused = offers["ADD_ADMINS"], offers["DELETE_PORTAL"]
    assert reason["message"] == outcome["reason"]["message"].replace("New was", "A user was")
    assert (refused["message"], refused["params"]) == (error["message"], error["params"])
    assert (refused["retryable"], refused["retryAt"], refused["suggestedAction"]) == (False, None, None)


async def test_a_list_of_portals_takes_no_statement_for_each_portal(world: World, ask: Ask) -> None:
    for state in ("inactive", "at the limit of admins", "without an admin"):
        await scene(world, ask, "MSSP admin", state)
    nora = await world.mssp_admin()
    document = (
        "query ($first: Int) { portals(first: $first) { nodes { availableActions { action reason { message } } } } }"
    )
    await ask(document, actor=nora, first=1)

    with statements() as for_one:
        await ask(document, actor=nora, first=1)
    with statements() as for_three:
        await ask(document, actor=nora, first=3)

    assert len(for_one) == len(for_three)


async def test_until_a_required_second_factor_is_set_up_nothing_is_offered(world: World, ask: Ask) -> None:
    ann = await world.portal_admin(await world.portal(mfa_required=True))
    document = "{ viewer { ... on PortalUser { portal { %s } } } }"
    entries = "availableActions { allowed reason { code message params { name value } } }"

    reply = await ask(document % entries, actor=ann)

    offers = reply.data["viewer"]["portal"]["availableActions"]
    assert {(offer["allowed"], offer["reason"]["code"]) for offer in offers} == {(False, "MUST_ENROLL_MFA")}
