"""Functions for tests that select users by conditions or by a preview, and run a bulk mutation on them."""

from __future__ import annotations

from typing import Any

from resolvers.core.global_ids import global_id
from tests.support.world import Ask, Person
from tests.support.world.bulk_documents import bulk_document, bulk_input

Users = dict[str, Any]
"""The GraphQL input UserSelection."""

LISTED = """
query (
  $portalId: ID, $category: UserCategory, $filter: UserFilter, $search: String, $orderBy: [UserOrder!],
  $first: Int, $after: String, $last: Int, $before: String
) {
  users(
    portalId: $portalId, category: $category, filter: $filter, search: $search, orderBy: $orderBy,
    first: $first, after: $after, last: $last, before: $before
  ) {
    nodes { id }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    totalCount
  }
}
"""


def these(*people: Person) -> Users:
    return {"ids": [person.gid for person in people]}


def matching(expected: int | None = None, **conditions: Any) -> Users:
    """Return a selection of all users who meet the conditions. `expected` is `expectedCount`, which None leaves out."""
    return {"matching": {**conditions, **({} if expected is None else {"expectedCount": expected})}}


def previewed(payload: Any) -> Users:
    """Return a selection of exactly the users of a dry run. `payload` is the answer to the dry run."""
    return {"previewId": payload["operation"]["id"]}


async def act(ask: Ask, name: str, actor: Person, users: Users, *, token: str | None = None, **options: Any) -> Any:
    """Run a bulk mutation on a selection, and return its payload."""
    reply = await ask(bulk_document(name), actor=actor, token=token, input=bulk_input(name, users, options))
    assert not reply.errors, reply.errors
    return reply.data[name]


async def preview(ask: Ask, name: str, actor: Person, users: Users, **options: Any) -> Any:
    """Run a bulk mutation with `dryRun`, and return its payload."""
    return await act(ask, name, actor, users, dryRun=True, **options)


def decisions(payload: Any) -> list[tuple[Any, ...]]:
    """Return what each outcome decides: the user, the result, the reason and the statuses, but not the user's current
    fields.
    """
    names = ("index", "userId", "label", "status", "previousStatus", "newStatus", "reason")
    return [tuple(outcome[name] for name in names) for outcome in payload["outcomes"]]


def user_ids(payload: Any) -> list[str]:
    """Return the ids of the users, in the order of the outcomes."""
    return [outcome["userId"] for outcome in payload["outcomes"]]


def errors(payload: Any) -> list[tuple[str, list[str] | None]]:
    """Return the code and the path of each error of the whole call.

    If there is an error, assert that the payload has no outcomes and no operation.
    """
    if payload["errors"]:
        assert (payload["outcomes"], payload["operation"], payload["licenseTiles"]) == ([], None, None)
    return [(error["code"], error["path"]) for error in payload["errors"]]


def codes(payload: Any) -> list[str]:
    return [code for code, _ in errors(payload)]


def portal_gid(portal: Any) -> str:
    return str(global_id("Portal", portal.id))
