"""Invalid paging arguments are refused, never corrected."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import orjson
import pytest

from tests.features.listing.people import Order, asked, seed_users
from tests.support.world import Ask, Person, World

CONNECTIONS = {
    "users": "users(first: $first, after: $after, last: $last, before: $before) { nodes { id } }",
    "portals": "portals(first: $first, after: $after, last: $last, before: $before) { nodes { id } }",
    "auditLog": "auditLog(first: $first, after: $after, last: $last, before: $before) { nodes { id } }",
    "bulkOperations": "bulkOperations(first: $first, after: $after, last: $last, before: $before) { nodes { id } }",
}
SIZES: list[dict[str, Any]] = [
    *({"first": size} for size in (0, -1, 101, 2**31 - 1)),
    *({"last": size} for size in (0, -1, 101)),
    {"first": 1, "last": 1},
    {"first": 101, "last": 0},
]
NO_CURSORS = [
    " ",
    "x",
    "=",
    "====",
    "a b",
    "é",
    "\n",
    "0",
    "null",
    "e30",
    "W10",
    "WzFd",
    "AAAA",
    "/" * 8,
    "A" * 4000,
    urlsafe_b64encode(b"[" * 500).decode(),
]
BY_STATUS: Order = (("STATUS", False),)
BY_SIGN_IN: Order = (("LAST_SIGN_IN_AT", True),)
BY_NAME: Order = (("LAST_NAME", False), ("FIRST_NAME", False))
SOME_ID = "019ca8a0-3e80-7174-b598-a0851a28eeb6"
FORGED: list[tuple[Order, list[Any]]] = [
    *((BY_STATUS, [wrong, SOME_ID]) for wrong in (None, "1", 1.0, True, ["1"], {"1": 1}, 0.5)),
    *((BY_STATUS, [rank, SOME_ID]) for rank in (-1, 8, 2**15, 2**31, 2**63, 2**64 - 1, 2**64, 10**30, -(2**63))),
    *((BY_STATUS, [1, id]) for id in (None, "", "x", SOME_ID.upper(), SOME_ID.replace("-", ""), 5, [SOME_ID])),
    *((BY_STATUS, values) for values in ([], [1], [1, SOME_ID, SOME_ID], [[1, SOME_ID]])),
    *((BY_SIGN_IN, [at, SOME_ID]) for at in ("", "now", "2026-03-01", "2026-03-01 09:00:00", 1772355600, 0.5, False)),
    *((BY_SIGN_IN, [f"{at}-23:59", SOME_ID]) for at in ("9999-12-31 23:59:59", "2026-03-01 09:00:00")),
    *((BY_SIGN_IN, [f"{at}+23:59", SOME_ID]) for at in ("0001-01-01 00:00:00", "2026-03-01 09:00:00")),
    *((BY_NAME, [name, "x", SOME_ID]) for name in ("nul\0", 5, True, ["x"])),
]


async def codes(ask: Ask, actor: Person, order: Order, cursor: str) -> list[list[str]]:
    """Return the error codes of `users` with the cursor as `after`, and with the cursor as `before`."""
    document = """
    query ($orderBy: [UserOrder!], $after: String, $before: String) {
      users(orderBy: $orderBy, after: $after, before: $before) { nodes { id } }
    }
    """
    ways: list[dict[str, str]] = [{"after": cursor}, {"before": cursor}]
    replies = [await ask(document, actor=actor, orderBy=asked(order), **way) for way in ways]
    assert all(reply.data == {"users": None} or not reply.errors for reply in replies)
    return [reply.codes for reply in replies]


async def a_cursor(ask: Ask, actor: Person, order: Order) -> str:
    document = "query ($orderBy: [UserOrder!]) { users(orderBy: $orderBy, first: 1) { pageInfo { endCursor } } }"
    reply = await ask(document, actor=actor, orderBy=asked(order))
    return str(reply.data["users"]["pageInfo"]["endCursor"])


def opened(cursor: str) -> list[Any]:
    return list(orjson.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))))


def closed(contents: object) -> str:
    return urlsafe_b64encode(orjson.dumps(contents)).decode().rstrip("=")


def big(contents: list[Any]) -> str:
    """Return a cursor with the given contents. The integers can have any size, unlike those that `closed` encodes."""
    text = "[" + ",".join(str(v) if type(v) is int else orjson.dumps(v).decode() for v in contents) + "]"
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize("connection", CONNECTIONS)
async def test_invalid_sizes_and_combinations_are_refused(world: World, ask: Ask, connection: str) -> None:
    nora, bob = await world.mssp_admin(), await world.user()
    await ask.act("lockUsers", nora, bob)
    declared = "$first: Int, $after: String, $last: Int, $before: String"
    document = f"query ({declared}) {{ {CONNECTIONS[connection]} }}"
    pairs: list[dict[str, Any]] = [
        {"first": 1, "before": "x"},
        {"last": 1, "after": "x"},
        {"after": "x", "before": "x"},
        *({"after": cursor} for cursor in NO_CURSORS),
        *({"before": cursor} for cursor in NO_CURSORS),
    ]

    for arguments in (*SIZES, *pairs):
        reply = await ask(document, actor=nora, **arguments)
        assert reply.codes == ["BAD_USER_INPUT"], arguments
        assert reply.data == {connection: None}


async def test_a_refused_page_does_not_empty_another(world: World, ask: Ask) -> None:
    bob, nora = await world.user(), await world.mssp_admin()

    reply = await ask("{ users { nodes { id } } wrong: users(first: 101) { nodes { id } } }", actor=nora)

    assert reply.data == {"users": {"nodes": [{"id": bob.gid}]}, "wrong": None}
    assert [(error["path"], error["extensions"]["code"]) for error in reply.errors] == [(["wrong"], "BAD_USER_INPUT")]


async def test_a_cursor_of_another_order_is_refused_with_the_reason(world: World, ask: Ask) -> None:
    await seed_users(world, 5)
    nora = await world.mssp_admin()
    orders: list[Order] = [BY_NAME, (("LAST_NAME", True), ("FIRST_NAME", False)), BY_STATUS, (("ROLE", False),)]
    orders += [(("LAST_NAME", False),), (("FIRST_NAME", False), ("LAST_NAME", False)), BY_SIGN_IN]
    cursors = [await a_cursor(ask, nora, order) for order in orders]

    for order in orders:
        for other, cursor in zip(orders, cursors, strict=True):
            expected = [[], []] if other is order else [["BAD_USER_INPUT"]] * 2
            assert await codes(ask, nora, order, cursor) == expected, (order, other)


async def test_a_cursor_of_another_list_is_refused(world: World, ask: Ask) -> None:
    bob, nora = await world.user(), await world.mssp_admin()
    await ask.act("lockUsers", nora, bob)
    of_list = {
        name: (await ask(f"{{ {name} {{ pageInfo {{ endCursor }} }} }}", actor=nora)).data[name]["pageInfo"][
            "endCursor"
        ]
        for name in CONNECTIONS
    }

    for name in CONNECTIONS:
        for other, cursor in of_list.items():
            document = f"query ($after: String) {{ {name}(after: $after) {{ nodes {{ id }} }} }}"
            assert (await ask(document, actor=nora, after=cursor)).codes == (["BAD_USER_INPUT"] * (name != other))


async def test_a_forged_cursor_is_refused(world: World, ask: Ask) -> None:
    await seed_users(world, 10)
    nora = await world.mssp_admin()

    for order, values in FORGED:
        version, digest, *_ = opened(await a_cursor(ask, nora, order))
        cursor = big([version, digest, *values])
        assert await codes(ask, nora, order, cursor) == [["BAD_USER_INPUT"]] * 2, values


async def test_a_changed_cursor_is_refused(world: World, ask: Ask) -> None:
    await seed_users(world, 10)
    nora = await world.mssp_admin()
    cursor = await a_cursor(ask, nora, BY_STATUS)
    version, digest, *values = opened(cursor)
    spaced = urlsafe_b64encode(b" " + urlsafe_b64decode(cursor + "==")).decode().rstrip("=")

    changed = [
        cursor + "=",
        cursor + "==",
        cursor[:-1],
        cursor + "A",
        " " + cursor,
        cursor + "\n",
        spaced,
        closed([version + 1, digest, *values]),
        closed([str(version), digest, *values]),
        closed([version, digest.upper() + "0", *values]),
        closed([version, 5, *values]),
        closed({"0": version, "1": digest}),
        closed([digest, version, *values]),
    ]

    assert await codes(ask, nora, BY_STATUS, cursor) == [[], []]
    for text in changed:
        assert await codes(ask, nora, BY_STATUS, text) == [["BAD_USER_INPUT"]] * 2, text
