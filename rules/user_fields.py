"""Check and normalize the values of a user's fields before they are stored."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol
from uuid import UUID

from rules.messages.edits import EditMessage, FieldMessage
from rules.refusals import Faults, Refusal
from rules.text import characters, email_normalization
from rules.text.folding import login_key

LONGEST = {"first_name": 100, "last_name": 100, "username": 150, "email": email_normalization.LONGEST}
REQUIRED = {"FIRST_NAME": "first_name", "LAST_NAME": "last_name", "EMAIL": "email", "USERNAME": "username"}


LONGEST_NAME = 200
"""The maximum number of characters of the name of an MSSP, a portal, a staff member or a license package."""

_LONGEST_COMPOSED = 2_000
"""The maximum number of characters of a text that is converted to the form NFC.

Longer texts are refused unconverted. The conversion replaces at most four characters by one, so they would still be
longer than any field allows. The limit exists because the conversion of 80,000 combining marks takes five seconds.
"""

_TURNS_TEXT = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that reverse the direction of the text after them.

A name with such a character would also reverse the text that a page shows after the name.
"""


class HasLogins(Protocol):
    """A protocol for a user's row: the columns with which a user can sign in."""

    @property
    def username(self) -> str: ...
    @property
    def email(self) -> str | None: ...


OWN_LOGIN = ("username", "email")
"""The columns with which a user signs in. Admins cannot change these columns of their own account."""


def own_login_faults(
    actor_id: UUID, user_id: UUID, given: Iterable[str], names: Mapping[str, str]
) -> Sequence[Refusal]:
    """Return one Refusal(NOT_ALLOWED) for each column of OWN_LOGIN that an actor tries to change in the own account.

    `given` are the columns to change, and `names` maps columns to input fields. If `user_id` is not `actor_id`, the
    result is empty.
    """
    own = [name for name in given if name in OWN_LOGIN] if actor_id == user_id else []
    return [Refusal(EditMessage.OWN_LOGIN, path=(names[name],), field=names[name]) for name in own]


def normalize_text(text: str | None) -> str:
    """Return the text in Unicode's form NFC, without white space and invisible characters at its ends.

    Return an empty text for None.
    """
    return characters.strip_invisible(_composed(characters.strip_invisible(text))) if text is not None else ""


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text) if len(text) <= _LONGEST_COMPOSED else text


def validate_name(text: str, field: str, longest: int = LONGEST_NAME) -> str:
    """Check a name, and return it in the form that is stored (`normalize_text`).

    Raise Refusal(INVALID_INPUT) for the input field `field` in each of these cases:

    - The name is empty, or longer than `longest` characters.
    - The name contains a line break or another control character.
    - The name contains a character that reverses the direction of text.
    """
    value = normalize_text(text)
    if not value:
        raise Refusal(FieldMessage.EMPTY, path=(field,), field=field)
    return _one_way(_storable(value, field, longest), field)


def validate_fields(
    given: Mapping[str, str | None], names: Mapping[str, str], required_fields: Sequence[str]
) -> dict[str, str | None]:
    """Check new values of a user's fields, and return them keyed by column in the form that is stored.

    - `given`: the new values by column. An empty value becomes None.
    - `names`: the input field of each column, for the refusal's path.
    - `required_fields`: keys of REQUIRED. The username is always required.

    Raise Refusal with all faults, which have these codes:

    - REQUIRED_FIELD_MISSING: the value of a required field is empty.
    - INVALID_INPUT: a value is too long, or contains a character that is not allowed.
    """
    required = {REQUIRED[name] for name in required_fields} | {"username"}
    wanted: dict[str, str | None] = {}
    with Faults() as faults:
        for name, text in given.items():
            with faults.collect():
                wanted[name] = _validate_field(name, text, names[name], is_required=name in required)
    return wanted


def _validate_field(name: str, text: str | None, field: str, *, is_required: bool) -> str | None:
    value = normalize_text(text)
    if value and name in ("username", "email"):
        value = characters.strip_white_space(_composed(characters.strip_white_space(text or "")))
    if not value and is_required:
        raise Refusal(FieldMessage.NOT_EMPTY_HERE, path=(field,), field=field)
    if name == "username" and (characters.is_invisible_in(value) or _has(value, "Cf")):
        raise Refusal(FieldMessage.INVISIBLE_CHARACTER, path=(field,), field=field)
    value = _storable(value, field, LONGEST[name])
    return (value if name == "email" else _one_way(value, field)) or None


def _storable(value: str, field: str, longest: int) -> str:
    if len(value) > longest:
        raise Refusal(FieldMessage.TOO_LONG, path=(field,), field=field, maximum=longest)
    if _has(value, "Cc", "Cs", "Zl", "Zp"):
        raise Refusal(FieldMessage.CONTROL_CHARACTER, path=(field,), field=field)
    return value


def _one_way(value: str, field: str) -> str:
    if not _TURNS_TEXT.isdisjoint(value):
        raise Refusal(FieldMessage.TEXT_DIRECTION, path=(field,), field=field)
    return value


def _has(text: str, *categories: str) -> bool:
    return any(unicodedata.category(c) in categories for c in text)


def with_email(user: HasLogins, address: str) -> dict[str, str]:
    """Return the columns that change if `address` becomes the user's e-mail address.

    If the username is the old address, the username changes too. `address` must not be a login of another user of the
    portal.
    """
    follows = user.email not in (None, address) and login_key(user.username) == login_key(user.email or "")
    return {"email": address, **({"username": address} if follows else {})}


def missing_fields(user: object, required_fields: Sequence[str]) -> list[str]:
    """Return the fields of `required_fields` that the user has no value for, in the order of `required_fields`."""
    return [field for field in required_fields if not getattr(user, REQUIRED[field])]
