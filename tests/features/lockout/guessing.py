"""Sign-ins with a wrong password, and the blockers that an admin then reads."""

from __future__ import annotations

from datetime import timedelta

from models.tables import SignInAttempts
from rules.auth.lockout import MOST_IN_A_ROW
from tests.support.world import Ask, Person
from tests.support.world.answers import sign_in

WRONG = "INVALID_CREDENTIALS"

GUESS = "a guess"

A_LOCK = timedelta(minutes=15)

A_DAY = timedelta(days=1)


async def tried(ask: Ask, person: Person, password: str = GUESS, times: int = 1) -> str:
    """Sign in `times` times. Return the last answer: "in" for a session, otherwise the first code."""
    for _ in range(times):
        payload = await sign_in(ask, person.login, password, person.portal.slug if person.portal else None)
    if payload["session"]:
        return "in"
    return str([*payload["errors"], *payload["blockers"]][0]["code"])


async def blockers(ask: Ask, person: Person) -> list[str]:
    """Return the codes of the person's blockers, as an MSSP admin reads them."""
    document = "query ($id: ID!) { user(id: $id) { signInBlockers { code } } }"
    admin = await ask.world.mssp_admin()
    found = (await ask(document, actor=admin, id=person.gid)).data["user"]["signInBlockers"]
    return [str(blocker["code"]) for blocker in found]


async def nearly_a_hundred_in_a_row(person: Person) -> None:
    """Set the stored number of failures in a row to one less than the maximum."""
    await SignInAttempts.filter(account_id=person.id).update(in_a_row=MOST_IN_A_ROW - 1)
