"""Random combinations of filters and orders over thousands of users, compared with the plain scan."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, permutations
from random import Random
from typing import Any

import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.tables import Portal
from tests.features.listing.plain_scan import CONDITIONS, ROLES, STATUSES, TIMES, Seen, holds, scan, seed_users
from tests.features.selections.selecting import LISTED, portal_gid
from tests.support.world import Ask, Person, World

Arguments = dict[str, Any]
"""Arguments of the query `users`, by name.

In generated arguments, a portal is given by its index in `Crowd.portals`. `Crowd.asked` replaces the index by the
portal's global id.
"""

ORDERS = [
    "FIRST_NAME",
    "LAST_NAME",
    "USERNAME",
    "EMAIL",
    "STATUS",
    "ROLE",
    "LAST_SIGN_IN_AT",
    "ADDED_AT",
    "MODIFIED_AT",
    "PORTAL_NAME",
    "STATUS_CHANGED_AT",
    "KIND",
]
SEARCHES = [
    "ann",
    "ANN",
    "Ánn lee",
    "nn l",
    "léé",
    "van  der",
    "%",
    "_",
    "\\",
    "er.7",
    "USER.1",
    "mail.2",
    "@acme.test",
    "fi",
    "strasse",
    "zoe",
    "李",
    "👩",
    "שר",
    "łuk",
    "ipek",
    "\u0301",
    "absent",
    " ",
    "o'n",
]
INSTANTS = [f"2026-02-{day}T09:00:00{fraction}+00:00" for day in (25, 26, 27, 28) for fraction in ("", ".000001")]
INSTANTS += ["2026-02-27T10:00:00+01:00", "2026-03-01T08:59:59.999999Z"]
CHOICES: dict[str, list[Any]] = {
    "portalId": [0, 1],
    "category": ["ENABLED", "DISABLED", "UNCONFIRMED"],
    "search": SEARCHES,
    "portalIdIn": [[0], [1, 3], [0, 1, 2], [3], []],
    "statusIn": [["ACTIVE"], ["STAGED", "RECOVERY", "DEACTIVATED"], STATUSES, []],
    "statusReasonIn": [["IDLE"], ["ADMIN_ACTION", "WAITING_FOR_SEAT"], []],
    "roleIn": [["PORTAL_ADMIN"], ROLES, []],
    "kindIn": [["EXTERNAL"], ["INTERNAL", "EXTERNAL"], []],
    "emailDomainIn": [["acme.test"], ["@ACME.test", "other.test"], ["test"], []],
    **{key: [*INSTANTS, "P2D", "PT0S"] for key in TIMES},
    **{key: [True, False] for key in ("holdsSeat", "emailVerified", "hasPendingEmail", "mfaEnrolled", "neverSignedIn")},
}
OF_THE_LIST = ("portalId", "category", "search")
"""The arguments of `users` itself. All other conditions are fields of its argument `filter`."""


@dataclass(frozen=True)
class Crowd:
    users: list[Seen]
    portals: list[Portal]
    viewers: dict[str, tuple[Person, set[Any]]]
    """The viewers by name, each with the ids of the portals that the viewer manages."""

    def asked(self, conditions: Arguments, orders: list[tuple[str, bool]]) -> Arguments:
        """Return the conditions and the orders as the arguments of `users`, with global ids of portals."""
        named = dict(conditions)
        if named.get("portalId") is not None:
            named["portalId"] = portal_gid(self.portals[named["portalId"]])
        if named.get("portalIdIn") is not None:
            named["portalIdIn"] = [portal_gid(self.portals[n]) for n in named["portalIdIn"]]
        order_by = [{"field": field, "direction": "DESC" if descends else "ASC"} for field, descends in orders]
        listed = {name: named.pop(name) for name in OF_THE_LIST if name in named}
        return {**listed, "filter": named, "orderBy": order_by}

    def expected(self, viewer: str, arguments: Arguments) -> list[str]:
        """Return the global ids of the users that the list must show to the viewer, as plain_scan.py computes them."""
        _, reach = self.viewers[viewer]
        orders = [(order["field"], order["direction"] == "DESC") for order in arguments["orderBy"]]
        asked = {**arguments, **arguments["filter"]}
        return scan(
            [user for user in self.users if user.portal.id in reach],
            orders,
            *(holds(name, asked[name]) for name in CONDITIONS if name in asked),
        )


@pytest_asyncio.fixture
async def people(world: World) -> Crowd:
    """Create 2,400 users in four portals, one of which belongs to another MSSP. All examples of a test share them."""
    named = [("b", "Élan"), ("a", "elan"), ("c", "Zebra")]
    ours = [await world.portal(slug, name=name) for slug, name in named]
    other = await world.portal("other", mssp=await world.mssp(), name="Elan")
    viewers = {
        "admin": (await world.mssp_admin(), {portal.id for portal in ours}),
        "technician": (await world.technician(*ours[:2]), {portal.id for portal in ours[:2]}),
    }
    return Crowd(await seed_users(world, 2400, [*ours, other]), [*ours, other], viewers)


class Walk:
    """Reads pages of one list, and compares each page with the ids `expected`."""

    def __init__(self, ask: Ask, viewer: Person, arguments: Arguments, expected: list[str]) -> None:
        self.ask, self.viewer, self.arguments, self.expected = ask, viewer, arguments, expected

    async def on(self, start: int, size: int, cursor: str | None) -> Any:
        """Read the first `size` users after `cursor`, check that they begin at the index `start` of `expected`, and
        return the pageInfo.
        """
        return await self._page(start, start + size, first=size, after=cursor)

    async def back(self, end: int, size: int, cursor: str | None) -> Any:
        """Read the last `size` users before `cursor`, check that they end before the index `end` of `expected`, and
        return the pageInfo.
        """
        return await self._page(max(0, end - size), end, last=size, before=cursor)

    async def _page(self, start: int, end: int, **window: Any) -> Any:
        reply = await self.ask(LISTED, actor=self.viewer, **window, **self.arguments)
        assert not reply.errors, reply.errors
        found = reply.data["users"]
        assert [node["id"] for node in found["nodes"]] == self.expected[start:end]
        assert found["totalCount"] == len(self.expected)
        assert found["pageInfo"]["hasPreviousPage"] is (start > 0)
        assert found["pageInfo"]["hasNextPage"] is (end < len(self.expected))
        return found["pageInfo"]

    async def to_and_fro(self, sizes: list[int]) -> None:
        """Read pages of these sizes forward from the start, then backward, and finally one page from the end."""
        start, place = 0, {"endCursor": None, "startCursor": None}
        for n, size in enumerate(sizes):
            start += sizes[n - 1] if n else 0
            place = await self.on(start, size, place["endCursor"])
            if not place["hasNextPage"]:
                break
        for size in sizes:
            if start <= 0:
                break
            place, start = await self.back(start, size, place["startCursor"]), start - size
        await self.back(len(self.expected), sizes[0], None)


conditions = st.fixed_dictionaries(
    {}, optional={name: st.none() | st.sampled_from(values) for name, values in CHOICES.items()}
)
few_conditions = conditions.map(lambda drawn: dict(list(drawn.items())[:3]))
orders = st.lists(st.tuples(st.sampled_from(ORDERS), st.booleans()), max_size=4, unique_by=lambda order: order[0])
sizes = st.lists(st.sampled_from([1, 2, 7, 50, 100]), min_size=1, max_size=4)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    viewer=st.sampled_from(["admin", "technician"]),
    conditions=few_conditions,
    orders=orders,
    sizes=sizes,
)
async def test_any_conditions_in_any_order_page_through_the_users_of_a_plain_scan(
    people: Crowd, ask: Ask, viewer: str, conditions: Arguments, orders: list[tuple[str, bool]], sizes: list[int]
) -> None:  # T2, T3, T13, T14, T22, L3, L4
    arguments = people.asked(conditions, orders)
    walk = Walk(ask, people.viewers[viewer][0], arguments, people.expected(viewer, arguments))

    await walk.to_and_fro(sizes)


async def test_any_two_conditions_and_any_two_orders_go_together(people: Crowd, ask: Ask) -> None:  # T13, T14, T22
    chance = Random(7)  # noqa: S311  # to be the same in every run
    nora, _ = people.viewers["admin"]
    two_conditions = [
        {one: chance.choice(CHOICES[one]), other: chance.choice(CHOICES[other])}
        for one, other in combinations(CHOICES, 2)
    ]
    two_orders = [
        [(one, bool(n % 2)), (other, bool(n // 2 % 2))] for n, (one, other) in enumerate(permutations(ORDERS, 2))
    ]
    one_order = [[(field, descends)] for field in ORDERS for descends in (False, True)]
    assert set(CHOICES) == set(CONDITIONS)

    for conditions in two_conditions:
        arguments = people.asked(conditions, [])
        await Walk(ask, nora, arguments, people.expected("admin", arguments)).on(0, 60, None)
    for orders in [*one_order, *two_orders]:
        arguments = people.asked({}, orders)
        walk = Walk(ask, nora, arguments, people.expected("admin", arguments))
        await walk.on(0, 60, None)
        await walk.back(len(walk.expected), 60, None)
