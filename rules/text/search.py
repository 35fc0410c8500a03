"""Parse a search for users or portals that a person typed (T14), and build the text that is searched."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

from rules import global_ids
from rules.text.characters import single_spaced, strip_invisible
from rules.text.folding import login_key, sort_key

MOST_WORDS = 12
"""The maximum number of words of a search. If the text has more words, the last word of the search is the whole rest."""

_WORD = re.compile(r"[^\s,;]+")
_ADDRESS = re.compile(r"[^\s,;<>\"()]+@[^\s,;<>\"()]+")
_ROW_ID = re.compile(r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}")


@dataclass(frozen=True, slots=True)
class UserSearch:
    """A parsed search for users. A user matches in each of these cases:

    - The user's search text contains all `words`.
    - The user has the `id`.
    - The user has one of the `logins`. If there are logins, there are no words and no id.

    A search without words, id and logins matches every user.
    """

    words: tuple[str, ...] = ()
    logins: tuple[str, ...] = ()
    id: UUID | None = None


def words(text: str | None) -> tuple[str, ...]:
    """Split a search text into words, as sort keys and without repeated words. Return no words for a blank text.

    - White space, commas and semicolons separate words. A text of nothing but separators, for instance `;`, is one word.
    - At most MOST_WORDS words are returned. The last of them is then the whole rest of the text.
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
