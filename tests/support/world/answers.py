"""Reading answers: what a test wants to know of a payload, in a word."""

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
    blockers
    errors { code message path retryAt }
  }
}
"""


def barred(*blockers: str) -> dict[str, Any]:
    """The payload of a sign-in whose password was right, and which these block."""
    return {"session": None, "mfaChallenge": None, "passwordChange": None, "blockers": list(blockers), "errors": []}


def reasons(payload: Any) -> list[str | None]:
    """Why not, for each outcome; None where it succeeded."""
    return [outcome["reason"]["code"] if outcome["reason"] else None for outcome in payload["outcomes"]]


def reason(payload: Any) -> str | None:
    """The same of a single outcome."""
    (only,) = reasons(payload)
    return only


def standing(payload: Any) -> list[tuple[str | None, str | None]]:
    """Each outcome's status before and after."""
    return [(outcome["previousStatus"], outcome["newStatus"]) for outcome in payload["outcomes"]]


def counts(tiles: Any) -> dict[str, int]:
    """What the tiles say, by kind."""
    return {tile["kind"]: tile["count"] for tile in tiles["tiles"]}


def seats(tiles: Any) -> tuple[int | None, int, int | None]:
    """Seats in all, used and available."""
    return tiles["seatsTotal"], tiles["seatsUsed"], tiles["seatsAvailable"]


def gids(people: list[Person]) -> list[str]:
    return [person.gid for person in people]


async def statuses(world: World, people: list[Person]) -> list[str | None]:
    """Where these users stand now."""
    return [await world.status(person) for person in people]


async def sign_in(ask: Ask, login: str, password: str, portal: str | None = None, token: str | None = None) -> Any:
    """The payload of `signIn`."""
    input = {"login": login, "password": password, **({"portalSlug": portal} if portal else {})}
    reply = await ask(SIGN_IN, token=token, input=input)
    assert not reply.errors, reply.errors
    return reply.data["signIn"]


async def refused(ask: Ask, actor: Person | None, document: str, **variables: Any) -> list[str]:
    """The top-level codes that a document is refused with; none when it is answered."""
    return (await ask(document, actor=actor, **variables)).codes
