"""A request keeps the rights of its access token, even if it contains a mutation that signs an account in."""

from __future__ import annotations

from tests.support.world import PASSWORD, Ask, World

SIGN_IN_AND_ACT = """
mutation ($login: String!, $slug: String, $password: String!, $ids: [ID!]!) {
  signIn(input: { login: $login, portalSlug: $slug, password: $password }) {
    session { viewer { name ... on PortalUser { portal { slug policy { seatMode } } } } }
  }
  lockUsers(input: { users: { ids: $ids } }) { summary { succeeded } errors { code } }
}
"""


async def test_signing_in_shows_the_new_account_its_own_world(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(password=PASSWORD), await world.user()
    assert ann.portal

    reply = await ask(SIGN_IN_AND_ACT, login=ann.login, slug=ann.portal.slug, password=PASSWORD, ids=[bob.gid])

    viewer = reply.data["signIn"]["session"]["viewer"]
    assert viewer["portal"] == {"slug": ann.portal.slug, "policy": {"seatMode": "ON_ACTIVATION"}}


async def test_what_follows_a_sign_in_in_the_same_request_is_still_a_strangers(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(password=PASSWORD), await world.user()
    assert ann.portal

    reply = await ask(SIGN_IN_AND_ACT, login=ann.login, slug=ann.portal.slug, password=PASSWORD, ids=[bob.gid])

    assert reply.data["lockUsers"] is None
    assert reply.unauthenticated
    assert await world.status(bob) == "ACTIVE"
