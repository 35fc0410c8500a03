"""Names and usernames: which are valid, which count as empty, and which usernames are equal."""

from __future__ import annotations

from unicodedata import normalize

import pytest

from tests.features.invitations.inviting import invite_new
from tests.public_cases.steps import added, column, invitee
from tests.support.world import Ask, World
from tests.support.world.answers import reasons

BLANK = {
    "zero-width joiner": "\u200d",
    "zero-width spaces": "\u200b\u200b",
    "no-break space": "\u00a0",
    "Hangul filler": "\u3164",
    "Braille blank": "\u2800",
    "tag": "\U000e0041",
    "variation selector": "\ufe0f",
    "Khmer inherent vowel": "\u17b4",
    "Mongolian variation selector": "\u180b",
}
ODD = ["Null", "None", "undefined", "True", "0", "NaN", "O", "Jo", "-", "'", "' OR 1=1--", "<b>", "{{7*7}}"]
ODD += ["${x}", "%s", "\\n", "😀", "👨\u200d👩\u200d👧", "X Æ A-12", "Adolph Blaine Charles"]


@pytest.mark.parametrize("kind", BLANK)
async def test_a_name_that_shows_nothing_counts_as_none(world: World, ask: Ask, kind: str) -> None:
    portal, ann = await world.portal(required_user_fields=["EMAIL"]), await world.portal_admin()

    payload = await invite_new(ask, ann, portal, invitee("blank", firstName=BLANK[kind]), delivery="NONE")

    assert reasons(payload) == [None]
    assert payload["outcomes"][0]["user"]["firstName"] is None
    # Expensify/App#29644, Expensify/App PR 96468, owncast/owncast#4522, FreeFeed/freefeed-server#383


async def test_where_a_first_name_is_required_a_blank_one_is_refused(world: World, ask: Ask) -> None:
    portal, ann = await world.portal(), await world.portal_admin()
    blank = [invitee(f"b{n}", firstName=text) for n, text in enumerate(BLANK.values())]

    payload = await invite_new(ask, ann, portal, *blank, delivery="NONE")

    assert set(reasons(payload)) == {"REQUIRED_FIELD_MISSING"}
    # Expensify/App#29644


async def test_names_that_programs_trip_over_are_names(world: World, ask: Ask) -> None:
    portal, nora = await world.portal(), await world.mssp_admin()
    await added(ask, nora, portal, *[invitee(f"odd{n}", firstName=name) for n, name in enumerate(ODD)])

    shown = await column(ask, nora, "firstName", orderBy=[{"field": "ADDED_AT"}])

    assert sorted(shown) == sorted(ODD)
    # CESNET/perun PR 3209, eclipse-sw360/sw360#1814, Admidio/admidio#190


@pytest.mark.parametrize("spelling", [normalize("NFD", "zoë"), "ZOË", " zoë "])
async def test_a_username_in_another_spelling_is_taken(world: World, ask: Ask, spelling: str) -> None:
    portal, ann = await world.portal(), await world.portal_admin()
    await world.user(username="zoë")

    payload = await invite_new(ask, ann, portal, invitee("other", username=spelling), delivery="NONE")

    assert reasons(payload) == ["USERNAME_TAKEN"]
    # superseriousbusiness/gotosocial#1813
