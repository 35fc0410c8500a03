"""`gatehouse demo`: load the demo into an empty database, and add benchmark data."""

from __future__ import annotations

from dataclasses import dataclass

from api.cli.terminal.progress import bar
from api.parts import Parts
from api.security.password_hashing import hash_now
from rules.messages.operator import OperatorMessage
from rules.refusals import Refusal
from services.admin import benchmark_data, demo

IN_USE = "The database is in use already; no demo is loaded."


@dataclass(frozen=True, slots=True)
class BenchmarkSize:
    """How many portals and users of benchmark data to add. `users` is the total over the added portals."""

    portals: int
    users: int

    @classmethod
    def of(cls, portals: int | None, users: int | None) -> BenchmarkSize | None:
        """Return the size, or None if both numbers are None.

        Raise Refusal(INVALID_INPUT) if only one number is None, or if a number is out of range.
        """
        if portals is None and users is None:
            return None
        if portals is None or users is None:
            raise Refusal(OperatorMessage.BOTH_OR_NONE)
        benchmark_data.check_size(portals=portals, users=users)
        return cls(portals, users)


async def load_demo(parts: Parts, *, load: BenchmarkSize | None, if_empty: bool) -> str:
    """Load the demo, and benchmark data of the size `load` if given. Return a sentence that reports the result.

    The first case that applies decides:

    - `if_empty` is true and the database contains a provider: change nothing.
    - The demo is loaded and `load` is given: add only the benchmark data.
    - The database contains a provider: raise Refusal(INVALID_INPUT).
    - Otherwise: load the demo, and the benchmark data if `load` is given.
    """
    if if_empty and not await demo.is_empty():
        return IN_USE
    added = f"{load.users:,} users in {load.portals:,} portals are added" if load else None
    if load and await demo.is_loaded():
        await _add(parts, load)
        return f"To the demo, {added}."
    await demo.load(parts.runtime, hash_now(demo.PASSWORD))
    if load is None:
        return "The demo is loaded."
    await _add(parts, load)
    return f"The demo is loaded, and {added}."


async def _add(parts: Parts, load: BenchmarkSize) -> None:
    with bar("Users") as progress:
        await benchmark_data.add_portals(
            parts.runtime,
            portals=load.portals,
            users=load.users,
            progress=lambda written: progress(written, load.users),
        )
