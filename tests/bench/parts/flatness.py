"""Benchmarks that compare the same request in a large portal and in a small portal.

A ratio of 1 means that the size of the portal does not matter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from models.users.listing import OrderField
from tests.bench.load import repeated
from tests.bench.measurement import Effort, Measurement, compared, in_rounds
from tests.bench.parts.users_page import SMALL_PORTAL
from tests.bench.requests import FIELDS, TILES
from tests.bench.site import Site

LARGE_PORTAL = 1
PAGE = f"""
query Page($portal: ID!, $order: [UserOrder!], $after: String, $search: String) {{
  users(portalId: $portal, category: ENABLED, orderBy: $order, first: 50, after: $after, search: $search) {{
    edges {{ cursor node {{ {FIELDS} }} }} pageInfo {{ hasNextPage endCursor }}
  }}
}}
"""
NEAR_THE_END = """
query End($portal: ID!) {
  users(portalId: $portal, category: ENABLED, orderBy: [{ field: LAST_NAME, direction: ASC }], last: 100) {
    pageInfo { startCursor } nodes { id username }
  }
}
"""
TOTAL = "query Total($portal: ID!) { users(portalId: $portal, category: ENABLED) { totalCount } }"
USER = "query User($id: ID!) { user(id: $id) { id name status } }"
BY_LAST_NAME = [{"field": "LAST_NAME", "direction": "ASC"}]

Asked = tuple[str, Mapping[str, Any]]
"""A GraphQL document and its variables."""


def measure(site: Site, effort: Effort) -> Iterator[Measurement]:
    """Yield the CPU time and the duration of each request in the large portal, compared with the small portal.

    Only one connection sends requests, so no request waits for another one.
    """
    large, small = [_requests(site, number) for number in (LARGE_PORTAL, SMALL_PORTAL)]
    subjects = {name: (asked, small[name]) for name, asked in large.items()}
    document, variables = large["users by LAST_NAME ASC"]
    subjects["search for one user, beside a page"] = (
        (document, {**variables, "search": _rare(site)}),
        (document, variables),
    )
    for name, sides in subjects.items():
        figures = in_rounds(
            {
                str(side): partial(repeated, site.target, document, connections=1, seconds=effort.seconds, **variables)
                for side, (document, variables) in enumerate(sides)
            },
            effort,
        )
        ours, theirs = figures.values()
        yield from compared(name, site.database, ours, f"in a portal of {effort.users_of_a_small_portal:,}", theirs)
        took, took_there = (tuple(figure.milliseconds for figure in side) for side in (ours, theirs))
        yield Measurement(name, site.database, "ms", took, "the same", took_there)


def _requests(site: Site, number: int) -> dict[str, Asked]:
    portal = site.portal(number)
    end = site.target.ask(NEAR_THE_END, portal=portal)["users"]
    found: dict[str, Asked] = {
        "first page": (PAGE, {"portal": portal}),
        "page near the end": (
            PAGE,
            {"portal": portal, "order": BY_LAST_NAME, "after": end["pageInfo"]["startCursor"]},
        ),
        "totalCount of a category": (TOTAL, {"portal": portal}),
        "tiles": (TILES, {"portal": portal}),
        "user by id": (USER, {"id": end["nodes"][0]["id"]}),
    }
    for field in OrderField:
        for direction in ("ASC", "DESC"):
            order = [{"field": field.value, "direction": direction}]
            found[f"users by {field.value} {direction}"] = (PAGE, {"portal": portal, "order": order})
    return found


def _rare(site: Site) -> str:
    """Return a text that occurs in only one user of the large portal: a username."""
    found = site.target.ask(NEAR_THE_END, portal=site.portal(LARGE_PORTAL))["users"]
    return str(found["nodes"][0]["username"])
