"""A search by the index finds the same users as a plain scan. The index follows every change of a search text."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from random import Random
from uuid import UUID

import pytest

from models.db.keyset.listings import Window
from models.db.keyset.pages import page
from models.db.rows import cells_of
from models.db.sql import Sql, all_of, fetch, sql, write
from models.db.writes import load
from models.tables import Portal, PortalUser
from models.users import listing, lookup
from models.users.listing import BY_NAME
from models.users.refolding import refold
from models.users.selection import indexed_search, totals
from models.users.selection.conditions import UserQuery, conditions
from rules.access import Actor, Role
from rules.lifecycle.licenses import UserKind
from services.admin.setup import NewUser
from tests.features.listing.counting_statements import statements
from tests.support.databases import Database, on_postgres, on_sqlite
from tests.support.world import World

PIECES = (
    "ann", "bert", "lee", "%", "_", "\\", "'", '"', "*", " ", "-", ".", "ß", "İ", "Łu", "é", "E\N{COMBINING ACUTE ACCENT}",
    "李小龙", "שרה", "Юлия", "😀", "👩‍👩‍👧", "100", "AND", "OR", "NEAR", "^", "(", ")", "a", "x", "q",
)  # fmt: skip
USERS, NEEDLES = 400, 60


def _name(chance: Random) -> str:
    return "".join(chance.choices(PIECES, k=chance.randrange(1, 7)))


async def _fill(world: World, portal: Portal, chance: Random) -> list[str]:
    """Add users with made-up names, and return parts of these names."""
    people = [
        NewUser(f"u{n}", None, first_name=_name(chance), last_name=_name(chance), kind=UserKind.EXTERNAL)
        for n in range(USERS)
    ]
    rows = [person.columns(world.parts.runtime.new_id(), portal, world.clock.now()) for person in people]
    await world.parts.runtime.transactions.run(lambda: load(PortalUser, rows))
    names = [chance.choice(people).last_name or "" for _ in range(NEEDLES)]
    starts = [chance.randrange(len(name)) for name in names]
    return [name[start : start + chance.randrange(1, 12)] for name, start in zip(names, starts, strict=True)]


def _admin(portal: Portal) -> Actor:
    return Actor(portal.id, portal.id, Role.MSSP_ADMIN, portal.mssp_id, None, "")


async def _same_as_a_scan(world: World) -> None:
    chance, portal, other = Random(1), await world.portal("acme"), await world.portal("other")  # noqa: S311  # no secret
    needles = await _fill(world, portal, chance)
    await _fill(world, other, chance)
    at, narrowed_ones = world.clock.now(), 0

    for needle, portal_id in [(needle, portal_id) for needle in needles for portal_id in (portal.id, None)]:
        query, actor = UserQuery(portal_id, search=needle), _admin(portal)
        chosen = listing.listing(actor, query, BY_NAME, in_portal=portal_id is not None)
        plain = [lookup.managed_by(actor), *conditions(query, at)]
        narrowed = await indexed_search.narrowed(actor, query, chosen, at)
        narrowed_ones += bool(narrowed)
        scanned = await page(chosen, all_of(plain), Window(100))
        assert (await page(chosen, all_of([*plain, *narrowed]), Window(100))).rows == scanned.rows, needle
        assert await totals.total(actor, query, at, narrowed) == await totals.total(actor, query, at), needle

    assert narrowed_ones > NEEDLES / 3


async def _in_step(world: World) -> None:
    portal = await world.portal("acme")
    ann, bert, cleo = [await world.user(portal, last_name=name) for name in ("Annson", "Bertson", "Cleoson")]
    await write(sql("UPDATE portal_user SET search_text = ? WHERE id = ?", "changed", ann.id))
    await write(sql("UPDATE portal_user SET status = status, search_text = search_text WHERE id = ?", cleo.id))
    await write(sql("DELETE FROM portal_user WHERE id = ?", bert.id))

    assert await _texts("user_search", "user_id") == await _texts("portal_user", "id")
    assert (await _texts("user_search", "user_id"))[ann.id] == "changed"

    await world.parts.runtime.transactions.run(refold)

    texts = await _texts("user_search", "user_id")
    assert texts == await _texts("portal_user", "id")
    assert "annson" in texts[ann.id]


async def _texts(table: str, key: str) -> dict[UUID, str]:
    rows = await fetch(sql(f"SELECT {key}, search_text FROM {table}"))
    return {UUID(str(cells_of(row)[0])): cells_of(row)[1] for row in rows}


CHECKS: list[Callable[[World], Awaitable[None]]] = [_same_as_a_scan, _in_step]


@on_sqlite
@pytest.mark.parametrize("check", CHECKS)
async def test_sqlite_searches_by_its_full_text_index(
    db: Database, world: World, check: Callable[[World], Awaitable[None]]
) -> None:
    await check(world)

    await write(Sql("INSERT INTO user_search_text (user_search_text) VALUES ('integrity-check')"))


@on_postgres
@pytest.mark.contrib
@pytest.mark.parametrize("check", CHECKS)
async def test_postgresql_searches_by_its_trigram_index(
    db: Database, world: World, check: Callable[[World], Awaitable[None]]
) -> None:
    await check(world)


@pytest.mark.parametrize(("search", "most"), [(None, 0), ("an", 0), ("%_-", 1), ("annson", 2)])
async def test_a_search_takes_at_most_two_statements_more(
    db: Database, world: World, search: str | None, most: int
) -> None:
    portal = await world.portal("acme")
    await _fill(world, portal, Random(2))  # noqa: S311  # no secret
    query, actor = UserQuery(portal.id, search=search), _admin(portal)
    chosen = listing.listing(actor, query, BY_NAME, in_portal=True)

    with statements() as sent:
        await indexed_search.narrowed(actor, query, chosen, world.clock.now())

    assert len(sent) <= most + (db.kind == "sqlite" and search == "%_-")
