"""Find as you type (T14): what a search looks into, and what it looks for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

from rules import global_ids
from rules.text.characters import single_spaced, stripped
from rules.text.folding import login_key, sort_key

MOST_WORDS = 12
"""That are looked for one by one, in any order; what follows them is looked for as one phrase."""

_WORD = re.compile(r"[^\s,;]+")
_ADDRESS = re.compile(r"[^\s,;<>\"()]+@[^\s,;<>\"()]+")
_ROW_ID = re.compile(r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}")


@dataclass(frozen=True, slots=True)
class Search:
    """What must be met: all `words`, or any of the `logins`, or the `id` beside the words. All empty: everything."""

    words: tuple[str, ...] = ()
    logins: tuple[str, ...] = ()
    id: UUID | None = None


def words(text: str | None) -> tuple[str, ...]:
    """Return the folded words of the text, at most MOST_WORDS, each once; empty finds everything."""
    folded = single_spaced(sort_key(text or ""))
    found = list(_WORD.finditer(folded))
    if not found:
        return (folded,) if folded else ()
    each = [match.group() for match in found[: MOST_WORDS - 1]]
    rest = [folded[found[MOST_WORDS - 1].start() :]] if len(found) >= MOST_WORDS else []
    return tuple(dict.fromkeys([*each, *rest]))


def of_users(text: str | None) -> Search:
    """Return what a search for users means.

    Two addresses or more and nothing else, such as are copied from a mail's head, mean these people. A row's id or a
    user's global id means that user. Else every word must be found somewhere.
    """
    typed = stripped(text or "")
    addresses = _ADDRESS.findall(typed)
    if len(addresses) > 1 and _is_list(typed, addresses):
        return Search(logins=tuple(dict.fromkeys(login_key(address) for address in addresses)))
    return Search(words=words(typed), id=_user_id(typed))


def haystack(
    first_name: str | None, last_name: str | None, username: str, email: str | None, pending_email: str | None = None
) -> str:
    """Return everything that a search looks into, folded, one field a line, so that no word spans two fields."""
    full_name = " ".join(filter(None, (first_name, last_name)))
    fields = dict.fromkeys(filter(None, (full_name, username, email, pending_email)))
    return "\n".join(single_spaced(sort_key(field)) for field in fields)


def _is_list(typed: str, addresses: list[str]) -> bool:
    """Whether there is nothing beside the addresses but separators, or a name in front of each `<address>`."""
    beside = _ADDRESS.sub("", typed)
    return not _WORD.search(beside) or beside.count("<>") == len(addresses)


def _user_id(typed: str) -> UUID | None:
    if _ROW_ID.fullmatch(typed):
        return UUID(typed)
    named = global_ids.parse(typed)
    return named[1] if named and named[0] == "PortalUser" else None
