"""The check whether the viewer can see the owner of a list, such as the portal of a list of users."""

from __future__ import annotations

from collections.abc import Awaitable, Callable


class Visibility:
    """Finds out whether the viewer can see the owner of a list, such as a portal. If not, the list is null.

    The statement that reads a page returns no rows if the viewer cannot see the owner. A page with rows therefore
    proves that the viewer can see the owner. If no page had rows, the function `check` asks the database.
    """

    def __init__(self, check: Callable[[], Awaitable[bool]]) -> None:
        self._check = check
        self._is_proved = False

    def note(self, has_rows: bool) -> None:
        """Record that a page of the list was read, and whether the page has rows."""
        self._is_proved = self._is_proved or has_rows

    async def __call__(self) -> bool:
        """Return whether the viewer can see the list's owner. Ask the database only if no page of the list had rows."""
        return self._is_proved or await self._check()
