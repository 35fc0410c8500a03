"""Edits of each field of a user, and edits of an outdated version."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from tests.features.account.editing import INPUT, changed_columns, code, columns, refusal, update
from tests.support.databases.stored import everything
from tests.support.world import Ask, TestClock, World

ALWAYS = {"version", "modified_at"}


@pytest.mark.parametrize(
    ("given", "follows"),
    [
        ({"firstName": "Zoë"}, {"first_name", "first_name_sort", "search_text"}),
        ({"lastName": "Ångström"}, {"last_name", "last_name_sort", "search_text"}),
        ({"lastName": None}, {"last_name", "last_name_sort", "search_text"}),
        ({"lastName": " "}, {"last_name", "last_name_sort", "search_text"}),
        ({"username": "New.Name"}, {"username", "username_key", "username_sort", "search_text"}),
        (
            {"firstName": "Zoë", "lastName": "Ångström"},
            {"first_name", "first_name_sort", "last_name", "last_name_sort", "search_text"},
        ),
    ],
)
async def test_what_is_not_given_is_not_touched(
    world: World, ask: Ask, clock: TestClock, given: dict[str, Any], follows: set[str]
) -> None:  # K23, T15
    ann, bob = await world.portal_admin(), await world.user()
    before = await columns(bob)
    clock.advance(timedelta(minutes=1))

    payload = await update(ask, ann, bob, **given)

    shown = {name: value if value and value.strip() else None for name, value in given.items()}
    assert {name: payload["user"][name] for name in given} == shown
    assert refusal(payload) is None
    assert await changed_columns(bob, before) == follows | ALWAYS
    assert (payload["user"]["version"], payload["user"]["modifiedAt"]) == (2, "2026-03-01T09:01:00.000Z")


@pytest.mark.parametrize("around", ["", " ", "\t \n"])
async def test_what_is_given_as_it_is_changes_nothing(world: World, ask: Ask, around: str) -> None:  # K23
    ann, bob = await world.portal_admin(), await world.user(first_name="Bob", last_name="Oak", username="b.oak")
    token = await world.token(bob)
    await ask("{ viewer { id } }", actor=ann)
    before = await everything()

    nothing = await update(ask, ann, bob)
    given = {"firstName": "Bob", "lastName": "Oak", "username": "b.oak"}
    same = await update(ask, ann, bob, **{name: f"{around}{text}{around}" for name, text in given.items()})

    assert nothing == same
    assert (same["user"]["version"], same["errors"]) == (1, [])
    assert await everything() == before
    assert (await ask("{ viewer { id } }", token=token)).data["viewer"]


async def test_an_edit_of_an_outdated_version_is_refused(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.user(first_name="Bob")
    first = await update(ask, ann, bob, version=1, firstName="Bo")

    stale = await update(ask, ann, bob, version=1, firstName="Robert", lastName="Oak")
    fresh = await update(ask, ann, bob, version=2, lastName="Oak")
    unguarded = await update(ask, ann, bob, firstName="Rob")

    assert refusal(stale) == ("VERSION_CONFLICT", [INPUT, "version"])
    assert stale["user"] == first["user"]
    assert (fresh["user"]["name"], unguarded["user"]["name"]) == ("Bo Oak", "Rob Oak")


async def test_of_two_edits_of_the_same_version_at_once_one_is_refused(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.user()
    await ask("{ viewer { id } }", actor=ann)

    edits = [update(ask, ann, bob, version=1, firstName=f"Name {n}") for n in range(5)]
    answers = await asyncio.gather(*edits)

    assert sorted(str(code(payload)) for payload in answers) == ["None", *["VERSION_CONFLICT"] * 4]
    row = await world.row(bob)
    assert row
    assert row.version == 2


async def test_a_bulk_action_makes_a_version_outdated(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.user()
    await ask.act("lockUsers", ann, bob)

    payload = await update(ask, ann, bob, version=1, firstName="Bo")

    assert code(payload) == "VERSION_CONFLICT"


@pytest.mark.parametrize("empty", [None, "", " \t "])
@pytest.mark.parametrize(
    ("field", "required", "refused"),
    [
        ("firstName", ["FIRST_NAME", "EMAIL"], True),
        ("lastName", ["FIRST_NAME", "EMAIL"], False),
        ("username", ["FIRST_NAME", "EMAIL"], True),
        ("email", ["FIRST_NAME", "EMAIL"], True),
        ("lastName", ["LAST_NAME"], True),
        ("firstName", ["LAST_NAME"], False),
        ("email", ["FIRST_NAME"], False),
    ],
)
async def test_what_the_portal_requires_cannot_be_emptied(
    world: World, ask: Ask, field: str, required: list[str], refused: bool, empty: str | None
) -> None:  # E4, K6
    await world.portal(required_user_fields=required)
    ann, bob = await world.portal_admin(), await world.user()

    payload = await update(ask, ann, bob, **{field: empty})

    assert refusal(payload) == (("REQUIRED_FIELD_MISSING", [INPUT, field]) if refused else None)
    assert (payload["user"][field] is None) is not refused


async def test_a_refused_field_keeps_the_others_back_too(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.user()
    await ask("{ viewer { id } }", actor=ann)
    before = await everything()

    payload = await update(ask, ann, bob, lastName="Oak", firstName=None)

    assert code(payload) == "REQUIRED_FIELD_MISSING"
    assert await everything() == before


@pytest.mark.parametrize("username", ["eve", "EVE", " Eve ", "Eve@Acme.Test", "EVE.NEW@acme.test"])
async def test_a_username_by_which_another_signs_in_is_taken(world: World, ask: Ask, username: str) -> None:  # T4
    ann, bob = await world.portal_admin(), await world.user(username="bob")
    eve = await world.user(username="Eve", email="eve@acme.test")
    await update(ask, ann, eve, email="eve.new@acme.test")

    taken = await update(ask, ann, bob, username=username)
    await ask.act("deleteUsers", ann, eve)
    free = await update(ask, ann, bob, username=username)

    assert refusal(taken) == ("USERNAME_TAKEN", [INPUT, "username"])
    assert taken["user"]["username"] == "bob"
    assert (code(free), free["user"]["username"]) == (None, username.strip())


async def test_a_username_is_free_in_another_portal_and_in_another_spelling_of_one_s_own(
    world: World, ask: Ask
) -> None:  # T4
    one, two = await world.portal("one"), await world.portal("two")
    nora, bob = await world.mssp_admin(), await world.user(one, username="bob", email="bob@acme.test")
    await world.user(two, username="eve")

    names = [
        (await update(ask, nora, bob, username=name))["user"]["username"] for name in ("eve", "EVE", "bob@acme.test")
    ]

    assert names == ["eve", "EVE", "bob@acme.test"]
