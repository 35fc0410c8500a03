"""The requests of the main screens, with checks of their answers. The schema of version 0.1 accepts them too."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.bench.load import Target
from tests.bench.measurement import Effort

FIELDS = "id firstName lastName username email status role lastSignInAt addedAt modifiedAt"
USERS = f"""
query Users($portal: ID!) {{
  users(portalId: $portal, category: ENABLED, orderBy: [{{ field: LAST_NAME, direction: ASC }}], first: 50) {{
    edges {{ cursor node {{ {FIELDS} }} }}
    pageInfo {{ hasNextPage endCursor }}
  }}
}}
"""
USERS_WITH_PORTAL = f"""
query UsersWithPortal($portal: ID!) {{
  users(portalId: $portal, category: ENABLED, orderBy: [{{ field: LAST_NAME, direction: ASC }}], first: 50) {{
    edges {{ cursor node {{ {FIELDS} signInBlockers {{ code }} portal {{ id slug name }} }} }}
    pageInfo {{ hasNextPage endCursor }}
  }}
}}
"""
TILES = """
query Tiles($portal: ID!) {
  licenseTiles(portalId: $portal) { seatsTotal seatsUsed seatsAvailable tiles { kind count } }
}
"""
PORTALS = """
query Portals {
  portals(first: 50) { nodes { id slug name licenseTiles { seatsTotal seatsUsed tiles { kind count } } } }
}
"""
AUDIT_LOG = """
query AuditLog($portal: ID!) {
  auditLog(portalId: $portal, first: 50) {
    nodes { id at event userId reason actorName changes { field before after } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
BULK = """
mutation Bulk($ids: [ID!]!) {{
  {name}(input: {{ users: {{ ids: $ids }} }}) {{
    summary {{ requested succeeded skipped failed }}
    outcomes {{ index userId status previousStatus newStatus label reason {{ code message }} user {{ id name status }} }}
    licenseTiles {{ seatsUsed tiles {{ kind count }} }}
    errors {{ code }}
  }}
}}
"""
BULK_BOTH_WAYS = tuple(BULK.format(name=name) for name in ("lockUsers", "unlockUsers"))
"""Two bulk mutations. The second undoes the changes of the first."""

ACTIVE = """
query Active($portal: ID!, $after: String) {
  users(portalId: $portal, filter: { statusIn: [ACTIVE] }, first: 100, after: $after) {
    nodes { id }
    pageInfo { hasNextPage endCursor }
  }
}
"""
MOST_IN_BULK = 1000

Answer = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """A request and the check of its answer's data."""

    name: str
    document: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    is_right: Callable[[Answer], bool] = bool

    def check(self, target: Target) -> None:
        """Send the request once. Raise SystemExit if the answer has errors or is not as expected."""
        data = target.ask(self.document, **self.variables)
        if not self.is_right(data):
            raise SystemExit(f"{self.name}: not the expected answer: {str(data)[:500]}")


def shows_users(effort: Effort) -> Callable[[Answer], bool]:
    """Return the check of a users page: enough users, in order of their last names, each with every field.

    At least 50 users are enough, or 80 % of a small portal if that is less.
    """
    expected = min(50, effort.users_of_a_small_portal * 8 // 10)

    def is_right(data: Answer) -> bool:
        (page,) = data.values()
        nodes = [edge["node"] for edge in page["edges"]]
        names = [node["lastName"] for node in nodes]
        complete = all(edge["cursor"] for edge in page["edges"]) and all({*FIELDS.split()} <= {*node} for node in nodes)
        return len(nodes) >= expected and complete and names == sorted(names) and page["pageInfo"]["endCursor"]

    return is_right


def reads(portal: str, effort: Effort) -> list[Request]:
    """Return the requests that only read. `portal` is the global id of the portal on the screens."""
    asked = {"portal": portal}
    full = shows_users(effort)
    return [
        Request("users page", USERS, asked, full),
        Request("users page with portal and signInBlockers", USERS_WITH_PORTAL, asked, full),
        Request("tiles of a portal", TILES, asked, lambda data: len(data["licenseTiles"]["tiles"]) > 3),
        Request("50 portals with tiles", PORTALS, {}, lambda data: _shows_portals(data, effort)),
        Request("audit log page", AUDIT_LOG, asked, lambda data: _shows_events(data)),
    ]


def _shows_portals(data: Answer, effort: Effort) -> bool:
    nodes = data["portals"]["nodes"]
    return len(nodes) >= min(50, effort.portals) and all(node["licenseTiles"]["tiles"] for node in nodes)


def _shows_events(data: Answer) -> bool:
    nodes = data["auditLog"]["nodes"]
    return bool(nodes) and all(node["event"] and node["actorName"] for node in nodes)


def active_users(target: Target, portal: str) -> list[str]:
    """Return the global ids of active users of the portal, at most 1,000."""
    found: list[str] = []
    after = None
    while len(found) < MOST_IN_BULK:
        page = target.ask(ACTIVE, portal=portal, after=after)["users"]
        found += [node["id"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    return found[:MOST_IN_BULK]


def is_done(people: list[str]) -> Callable[[Answer], bool]:
    """Return the check of a bulk mutation: one successful outcome for each user, in order."""

    def is_right(data: Answer) -> bool:
        (payload,) = data.values()
        outcomes = payload["outcomes"]
        return (
            payload["errors"] == []
            and payload["summary"]["succeeded"] == len(people)
            and [each["userId"] for each in outcomes] == people
            and all(each["status"] == "SUCCEEDED" and each["user"]["name"] for each in outcomes)
        )

    return is_right
