"""Collections of unusual texts, addresses and names: accepted ones are stored, found and mailed; no request fails."""

from __future__ import annotations

import json
import re
from itertools import product
from pathlib import Path
from typing import Any
from unicodedata import normalize

import pytest

from models.tables import PortalUser
from rules.text.characters import strip_invisible
from tests.features.invitations.inviting import invite_new
from tests.features.listing.people import listed
from tests.public_cases.letterbox import Letterbox
from tests.public_cases.steps import column, found, invitee
from tests.support.world import Ask, Person, World
from tests.support.world.answers import reasons

CORPORA = Path(__file__).parent / "corpora"
ROWS = 60
"""The maximum number of invitees of one call, so that no call takes long."""


def corpus(name: str) -> list[Any]:
    rows: list[Any] = json.loads((CORPORA / f"{name}.json").read_text())
    return rows


async def outcomes(ask: Ask, actor: Person, portal: Any, invitees: list[dict[str, str]], **input: Any) -> list[Any]:
    """Add the invitees in calls of ROWS invitees, and return all outcomes in order."""
    answers: list[Any] = []
    for start in range(0, len(invitees), ROWS):
        payload = await invite_new(ask, actor, portal, *invitees[start : start + ROWS], **input)
        assert payload["errors"] == []
        answers += payload["outcomes"]
    return answers


async def test_a_naughty_string_as_a_name_is_kept_as_given_or_refused(world: World, ask: Ask) -> None:
    portal, ann = await world.portal(), await world.portal_admin()
    texts = corpus("naughty_strings")

    answers = await outcomes(
        ask, ann, portal, [invitee(f"n{n}", firstName=text) for n, text in enumerate(texts)], delivery="NONE"
    )

    kept = [(text, one["user"]["firstName"]) for text, one in zip(texts, answers, strict=True) if one["user"]]
    assert len(kept) > len(texts) * 0.8
    assert [(text, stored) for text, stored in kept if stored != strip_invisible(normalize("NFC", text))] == []
    assert {one["reason"]["code"] for one in answers if one["reason"]} <= {"INVALID_INPUT", "REQUIRED_FIELD_MISSING"}
    # minimaxir/big-list-of-naughty-strings


async def test_a_naughty_string_that_is_a_name_is_found_by_search(world: World, ask: Ask) -> None:
    portal, ann = await world.portal(), await world.portal_admin()
    texts = corpus("naughty_strings")[::4]
    answers = await outcomes(
        ask, ann, portal, [invitee(f"n{n}", firstName=text) for n, text in enumerate(texts)], delivery="NONE"
    )

    stored = {one["user"]["firstName"]: one["userId"] for one in answers if one["user"]}

    assert [text for text, id in stored.items() if id not in await listed(ask, ann, search=text)] == []
    # minimaxir/big-list-of-naughty-strings


async def test_a_naughty_string_as_a_reason_is_kept_as_given_or_refused(world: World, ask: Ask) -> None:
    await world.portal()
    ann, bob = await world.portal_admin(), await world.user()

    kept, refused = [], set()
    for text in corpus("naughty_strings")[::4]:
        payload = await ask.act("lockUsers", ann, bob, reason=text)
        refused |= {error["code"] for error in payload["errors"]}
        if payload["operation"]:
            kept.append((text, payload["operation"]["reason"]))

    assert [(text, stored) for text, stored in kept if stored not in (text, text.strip(), None)] == []
    assert (len(kept) > 20, refused <= {"INVALID_INPUT"}) == (True, True)
    # minimaxir/big-list-of-naughty-strings


async def test_an_address_of_the_corpora_is_mailed_or_refused_row_by_row(
    world: World, ask: Ask, letterbox: Letterbox
) -> None:
    portal, nora = await world.portal(seats=None), await world.mssp_admin()
    rows = corpus("addresses")

    answers = await outcomes(ask, nora, portal, [invitee("x", email=address) for address, _ in rows])
    mailed = [letter.recipient for letter in await letterbox.emptied()]

    taken = [one["user"]["email"] for one in answers if one["status"] == "SUCCEEDED"]
    assert {one["reason"]["code"] for one in answers if one["reason"]} <= {
        "INVALID_EMAIL",
        "DUPLICATE_IN_REQUEST",
        "COOLDOWN",
        "REQUIRED_FIELD_MISSING",
    }
    assert len(mailed) == len(taken) > 40
    assert [
        address for address in taken if not re.fullmatch(r'[^@\s<>()\[\],;:\\"]+@[^@\s<>()\[\],;:\\"]+', address)
    ] == []
    # dominicsayers/isemail tests, JoshData/python-email-validator tests


GOOD_LOCAL_PARTS = ["ann", "a.b", "a+b", "ä", "x" * 64]
LOCAL_PARTS = [*GOOD_LOCAL_PARTS, "a..b", ".a", "a.", "a b", '"a"', "a@b", "a<b", "a(b)", "", "a\u200bb", "x" * 65]
GOOD_DOMAINS = ["acme.test", "bücher.test", f"{'x' * 63}.test"]
DOMAINS = [
    *GOOD_DOMAINS,
    "-acme.test",
    "acme-.test",
    "acme..test",
    ".test",
    "acme.test.",
    "localhost",
    "[127.0.0.1]",
    "a_b.test",
    f"{'x' * 64}.test",
    "acme.test>",
    "acme test",
    "",
]


async def test_each_address_of_a_long_list_is_taken_or_refused_for_itself(world: World, ask: Ask) -> None:
    portal, nora = await world.portal(seats=None), await world.mssp_admin()
    addresses = [f"{local}@{domain}" for local, domain in product(LOCAL_PARTS, DOMAINS)]

    answers = await outcomes(ask, nora, portal, [invitee("x", email=one) for one in addresses], delivery="NONE")

    taken = {address for address, one in zip(addresses, answers, strict=True) if one["status"] == "SUCCEEDED"}
    good = {f"{local}@{domain}" for local, domain in product(GOOD_LOCAL_PARTS, GOOD_DOMAINS)}
    assert taken == good
    # the kind of ea234/FkEMailValidator's test class


@pytest.mark.parametrize(
    "letters",
    [
        dict(zip("admin", look, strict=True))
        for look in (
            "\u0430\u0501\u217f\u0456\u0578",
            "\uff41\uff44\uff4d\uff49\uff4e",
            "\U0001d41a\U0001d41d\U0001d426\U0001d422\U0001d427",
        )
    ],
)
async def test_each_look_alike_of_a_username_s_letters_is_refused(
    world: World, ask: Ask, letters: dict[str, str]
) -> None:
    portal, ann = await world.portal(), await world.portal_admin()
    await world.user(username="admin")
    tries = ["admin".replace(plain, odd) for plain, odd in letters.items()]

    payload = await invite_new(
        ask, ann, portal, *[invitee(f"cf{n}", username=one) for n, one in enumerate(tries)], delivery="NONE"
    )

    assert reasons(payload) == ["USERNAME_TAKEN"] * 5
    # unicode.org confusables, by woodgern/confusables


async def test_names_of_ninety_locales_are_kept_sorted_and_found(world: World, ask: Ask) -> None:
    portal, nora = await world.portal(seats=None), await world.mssp_admin()
    names = corpus("names")
    people = [invitee(f"p{n}", firstName=first, lastName=last) for n, (first, last) in enumerate(names)]

    answers = await outcomes(ask, nora, portal, people, delivery="NONE")

    assert {one["status"] for one in answers} == {"SUCCEEDED"}
    stored = await PortalUser.all().order_by("email").values_list("first_name", "last_name")
    assert sorted(stored) == sorted((normalize("NFC", first), normalize("NFC", last)) for first, last in names)
    for first, last in names[::10]:
        assert normalize("NFC", last) in await found(ask, nora, f"{last}, {first}", "lastName")
    assert len(await column(ask, nora, "id", orderBy=[{"field": "LAST_NAME"}])) == 100
    # made up by faker (PyPI)
