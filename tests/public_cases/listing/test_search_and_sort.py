"""Searching, sorting and filtering people, as users of comparable systems wanted it."""

from __future__ import annotations

from unicodedata import combining, normalize

from resolvers.core.global_ids import global_id
from rules.lifecycle.licenses import UserKind
from rules.lifecycle.statuses import Status
from tests.features.account.editing import update
from tests.features.listing.people import listed
from tests.public_cases.steps import added, found
from tests.support.world import PASSWORD, Ask, World
from tests.support.world.answers import sign_in

ODD = [
    "50%off",
    "500off",
    "a*b",
    "axb",
    "a\\b",
    "q'q",
    'q"q',
    "[x]",
    "x]",
    "z\\%z",
    "z\\_z",
    "zz",
    "(a|b)",
    "^a$",
    "~0",
]


async def test_wildcards_quotes_and_brackets_are_themselves_in_a_search(world: World, ask: Ask) -> None:
    nora = await world.mssp_admin()
    for n, name in enumerate(ODD):
        await world.user(username=f"pq{name}", email=f"{n}@acme.test")

    usernames = {name: await found(ask, nora, f"pq{name}", "username") for name in ODD}

    assert usernames == {name: {f"pq{other}" for other in ODD if other.startswith(name)} for name in ODD}
    # keycloak/keycloak#44678, #20610; coleifer/peewee#348


async def test_plus_signs_in_usernames_and_addresses_are_found(world: World, ask: Ask) -> None:
    nora = await world.mssp_admin()
    await world.user(username="my+user", email="jef+one@acme.test")
    await world.user(username="myuser", email="jef@acme.test")

    assert await found(ask, nora, "my+user", "username") == {"my+user"}
    assert await found(ask, nora, "jef+one@acme.test", "email") == {"jef+one@acme.test"}
    # keycloak/keycloak#29415, better-auth/better-auth#5409


async def test_a_username_with_a_blank_is_found_and_signs_in(world: World, ask: Ask) -> None:
    portal, nora = await world.portal(), await world.mssp_admin()
    await world.user(username="tiger king", password=PASSWORD)
    await world.user(username="tiger kong")

    assert await found(ask, nora, "  tiger   king ", "username") == {"tiger king"}
    assert (await sign_in(ask, " Tiger King ", PASSWORD, portal.slug))["session"]
    # keycloak/keycloak#17041, FusionAuth/fusionauth-issues#602


async def test_every_beginning_of_an_address_finds_it(world: World, ask: Ask) -> None:
    nora, bob = await world.mssp_admin(), await world.user(email="kelvinhon@acme.test")

    missed = [n for n in range(1, 20) if bob.gid not in await listed(ask, nora, search="kelvinhon@acme.test"[:n])]

    assert missed == []
    # authgear/authgear-server#1124


async def test_a_whole_address_finds_no_address_that_lacks_it(world: World, ask: Ask) -> None:
    nora = await world.mssp_admin()
    for local in ("sam", "sam2", "s.am", "samuel"):
        await world.user(email=f"{local}@acme.test")

    assert await found(ask, nora, "sam@acme.test", "email") == {"sam@acme.test"}
    # authgear/authgear-server#2071


async def test_a_user_who_matches_in_several_fields_is_listed_once(world: World, ask: Ask) -> None:
    nora = await world.mssp_admin()
    bob = await world.user(first_name="echo", last_name="echo", username="echo", email="echo@acme.test")

    assert await listed(ask, nora, search="echo") == [bob.gid]
    # ory/kratos#3105


ACCENTED = [
    "Céline",
    "Frédérique",
    "Mäx",
    "Jérôme",
    "Žofie",
    "Ñandú",
    "Škoda",
    "Ångela",
    "Nguyễn",
    "Ioánnis",
    "İbrahim",
]


async def test_names_with_accents_are_found_without_and_in_any_encoding(world: World, ask: Ask) -> None:
    nora = await world.mssp_admin()
    for name in ACCENTED:
        await world.user(first_name=name)

    missed = []
    for name in ACCENTED:
        plain = "".join(c for c in normalize("NFD", name) if not combining(c))
        for typed in (plain, plain.upper(), plain.lower(), name.upper(), normalize("NFD", name)):
            missed += [typed] if await found(ask, nora, typed, "firstName") != {name} else []

    assert missed == []
    # nextcloud/server#47026, arawa/workspace#378, owncloud/core#21212


STROKED = {
    "Łukasz": "lukasz",
    "Søren": "soren",
    "Đorđe": "dorde",
    "I\u015f\u0131k": "isik",
    "Ħanna": "hanna",
    "Æsa": "aesa",
    "Œuvrard": "oeuvrard",
    "Ŧuomas": "tuomas",
}


async def test_letters_with_strokes_are_found_by_their_plain_letter(world: World, ask: Ask) -> None:
    nora = await world.mssp_admin()
    for name in STROKED:
        await world.user(first_name=name)

    by_plain = {name: await found(ask, nora, typed, "firstName") for name, typed in STROKED.items()}

    assert by_plain == {name: {name} for name in STROKED}
    # Neamar/KISS#1141, nextcloud/server#47026


async def test_names_that_differ_in_a_vowel_sign_stay_distinct(world: World, ask: Ask) -> None:
    nora = await world.mssp_admin()
    names = [
        "र\u093eम",
        "र\u094bम",
        "म\u0940न\u093e",
        "म\u094bन\u093e",
        "น\u0e34ด",
        "น\u0e38ด",
        "ப\u0bbeல\u0bbe",
        "ப\u0bc7ல\u0bbf",
    ]
    for name in names:
        await world.user(first_name=name)

    assert {name: await found(ask, nora, name, "firstName") for name in names} == {name: {name} for name in names}
    # google-research/bert#138


TYPOGRAPHIC = {
    "O'Brien": "O\u2019Brien",
    "D\u2019Angelo": "D'Angelo",
    "Smith-Jones": "Smith\u2010Jones",
    "Kim-Lee": "Kim\u2013Lee",
    "O'neal": "O\u02bcneal",
}


async def test_apostrophes_and_hyphens_of_every_kind_are_one_in_search(world: World, ask: Ask) -> None:
    nora = await world.mssp_admin()
    for stored in TYPOGRAPHIC.values():
        await world.user(last_name=stored)

    hits = {typed: await found(ask, nora, typed, "lastName") for typed in TYPOGRAPHIC}

    assert hits == {typed: {stored} for typed, stored in TYPOGRAPHIC.items()}
    # meilisearch/meilisearch#3689, nopSolutions/nopCommerce#3418


async def test_a_domain_is_found_also_while_filters_narrow_the_list(world: World, ask: Ask) -> None:
    portal, nora = await world.portal(), await world.mssp_admin()
    bob = await world.user(email="a@customer.example.test", status=Status.STAGED, kind=UserKind.INTERNAL)
    narrow = {"category": "UNCONFIRMED", "filter": {"statusIn": ["STAGED"], "kindIn": ["INTERNAL"]}}

    for view in ({}, {"portalId": global_id("Portal", portal.id)}, narrow):
        assert await listed(ask, nora, search="customer.example", **view) == [bob.gid]
    # FusionAuth/fusionauth-issues#818


async def test_an_added_renamed_or_deleted_user_is_searched_as_it_is_now(world: World, ask: Ask) -> None:
    portal, nora = await world.portal(), await world.mssp_admin()
    (bob,) = await added(ask, nora, portal, {"email": "b@acme.test", "firstName": "Before"})
    assert await found(ask, nora, "before", "firstName") == {"Before"}

    await update(ask, nora, bob, firstName="After")
    assert (await found(ask, nora, "before", "id"), await found(ask, nora, "after", "id")) == (set(), {bob.gid})

    await ask.act("deleteUsers", nora, bob)
    assert await found(ask, nora, "after", "id") == set()
    # FusionAuth/fusionauth-issues#2176
