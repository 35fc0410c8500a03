"""What may be written into a user's fields."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Protocol
from uuid import UUID

from rules import email_addresses
from rules.refusals import Code, Refusal
from rules.text import login_key

LONGEST = {"first_name": 100, "last_name": 100, "username": 150, "email": email_addresses.LONGEST}
REQUIRED = {"FIRST_NAME": "first_name", "LAST_NAME": "last_name", "EMAIL": "email", "USERNAME": "username"}


_TURNS_TEXT = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""What is written after them reads backwards, beyond the name's end too: other people's lists would lie."""

_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0")
"""Letters by name that show nothing."""


class Named(Protocol):
    """What somebody signs in with."""

    @property
    def username(self) -> str: ...
    @property
    def email(self) -> str | None: ...


def check_who(actor_id: UUID, user_id: UUID, given: Mapping[str, str | None], names: Mapping[str, str]) -> None:
    """Oneself: names only. The address and the username are what one signs in with; they have ways of their own."""
    if actor_id != user_id:
        return
    for name in ("username", "email"):
        if name in given:
            raise Refusal(
                Code.NOT_ALLOWED,
                f"Nobody changes their own {names[name]} here, only first and last name. Ask another admin.",
                path=(name,),
            )


def bare(text: str | None) -> str:
    """The text without white space around it; empty where a reader would see nothing."""
    value = unicodedata.normalize("NFC", text).strip() if text is not None else ""
    return value if any(map(_shows, value)) else ""


def cleaned(
    given: Mapping[str, str | None], names: Mapping[str, str], required_fields: Sequence[str]
) -> dict[str, str | None]:
    """The given fields, without white space around them, empty as None; Refusal for what cannot be stored."""
    required = {REQUIRED[name] for name in required_fields} | {"username"}
    wanted: dict[str, str | None] = {}
    for name, text in given.items():
        value = bare(text)
        if not value and name in required:
            raise Refusal(
                Code.REQUIRED_FIELD_MISSING, f"{names[name]} cannot be empty in this portal.", path=(names[name],)
            )
        if len(value) > LONGEST[name]:
            raise Refusal(
                Code.INVALID_INPUT, f"{names[name]} takes at most {LONGEST[name]} characters.", path=(names[name],)
            )
        if any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in value):
            raise Refusal(
                Code.INVALID_INPUT, f"{names[name]} holds a line break or control character.", path=(names[name],)
            )
        if name in ("first_name", "last_name") and not _TURNS_TEXT.isdisjoint(value):
            raise Refusal(
                Code.INVALID_INPUT,
                f"{names[name]} holds a character that turns the direction of text.",
                path=(names[name],),
            )
        if name == "username" and not all(map(_shows, value)):
            raise Refusal(Code.INVALID_INPUT, f"{names[name]} holds a character that nobody sees.", path=(names[name],))
        wanted[name] = value or None
    return wanted


def _shows(character: str) -> bool:
    """Whether a reader sees it, or sees that it is there; joiners within a name do their work unseen."""
    return unicodedata.category(character) != "Cf" and character not in _BLANK_LETTERS


def with_email(user: Named, address: str) -> dict[str, str]:
    """The columns that change with the user's address: the username too where it was the old one, which may become
    somebody else's. Nobody else may sign in with the new one."""
    follows = user.email not in (None, address) and login_key(user.username) == login_key(user.email or "")
    return {"email": address, **({"username": address} if follows else {})}


def lacking(user: object, required_fields: Sequence[str]) -> list[str]:
    """Which of the required fields the user has not, in the policy's order."""
    return [field for field in required_fields if not getattr(user, REQUIRED[field])]
