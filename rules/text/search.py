"""Parse a search for users or portals that a person typed (T14), and build the text that is searched."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

from rules import global_ids
from rules.text.characters import single_spaced, strip_invisible
from rules.text.folding import login_key, sort_key

MOST_WORDS = 12
"""The maximum number of words of a search. In a longer text, the last of these words is the whole rest of the text."""

_WORD = re.compile(r"[^\s,;]+")
_ADDRESS = re.compile(r"[^\s,;<>\"()]+@[^\s,;<>\"()]+")
_ROW_ID = re.compile(r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}")


@dataclass(frozen=True, slots=True)
class UserSearch:
    """A parsed search for users. It has either `logins`, or `words` and possibly `id`, or nothing.

    - With `logins`, the users with one of these logins match.
    - With `words`, the users whose search text contains all words match, and the user with `id`.
    - With nothing, every user matches.
    """

    words: tuple[str, ...] = ()
    logins: tuple[str, ...] = ()
    id: UUID | None = None


def words(text: str | None) -> tuple[str, ...]:
    """Return the different words of a search text as sort keys. A blank text has no words.

    - White space, commas and semicolons separate words. A text of separators only, such as `;`, is one word.
    - At most MOST_WORDS words are returned. In a longer text, the last of them is the whole rest of the text.
    """
    folded = single_spaced(sort_key(text or ""))
    found = list(_WORD.finditer(folded))
    if not found:
        return (folded,) if folded else ()
    each = [match.group() for match in found[: MOST_WORDS - 1]]
    rest = [folded[found[MOST_WORDS - 1].start() :]] if len(found) >= MOST_WORDS else []
    return tuple(dict.fromkeys([*each, *rest]))


def parse_user_search(text: str | None) -> UserSearch:
    """Return the parsed search for users.

    - Two or more e-mail addresses, as copied from a mail's header, become `logins`.
    - A row id, or the global id of a user, becomes `id`. The typed id is also the only item of `words`.
    - Any other text becomes `words`.
    """
    typed = strip_invisible(text or "")
    addresses = _ADDRESS.findall(typed)
    if len(addresses) > 1 and _is_list(typed, addresses):
        return UserSearch(logins=tuple(dict.fromkeys(login_key(address) for address in addresses)))
    return UserSearch(words=words(typed), id=_user_id(typed))


def search_text(
    first_name: str | None, last_name: str | None, username: str, email: str | None, pending_email: str | None = None
) -> str:
    """Return the text that is searched: the sort keys of the fields, each on its own line.

    A word of a search has no line break, so it cannot match across two fields.
    """
    full_name = " ".join(filter(None, (first_name, last_name)))
    fields = dict.fromkeys(filter(None, (full_name, username, email, pending_email)))
    return "\n".join(single_spaced(sort_key(field)) for field in fields)


def _is_list(typed: str, addresses: list[str]) -> bool:
    # A list has only addresses and separators, or has the form `name <address>` for each address.
    beside = _ADDRESS.sub("", typed)
    return not _WORD.search(beside) or beside.count("<>") == len(addresses)


def _user_id(typed: str) -> UUID | None:
    if _ROW_ID.fullmatch(typed):
        return UUID(typed)
    named = global_ids.parse(typed)
    return named[1] if named and named[0] == "PortalUser" else None
