"""The bulk mutations, through the API."""

from __future__ import annotations

from tests.world import Ask, World


async def test_a_locked_user_is_refused_at_the_next_request(world: World, ask: Ask) -> None:  # T18, L9
    ann, bob = await world.portal_admin(), await world.user()
    assert (await ask("{ viewer { name } }", actor=bob)).data["viewer"]["name"]

    payload = await ask.act("lockUsers", ann, bob)

    assert payload["outcomes"][0]["newStatus"] == "SUSPENDED"
    assert (await ask("{ viewer { __typename } }", actor=bob)).unauthenticated
