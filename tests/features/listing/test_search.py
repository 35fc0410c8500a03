"""Searches for users and portals."""

from __future__ import annotations

from typing import Any

import pytest

from tests.features.listing.people import listed
from tests.support.world import Ask, Person, World

PEOPLE: dict[str, dict[str, Any]] = {
    "Élodie": {"first_name": "Élodie", "last_name": "Brontë", "username": "elo.b", "email": "e.bronte@acme.test"},
    "Ann": {"first_name": "Ann", "last_name": "Lee", "username": "al", "email": "al@umbra.test"},
    "Anna": {"first_name": "Anna", "last_name": "Leeds", "username": "100%_sure", "email": "anna@acme.test"},
    "Cher": {"first_name": "Cher", "last_name": None, "username": "back\\slash", "email": None},
    "Strauß": {"first_name": "Max", "last_name": "Strauß", "username": "o'brien", "email": "max@acme.test"},
    "van": {"first_name": "Jan", "last_name": "van  der  Berg", "username": "jvdb", "email": "jan@acme.test"},
}


async def named(world: World) -> dict[str, Person]:
    return {name: await world.user(**fields) for name, fields in PEOPLE.items()}


@pytest.mark.parametrize(
    ("searches", "found"),
    [
        # part of a first name, last name, full name, username, e-mail
        (["élo", "ELO", "elodie", "lodi", "E\N{COMBINING ACUTE ACCENT}LODIE"], ["Élodie"]),
        (["bronte", "BRONTË", "ontë"], ["Élodie"]),
        (["élodie brontë", "die bro", "elodie  \t bronte", "  elodie bronte  "], ["Élodie"]),
        (["elo.b", "E.Bronte@", "e.bronte@acme.test"], ["Élodie"]),
        (["lee ann al", "NN ee umbra"], ["Ann"]),
        (["ann lee", "NN LE", "lee, ann"], ["Ann", "Anna"]),
        (["ann", "Ann ", "nn"], ["Ann", "Anna"]),
        (["anna lee", "leeds"], ["Anna"]),
        (["strauss", "STRAUSS", "strauß", "STRAUẞ", "auß"], ["Strauß"]),
        (["van der berg", "der   berg"], ["van"]),
        (["cher"], ["Cher"]),
        # nothing in a text is a wildcard or a quote
        (["%", "100%_", "0%_s"], ["Anna"]),
        (["_"], ["Anna"]),
        (["\\", "back\\"], ["Cher"]),
        (["'", "o'b", "o'brien"], ["Strauß"]),
        (["%%", "a%a", "a_n", "[a-z]", "*", "?", "' OR 1=1 --", '"'], []),
        # words in any order, each in any field
        (["bronte élodie", "Brontë, Élodie", "elo.b bronte", "acme.test;lodie"], ["Élodie"]),
        # every word must be found, and none reaches from one field into another
        (["ann absent", "lee\\nal", "leeal", "umbra.testanna", "absent", "élodie x brontë"], []),
        # a list of addresses means these people, whole addresses only
        (["al@umbra.test, MAX@acme.test", "Ann <al@umbra.test>; Max <max@acme.test>"], ["Ann", "Strauß"]),
        (
            ["al@umbra.test max@acme.test", "al@umbra.test\nmax@acme.test;", "al@umbra.test;max@acme.test"],
            ["Ann", "Strauß"],
        ),
        (["al@umbra.test, Max <max@acme.test>"], []),
        (["l@umbra.test, max@acme.test"], ["Strauß"]),
        # invisible characters are not searched for
        (["\ufefféloDie\u200b", "elo\u00addie"], ["Élodie"]),
    ],
)
async def test_a_search_finds_parts_of_any_field(  # T14
    world: World, ask: Ask, searches: list[str], found: list[str]
) -> None:
    people, nora = await named(world), await world.mssp_admin()

    for search in searches:
        assert set(await listed(ask, nora, search=search)) == {people[name].gid for name in found}, search


async def test_an_id_finds_its_user(world: World, ask: Ask) -> None:
    people, nora = await named(world), await world.mssp_admin()
    ann = people["Ann"]

    found = [await listed(ask, nora, search=typed) for typed in (str(ann.id), ann.id.hex, ann.gid, f" {ann.gid} ")]

    assert found == [[ann.gid]] * 4


async def test_letters_that_do_not_decompose_sort_beside_the_plain_letter(world: World, ask: Ask) -> None:  # T13
    nora = await world.mssp_admin()
    last_names = ["Zola", "Østby", "Łask", "Olsen", "Lasko", "Ærø", "Đurić", "Dumas"]
    people = {name: await world.user(last_name=name) for name in last_names}

    assert await listed(ask, nora) == [
        people[name].gid for name in ("Ærø", "Dumas", "Đurić", "Łask", "Lasko", "Olsen", "Østby", "Zola")
    ]


@pytest.mark.parametrize("search", [None, "", "   ", "\n\t", "\u200b"])
async def test_an_empty_search_lists_all_users(world: World, ask: Ask, search: str | None) -> None:  # T14
    people, nora = await named(world), await world.mssp_admin()

    assert len(await listed(ask, nora, search=search)) == len(people)


async def test_a_search_finds_visible_users_only(world: World, ask: Ask) -> None:  # T2, T14
    mine, sibling = await world.portal("mine"), await world.portal("sibling")
    ann = await world.portal_admin(mine, first_name="Findme")
    await world.user(sibling, first_name="Findme")

    assert await listed(ask, ann, search="findme") == [ann.gid]


async def test_a_search_has_at_most_two_hundred_characters(world: World, ask: Ask) -> None:
    nora = await world.mssp_admin()
    document = "query ($search: String) { users(search: $search) { totalCount } portals { nodes { id } } }"

    fits = await ask(document, actor=nora, search="é" * 200)
    too_long = await ask(document, actor=nora, search="é" * 201)

    assert fits.data["users"]["totalCount"] == 0
    assert (too_long.codes, too_long.data["users"]) == (["BAD_USER_INPUT"], None)


async def test_portals_are_found_by_name_and_slug(world: World, ask: Ask) -> None:
    await world.portal("umbra-7", name="Société Générale")
    await world.portal("acme", name="100% Acme")
    nora = await world.mssp_admin()
    document = "query ($search: String) { portals(search: $search) { nodes { slug } totalCount } }"

    async def found(search: str) -> list[str]:
        page = (await ask(document, actor=nora, search=search)).data["portals"]
        assert page["totalCount"] == len(page["nodes"])
        return [node["slug"] for node in page["nodes"]]

    assert await found("generale") == await found("UMBRA") == ["umbra-7"]
    assert await found("100% a") == await found("CME") == ["acme"]
    assert await found("%") == ["acme"]
    assert await found("_") == []
    assert await found("") == ["acme", "umbra-7"]
