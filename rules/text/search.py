"""Parse a typed search for users or portals (T14), and build the text in which a search looks."""

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
    """A parsed search for users.

    A user matches in one of three cases: the user's search text contains all `words`, the user has one of the `logins`,
    or the user has the `id`. If `logins` is set, the other two fields are empty. A search without any field set matches
    every user.
    """

    words: tuple[str, ...] = ()
    logins: tuple[str, ...] = ()
    id: UUID | None = None


def words(text: str | None) -> tuple[str, ...]:
    """Return the words of the text as sort keys, without duplicates, at most MOST_WORDS.

    A blank text or None has no words, and a search without words matches everything. A text that consists only of
    commas, semicolons and spaces is one word.
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

    A list of two or more e-mail addresses, as copied from a mail's header, becomes `logins`. A row id, or the global id
    of a user, becomes `id` and is also the only word. Any other text becomes `words`.
    """
    typed = strip_invisible(text or "")
    addresses = _ADDRESS.findall(typed)
    if len(addresses) > 1 and _is_list(typed, addresses):
        return UserSearch(logins=tuple(dict.fromkeys(login_key(address) for address in addresses)))
    return UserSearch(words=words(typed), id=_user_id(typed))


def search_text(
    first_name: str | None, last_name: str | None, username: str, email: str | None, pending_email: str | None = None
) -> str:
    """Return the text in which a search looks: the sort keys of the fields, one on each line.

    A word of a search contains no line break, so a word cannot match across two fields.
    """
    full_name = " ".join(filter(None, (first_name, last_name)))
    fields = dict.fromkeys(filter(None, (full_name, username, email, pending_email)))
    return "\n".join(single_spaced(sort_key(field)) for field in fields)


def _is_list(typed: str, addresses: list[str]) -> bool:
    """Return whether the text is a list of e-mail addresses.

    A list has only addresses and separators, or has the form `name <address>` for each address.
    """
    beside = _ADDRESS.sub("", typed)
    return not _WORD.search(beside) or beside.count("<>") == len(addresses)


def _user_id(typed: str) -> UUID | None:
    if _ROW_ID.fullmatch(typed):
        return UUID(typed)
    named = global_ids.parse(typed)
    return named[1] if named and named[0] == "PortalUser" else None
