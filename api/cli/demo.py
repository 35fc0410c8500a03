"""`gatehouse demo`: fills a database for newcomers and, with a crowd, for measuring."""

from __future__ import annotations

from dataclasses import dataclass

from api.app import Gatehouse
from api.cli.terminal.progress import bar
from api.security.password_hashing import hash_now
from rules.refusals import Code, Refusal
from services.admin import demo
from services.admin import load_data as crowds

IN_USE = "The database is in use already; no demo is loaded."


@dataclass(frozen=True, slots=True)
class LoadData:
    """So many users in so many portals, in all."""

    portals: int
    users: int

    @classmethod
    def of(cls, portals: int | None, users: int | None) -> LoadData | None:
        """None without both numbers; Refusal INVALID_INPUT with one of them, or where they make no crowd."""
        if portals is None and users is None:
            return None
        if portals is None or users is None:
            raise Refusal(Code.INVALID_INPUT, "Give both --portals and --users, or none of them.")
        crowds.check(portals=portals, users=users)
        return cls(portals, users)


async def load_demo(parts: Gatehouse, *, crowd: LoadData | None, if_empty: bool) -> str:
    """Loads the demo and then the crowd, or adds the crowd to a demo that is there; says what was done.

    Refusal INVALID_INPUT where there is anything else, unless `if_empty`: then nothing is done there.
    """
    if if_empty and not await demo.is_empty():
        return IN_USE
    added = f"{crowd.users:,} users in {crowd.portals:,} portals are added" if crowd else None
    if crowd and await demo.is_loaded():
        await _add(parts, crowd)
        return f"To the demo, {added}."
    await demo.load(parts.runtime, hash_now(demo.PASSWORD))
    if crowd is None:
        return "The demo is loaded."
    await _add(parts, crowd)
    return f"The demo is loaded, and {added}."


async def _add(parts: Gatehouse, crowd: LoadData) -> None:
    with bar("Users") as progress:
        await crowds.add(
            parts.runtime,
            portals=crowd.portals,
            users=crowd.users,
            progress=lambda written: progress(written, crowd.users),
        )
