"""Names in any script, through the API: they are stored unchanged, and lists sort and find them."""

from __future__ import annotations

from unicodedata import normalize

import pytest

from tests.features.account.editing import columns, refusal, update
from tests.features.listing.people import listed
from tests.support.world import Ask, World

NAMES = [
    "O'Brien",
    "van  der  Berg",
    "Ångström",
    "李小龍",
    "Łukasz",
    "ﬁnn",
    "½",
    "\U0010ffff",
    "שָׁלוֹם",
    "مُحَمَّد",
    "👩‍👩‍👧‍👦",
    "🇩🇪",
    "❤️",
    "q̣̇",
    "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞",
    "<script>alert(1)</script>",
    "Robert'); DROP TABLE portal_user;--",
    "{{ 7 * 7 }}",
    "%s %d",
    "\\",
    '"',
    "a\u200bb",
]


@pytest.mark.parametrize("name", NAMES)
async def test_a_name_is_kept_as_it_is_typed_and_found_by_it(world: World, ask: Ask, name: str) -> None:  # T14, T15
    ann, bob, _ = await world.portal_admin(), await world.user(), await world.users(2)

    user = (await update(ask, ann, bob, lastName=name))["user"]

    assert user["lastName"] == normalize("NFC", name)
    again = await ask("query ($id: ID!) { user(id: $id) { lastName } }", actor=ann, id=bob.gid)
    assert again.data["user"]["lastName"] == user["lastName"]
    if name != "\U0010ffff":  # sorts behind every text and is found by none
        assert bob.gid in await listed(ask, ann, search=name)
        assert bob.gid in await listed(ask, ann, search=normalize("NFD", name))


@pytest.mark.parametrize(
    "text", ["two\nlines", "a\ttab", "\x1b[31mred", "del\x7f", "next\x85", "line\u2028", "par\u2029", "x" * 101]
)
@pytest.mark.parametrize("field", ["firstName", "lastName"])
async def test_lines_control_characters_and_too_much_are_refused(world: World, ask: Ask, field: str, text: str) -> None:
    ann, bob = await world.portal_admin(), await world.user()
    before = await columns(bob)

    payload = await update(ask, ann, bob, **{field: f"{text}."})

    assert refusal(payload) == ("INVALID_INPUT", ["input", field])
    assert await columns(bob) == before


@pytest.mark.parametrize(
    ("field", "most", "more"),
    [("firstName", 100, "INVALID_INPUT"), ("lastName", 100, "INVALID_INPUT"), ("username", 150, "INVALID_INPUT")],
)
async def test_the_longest_text_is_counted_as_people_count(
    world: World, ask: Ask, field: str, most: int, more: str
) -> None:
    ann, bob = await world.portal_admin(), await world.user()
    composed = normalize("NFD", "é" * most)

    fits, too_long = [await update(ask, ann, bob, **{field: text}) for text in (composed, composed + "x")]

    assert (refusal(fits), fits["user"][field]) == (None, "é" * most)
    assert refusal(too_long) == (more, ["input", field])


async def test_an_address_is_at_most_two_hundred_and_fifty_four_long(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.user()
    local, domain = "b" * 64, ".".join(["d" * 60, "d" * 60, "d" * 62, "test"])

    fits = await update(ask, ann, bob, email=f"{local}@{domain}")
    too_long = await update(ask, ann, bob, email=f"{local}@d{domain}")

    assert (refusal(fits), len(fits["user"]["pendingEmail"])) == (None, 254)
    assert refusal(too_long) == ("INVALID_INPUT", ["input", "email"])


async def test_order_and_search_follow_an_edit(world: World, ask: Ask) -> None:  # T13, T14
    ann = await world.portal_admin(last_name="Zz")
    people = [await world.user(first_name=f"F{n}", last_name=name, email=None) for n, name in enumerate("ace")]
    await update(ask, ann, people[0], lastName="Étienne", username="moved.here")
    await update(ask, ann, people[2], lastName=None)

    by_name = await listed(ask, ann, orderBy=[{"field": "LAST_NAME"}])
    by_username = await listed(ask, ann, orderBy=[{"field": "USERNAME"}])

    assert by_name == [people[1].gid, people[0].gid, ann.gid, people[2].gid]
    assert by_username[0] == people[0].gid
    assert await listed(ask, ann, search="etien") == await listed(ask, ann, search="MOVED") == [people[0].gid]
    assert await listed(ask, ann, search="f0 etienne") == [people[0].gid]
    assert await listed(ask, ann, search=people[0].login) == []
