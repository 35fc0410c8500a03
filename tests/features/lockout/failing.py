"""Users in a portal with a lockout threshold, and failed sign-ins."""

from __future__ import annotations

from typing import Any

from tests.support.world import PASSWORD, Ask, Person, World
from tests.support.world.answers import sign_in

WHO = "{ viewer { __typename name } }"

WRONG = ["INVALID_CREDENTIALS"]

GUESS = "not the password"


def codes(payload: Any) -> list[str]:
    return [error["code"] for error in payload["errors"]]


async def tries(ask: Ask, person: Person, password: str = GUESS, times: int = 1) -> list[str]:
    """Sign in `times` times. Return the answers: "in" for a session, otherwise the codes of the errors and blockers."""
    slug = person.portal.slug if person.portal else None
    answers: list[str] = []
    for _ in range(times):
        payload = await sign_in(ask, person.login, password, slug)
        answers += (
            ["in"] if payload["session"] else [each["code"] for each in [*payload["errors"], *payload["blockers"]]]
        )
    return answers


async def a_user(world: World, threshold: int = 3, **policy: Any) -> Person:
    portal = await world.portal(lockout_threshold=threshold, **policy)
    return await world.user(portal, password=PASSWORD)
