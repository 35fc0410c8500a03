"""What an account can read before it has set up a required second factor. A sign-in returns the tokens in any case."""

from __future__ import annotations

from typing import Any

import pytest

from models.tables import Mssp
from rules.rights.root_fields import REFUSED_WHILE_ENROLLING
from tests.features.mfa.everything import everything_of
from tests.support.world import PASSWORD, Ask, Person, World

SIGN_IN = """
mutation ($input: SignInInput!) {
  signIn(input: $input) { session { accessToken refreshToken mustEnrollMfa viewer { %s } } errors { code } }
}
"""


async def account_of(world: World, kind: str, *, must_enroll: bool) -> Person:
    portal = await world.portal("acme", mfa_required=must_enroll and kind == "PortalUser")
    if kind == "PortalUser":
        return await world.portal_admin(portal, password=PASSWORD)
    await Mssp.filter(id=portal.mssp_id).update(staff_mfa_required=must_enroll)
    return await world.technician(portal, password=PASSWORD)


async def signed_in(ask: Ask, person: Person, kind: str) -> Any:
    """Sign in, and return the payload with every field below the viewer. `kind` is the viewer's type."""
    slug = person.portal.slug if person.portal else None
    asked = {"login": person.login, "password": PASSWORD, "portalSlug": slug}
    return await ask(SIGN_IN % everything_of(kind), input=asked)


@pytest.mark.parametrize("kind", ["PortalUser", "StaffMember"])
async def test_a_sign_in_keeps_its_tokens_whatever_is_selected_below_the_viewer(
    world: World, ask: Ask, kind: str
) -> None:
    below = {"PortalUser": ("PortalUser", "Portal"), "StaffMember": ("StaffMember",)}[kind]
    refused = {field for type_, field in (member.split(".") for member in REFUSED_WHILE_ENROLLING) if type_ in below}
    person = await account_of(world, kind, must_enroll=True)

    reply = await signed_in(ask, person, kind)

    session = reply.data["signIn"]["session"]
    assert (session["mustEnrollMfa"], session["viewer"]["__typename"]) == (True, kind)
    assert session["accessToken"]
    assert session["refreshToken"]
    assert {error["path"][-1] for error in reply.errors} == refused
    assert {*reply.codes} == {"FORBIDDEN"}


@pytest.mark.parametrize("kind", ["PortalUser", "StaffMember"])
async def test_without_a_required_second_factor_the_viewer_of_a_session_reads_everything(
    world: World, ask: Ask, kind: str
) -> None:
    person = await account_of(world, kind, must_enroll=False)

    reply = await signed_in(ask, person, kind)

    assert (reply.errors, reply.data["signIn"]["session"]["mustEnrollMfa"]) == ([], False)


async def test_while_enrolling_no_action_is_offered_and_no_portal_is_listed(world: World, ask: Ask) -> None:
    ann = await account_of(world, "PortalUser", must_enroll=True)
    nora = await world.mssp_admin(password=PASSWORD)
    await Mssp.all().update(staff_mfa_required=True)

    of_ann = await ask(
        "{ viewer { ... on PortalUser { availableActions { allowed reason { code message params { name value } } } } } }",
        actor=ann,
    )
    of_nora = await ask("{ viewer { ... on StaffMember { portals { totalCount nodes { id } } } } }", actor=nora)

    offered = of_ann.data["viewer"]["availableActions"]
    assert {(each["allowed"], each["reason"]["code"]) for each in offered} == {(False, "MUST_ENROLL_MFA")}
    assert of_nora.data["viewer"]["portals"] == {"totalCount": 0, "nodes": []}
    assert (of_ann.errors, of_nora.errors) == ([], [])


async def test_a_session_s_viewer_is_read_with_the_rights_of_the_new_session(world: World, ask: Ask) -> None:
    portal = await world.portal()
    ann, bob = await world.portal_admin(portal, password=PASSWORD), await world.user(portal)
    document = """
    mutation ($input: SignInInput!) {
      signIn(input: $input) {
        session { viewer { id sessions { isCurrent } ... on PortalUser { auditLog { totalCount } } } }
      }
      signOut(input: {}) { account { id } }
    }
    """
    asked = {"login": ann.login, "password": PASSWORD, "portalSlug": portal.slug}

    data = (await ask(document, token=await world.token(bob), input=asked)).data

    viewer = data["signIn"]["session"]["viewer"]
    assert (viewer["id"], viewer["sessions"]) == (ann.gid, [{"isCurrent": True}])
    assert viewer["auditLog"]["totalCount"] == 1
    assert data["signOut"]["account"]["id"] == bob.gid
