"""The text that `gatehouse serve` prints when the server has started."""

from __future__ import annotations

from collections.abc import Iterator

from services.admin import demo


def greeting(address: str, *, in_development: bool, has_demo: bool) -> str:
    """Return the text that `gatehouse serve` prints when it starts, in lines of at most 80 characters.

    The text contains the server's `address`. In development, it also contains the demo's accounts if the database has
    the demo.
    """
    return "\n".join(_lines(address, in_development=in_development, has_demo=has_demo))


def _lines(address: str, *, in_development: bool, has_demo: bool) -> Iterator[str]:
    yield f"Gatehouse serves {address}"
    if in_development:
        yield "Open it in a browser: that is GraphiQL, with examples to play."
    if in_development and has_demo:
        yield ""
        yield f"Demo accounts; every password is {demo.PASSWORD}"
        yield ""
        rows = [("login", "portalSlug", "who"), *((email, slug or "-", who) for email, slug, who in demo.ACCOUNTS)]
        widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
        for login, slug, who in rows:
            yield f"  {login:<{widths[0]}}  {slug:<{widths[1]}}  {who}"
        yield ""
        yield "The portals globex, initech and umbra have an admin and a user like acme's."
    yield ""
    yield "Stop with Ctrl-C."
