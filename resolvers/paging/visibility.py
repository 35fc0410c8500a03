"""Whether the viewer may see the owner of a list, such as the portal of a list of users."""

from __future__ import annotations

from collections.abc import Awaitable, Callable


class Visibility:
    """Whether the viewer may see the owner of a list.

    The statement that reads a page returns rows only if the viewer may. After an empty page, `check` runs a statement
    of its own. If the answer is no, the list is null.
    """

    def __init__(self, check: Callable[[], Awaitable[bool]]) -> None:
        self._check = check
        self._is_proved = False

    def note(self, has_rows: bool) -> None:
        """Note whether a page of the list has rows."""
        self._is_proved = self._is_proved or has_rows

    async def __call__(self) -> bool:
        """Return whether the viewer may see the owner. Call it after the page was read, to save the statement."""
        return self._is_proved or await self._check()
