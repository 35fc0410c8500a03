"""Folded columns: normalized copies of a user's names and addresses, used to sort, search and compare users."""

from __future__ import annotations

from rules.text import folding
from rules.text.lookalikes import skeleton
from rules.text.search import search_text

FOLDED = ("first_name", "last_name", "username", "email", "pending_email")
"""The columns of a user that have normalized copies in other columns (`folded`)."""


def folded(
    *,
    first_name: str | None,
    last_name: str | None,
    username: str,
    email: str | None,
    pending_email: str | None = None,
) -> dict[str, str | None]:
    """Return all folded columns of a user with these names and addresses, keyed by column.

    A statement that writes a name or an address of a user must also write these columns.
    """
    username_key = folding.login_key(username)
    username_look = skeleton(username_key)
    return {
        "username_key": username_key,
        "username_look": username_look if username_look != username_key else None,
        "email_key": folding.login_key(email) if email else None,
        "pending_email_key": folding.login_key(pending_email) if pending_email else None,
        "first_name_sort": folding.sort_key(first_name) if first_name else folding.ABSENT,
        "last_name_sort": folding.sort_key(last_name) if last_name else folding.ABSENT,
        "username_sort": folding.sort_key(username),
        "email_sort": folding.sort_key(email) if email else folding.ABSENT,
        "search_text": search_text(first_name, last_name, username, email, pending_email),
    }
