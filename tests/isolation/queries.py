"""Recipes that say how the isolation tests call each query that requires an access token."""

from __future__ import annotations

from collections.abc import Iterator

from tests.isolation.recipe import ADMINS_SEE, HELD, MANAGED, MEMBERS_SEE, Recipe, listed, nothing, portal, there
from tests.isolation.scene import NODE_KINDS


def _node_recipes() -> Iterator[tuple[str, Recipe]]:
    audiences = {
        "Portal": "its members",
        "BulkOperation": "its admins",
        "StaffMember": "the MSSP's admins",
        "Mssp": "the MSSP's staff",
        "a sum of another": "none",
        "a system group": MEMBERS_SEE,
    }
    for kind in NODE_KINDS:
        audience = audiences.get(kind, "its managers")
        yield (
            "Query.node",
            Recipe(
                by="id",
                audience=audience,
                document="query ($id: ID!) { node(id: $id) { __typename id } }",
                variables=lambda place, kind=kind: {"id": place.ids[kind]},  # type: ignore[misc]  # bound per kind
                shows=lambda value, place: value is not None,
            ),
        )
        yield (
            "Query.nodes",
            Recipe(
                by="ids",
                audience=audience,
                document="query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }",
                variables=lambda place, kind=kind: {"ids": [place.ids[kind]] * 2},  # type: ignore[misc]  # likewise
                shows=lambda value, place: any(value),
            ),
        )


QUERIES: list[tuple[str, Recipe]] = [
    *_node_recipes(),
    ("Query.viewer", Recipe(None, "all", "{ viewer { id } }", nothing, there, places=("own",))),
    (
        "Query.portal",
        Recipe("id", MEMBERS_SEE, "query ($id: ID!) { portal(id: $id) { id name } }", portal, there),
    ),
    (
        "Query.portal",
        Recipe(
            "slug",
            MEMBERS_SEE,
            "query ($slug: String!) { portal(slug: $slug) { id } }",
            lambda place: {"slug": place.slug},
            there,
        ),
    ),
    (
        "Query.portals",
        Recipe(None, MEMBERS_SEE, "{ portals { totalCount nodes { id } } }", nothing, listed("Portal")),
    ),
    (
        "Query.portals",
        Recipe(
            "search",
            MEMBERS_SEE,
            "query ($search: String!) { portals(search: $search) { totalCount nodes { id } } }",
            lambda place: {"search": place.slug},
            lambda value, place: value["totalCount"] > 0,
        ),
    ),
    (
        "Query.user",
        Recipe(
            "id",
            MANAGED,
            "query ($id: ID!) { user(id: $id) { id name } }",
            lambda place: {"id": place.ids["PortalUser"]},
            there,
        ),
    ),
    (
        "Query.users",
        Recipe(None, MANAGED, "{ users(first: 100) { totalCount nodes { id } } }", nothing, listed("PortalUser")),
    ),
    (
        "Query.users",
        Recipe(
            "portalId",
            MANAGED,
            "query ($id: ID) { users(portalId: $id) { totalCount offset nodes { id } } }",
            portal,
            there,
        ),
    ),
    (
        "Query.users",
        Recipe(
            "filter.portalIdIn",
            MANAGED,
            "query ($id: ID!) { users(filter: {portalIdIn: [$id]}) { totalCount nodes { id } } }",
            portal,
            lambda value, place: value["totalCount"] > 0,
        ),
    ),
    (
        "Query.users",
        Recipe(
            "filter.idIn",
            MANAGED,
            "query ($id: ID!) { users(filter: {idIn: [$id]}) { totalCount nodes { id } } }",
            lambda place: {"id": place.ids["PortalUser"]},
            lambda value, place: value["totalCount"] > 0,
        ),
    ),
    *(
        (
            "Query.users",
            Recipe(
                f"filter.{name}",
                MANAGED,
                f"query ($id: ID!) {{ users(filter: {{{name}: [$id]}}) {{ totalCount nodes {{ id }} }} }}",
                lambda place, kind=kind: {"id": place.ids[kind]},  # type: ignore[misc]  # bound per kind
                lambda value, place: value["totalCount"] > 0,
            ),
        )
        for name, kind in HELD.items()
    ),
    (
        "Query.licenseTiles",
        Recipe(
            None,
            MANAGED,
            "{ licenseTiles { seatsUsed packages { id } } }",
            nothing,
            lambda value, place: place.ids["LicensePackage"] in {package["id"] for package in value["packages"]},
        ),
    ),
    (
        "Query.licenseTiles",
        Recipe("portalId", MANAGED, "query ($id: ID) { licenseTiles(portalId: $id) { id } }", portal, there),
    ),
    (
        "Query.auditLog",
        Recipe(None, MANAGED, "{ auditLog { totalCount nodes { id } } }", nothing, listed("AuditEvent")),
    ),
    (
        "Query.auditLog",
        Recipe("portalId", MANAGED, "query ($id: ID) { auditLog(portalId: $id) { totalCount } }", portal, there),
    ),
    (
        "Query.auditLog",
        Recipe(
            "userId",
            "none",  # nothing happened to the user asked for: an empty log for every asker
            "query ($id: ID) { auditLog(userId: $id) { totalCount nodes { id } } }",
            lambda place: {"id": place.ids["PortalUser"]},
            lambda value, place: value["totalCount"] > 0,
        ),
    ),
    (
        "Query.auditLog",
        Recipe(
            "filter.actorId",
            "none",  # the user asked for has caused nothing
            "query ($id: ID!) { auditLog(filter: {actorId: $id}) { totalCount nodes { id } } }",
            lambda place: {"id": place.ids["PortalUser"]},
            lambda value, place: value["totalCount"] > 0,
        ),
    ),
    (
        "Query.bulkOperations",
        Recipe(None, ADMINS_SEE, "{ bulkOperations { totalCount nodes { id } } }", nothing, listed("BulkOperation")),
    ),
    (
        "Query.bulkOperations",
        Recipe("portalId", MANAGED, "query ($id: ID) { bulkOperations(portalId: $id) { totalCount } }", portal, there),
    ),
    (
        "Query.staff",
        Recipe(None, "the MSSP's admins", "{ staff { totalCount nodes { id } } }", nothing, listed("StaffMember")),
    ),
    *(
        (
            f"Query.{name}",
            Recipe(
                "portalSlug",
                MANAGED,
                f"query ($slug: String) {{ {name}(portalSlug: $slug) {{ __typename }} }}",
                lambda place: {"slug": place.slug},
                there,
            ),
        )
        for name in ("users", "licenseTiles", "auditLog", "bulkOperations")
    ),
]
