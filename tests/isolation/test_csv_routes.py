"""The routes of CSV files show and change only portals that the caller manages, for each role and each place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from models.db.sql import Sql, fetch
from rules.rights.answers import Answer
from rules.rights.root_fields import answer
from tests.features.csv.files import exported, imported, rows_of
from tests.isolation.scene import ASKERS, AUDIENCES, Place, Scene, set_up
from tests.support.world import Ask, World

SEEN_BY = AUDIENCES["its managers"]
EXPORTS: dict[str, Callable[[Place], dict[str, Any]]] = {
    "portalId": lambda place: {"portalId": place.ids["Portal"]},
    "portalSlug": lambda place: {"portalSlug": place.slug},
    "filter.portalIdIn": lambda place: {"filter": {"portalIdIn": [place.ids["Portal"]]}},
    "filter.idIn": lambda place: {"filter": {"idIn": [place.ids["PortalUser"]]}},
    "nothing": lambda place: {},
}
IMPORTS: dict[str, Callable[[Place], dict[str, Any]]] = {by: EXPORTS[by] for by in ("portalId", "portalSlug")}
FILE = "email,firstName\nann@new.test,Ann\n"


@pytest.mark.parametrize("asker", ASKERS)
async def test_an_export_has_the_users_that_the_asker_manages_and_no_other(
    world: World, ask: Ask, asker: str
) -> None:  # L3, T2
    scene = await set_up(world, ask)

    for by, named in EXPORTS.items():
        answers = {
            where: await exported(ask, scene.askers[asker], columns=["portalSlug", "id"], **named(place))
            for where, place in scene.places.items()
        }
        for where, response in answers.items():
            _check_export(scene, asker, by, where, response)
        hidden = {
            (response.status_code, response.content)
            for where, response in answers.items()
            if where not in SEEN_BY.get(asker, set()) and by != "nothing"
        }
        assert len(hidden) <= 1, f"{asker}, {by}: an answer tells what is missing from what may not be seen"


def _check_export(scene: Scene, asker: str, by: str, where: str, response: httpx.Response) -> None:
    expected, told = answer("Query.users", ASKERS[asker]), f"{asker}, {by}, {where}: {response.text[:200]}"
    names_portal = by.startswith("portal")
    if expected is Answer.UNAUTHENTICATED:
        assert (response.status_code, _codes(response)) == (401, ["UNAUTHENTICATED"]), told
        return
    visible = SEEN_BY.get(asker, set())
    if names_portal and where not in visible:
        assert (response.status_code, _codes(response)) == (404, ["NOT_FOUND"]), told
        return
    assert response.status_code == 200, told
    slugs = {slug for slug, _ in rows_of(response.content.decode("utf-8-sig"))[1:]}
    limited = {where} if by != "nothing" else visible
    assert slugs == {scene.places[each].slug for each in visible & limited}, told


@pytest.mark.parametrize("asker", ASKERS)
async def test_an_import_adds_users_where_the_asker_manages_users_and_nowhere_else(
    world: World, ask: Ask, asker: str
) -> None:  # L3, W2
    scene = await set_up(world, ask)
    expected, visible = answer("Mutation.inviteUsers", ASKERS[asker]), SEEN_BY.get(asker, set())

    for by, named in IMPORTS.items():
        hidden = set()
        for where, place in scene.places.items():
            before = await _users()
            response = await imported(ask, scene.askers[asker], FILE.replace("ann", by.lower()), **named(place))
            told = f"{asker}, {by}, {where}: {response.text[:200]}"
            if expected is Answer.REACH and where in visible:
                assert (response.status_code, await _users()) == (200, before + 1), told
                continue
            hidden.add((response.status_code, response.content))
            assert await _users() == before, told
            refused = {Answer.UNAUTHENTICATED: (401, "UNAUTHENTICATED"), Answer.NOT_ALLOWED: (403, "NOT_ALLOWED")}
            status, code = refused.get(expected, (404, "NOT_FOUND"))
            assert (response.status_code, _codes(response)) == (status, [code]), told
        assert len(hidden) <= 1, f"{asker}, {by}: an answer tells what is missing from what may not be seen"


async def test_a_token_that_is_not_valid_and_a_page_without_one_get_nothing(world: World, ask: Ask) -> None:
    await world.portal("acme")
    headers = {"authorization": "Bearer no token", "content-type": "text/csv"}

    forged = [
        await ask.client.post("/users/export", json={}, headers={"authorization": "Bearer no token"}),
        await ask.client.post("/users/import?portalSlug=acme", content=FILE, headers=headers),
    ]

    assert [(response.status_code, _codes(response)) for response in forged] == [(401, ["UNAUTHENTICATED"])] * 2
    assert [response.headers["www-authenticate"] for response in forged] == ["Bearer"] * 2


async def test_an_admin_who_must_set_up_a_second_factor_gets_and_adds_nothing(world: World, ask: Ask) -> None:
    await world.portal("acme", mfa_required=True)
    ann = await world.portal_admin()

    answers = [await exported(ask, ann), await imported(ask, ann, FILE, portalSlug="acme")]

    assert [(response.status_code, _codes(response)) for response in answers] == [(403, ["FORBIDDEN"])] * 2


def _codes(response: httpx.Response) -> list[str]:
    return [error["extensions"]["code"] for error in response.json()["errors"]]


async def _users() -> int:
    return int(dict((await fetch(Sql("SELECT COUNT(*) AS n FROM portal_user")))[0])["n"])
