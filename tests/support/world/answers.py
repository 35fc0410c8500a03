"""Functions that read the part of an answer that a test compares."""

from __future__ import annotations

from typing import Any

from tests.support.world import Ask, Person, World

TILES = "id asOf seatsTotal seatsUsed seatsAvailable tiles { kind count category statusIn statusReasonIn }"
SIGN_IN = """
mutation ($input: SignInInput!) {
  signIn(input: $input) {
    session { accessToken expiresIn refreshToken viewer { __typename id name } }
    mfaChallenge { challengeToken expiresAt }
    passwordChange { token expiresAt }
    blockers { code }
    errors { code message path retryAt params { name value } }
  }
}
"""


def barred(*blockers: str) -> dict[str, Any]:
    """Return the payload of a sign-in whose password was right and that the given blockers prevented."""
    return {
        "session": None,
        "mfaChallenge": None,
        "passwordChange": None,
        "blockers": [{"code": blocker} for blocker in blockers],
        "errors": [],
    }


def reasons(payload: Any) -> list[str | None]:
    """Return the reason code of each outcome. The reason of an outcome that succeeded is None."""
    return [outcome["reason"]["code"] if outcome["reason"] else None for outcome in payload["outcomes"]]


def reason(payload: Any) -> str | None:
    """Return the reason code of the only outcome."""
    (only,) = reasons(payload)
    return only


def standing(payload: Any) -> list[tuple[str | None, str | None]]:
    """Return the status before and after the action, for each outcome."""
    return [(outcome["previousStatus"], outcome["newStatus"]) for outcome in payload["outcomes"]]


def counts(tiles: Any) -> dict[str, int]:
    """Return the count of each tile, by the kind of the tile."""
    return {tile["kind"]: tile["count"] for tile in tiles["tiles"]}


def seats(tiles: Any) -> tuple[int | None, int, int | None]:
    """Return three numbers of a portal's seats: all, used and available."""
    return tiles["seatsTotal"], tiles["seatsUsed"], tiles["seatsAvailable"]


def gids(people: list[Person]) -> list[str]:
    return [person.gid for person in people]


async def statuses(world: World, people: list[Person]) -> list[str | None]:
    """Return the statuses that these users have now."""
    return [await world.status(person) for person in people]


async def sign_in(ask: Ask, login: str, password: str, portal: str | None = None, token: str | None = None) -> Any:
    """Sign in, and return the payload of `signIn`."""
    input = {"login": login, "password": password, **({"portalSlug": portal} if portal else {})}
    reply = await ask(SIGN_IN, token=token, input=input)
    assert not reply.errors, reply.errors
    return reply.data["signIn"]


async def refused(ask: Ask, actor: Person | None, document: str, **variables: Any) -> list[str]:
    """Return the codes of the top-level errors that a document causes. Empty if the document is answered."""
    return (await ask(document, actor=actor, **variables)).codes
