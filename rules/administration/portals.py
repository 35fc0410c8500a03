"""Portals: the checks of their values, and the conditions of a deletion."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from rules import user_fields
from rules.administration import tags
from rules.messages.administration import PortalMessage
from rules.messages.edits import FieldMessage
from rules.messages.policies import PolicyMessage
from rules.refusals import Faults, Refusal
from rules.text.folding import slug_key

MOST_PORTALS = 10_000
"""The maximum number of portals of an MSSP."""

MOST_USERS_ERASED = 10_000
"""A portal with more users than this cannot be deleted.

One transaction erases all users of the portal, and other transactions wait for the locks of this transaction.
"""

LONGEST_URL = 2_000
SLUG = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
INPUT_FIELDS = {
    "slug": "slug",
    "name": "name",
    "is_active": "isActive",
    "in_production": "inProduction",
    "start_page_url": "startPageUrl",
    "support_contact": "supportContact",
    "tags": "tags",
}
"""The input field of each value of a portal, by column. Tags are stored in a table of their own."""


def validate(given: Mapping[str, Any]) -> dict[str, Any]:
    """Check the values of a portal, and return them in the form that is stored.

    `given` maps some or all columns of INPUT_FIELDS to values. If a start page, a support contact
    or a list of tags is empty or None, the stored one is removed. Raise Refusal(INVALID_INPUT) with all faults.
    """
    stored: dict[str, Any] = {}
    with Faults() as faults:
        for column, value in given.items():
            with faults.collect():
                stored[column] = _CHECKS[column](value, INPUT_FIELDS[column])
    return stored


def check_portal_count(portals: int) -> None:
    """Raise Refusal(INVALID_INPUT) if an MSSP with this number of portals can have no more."""
    if portals >= MOST_PORTALS:
        raise Refusal(PortalMessage.TOO_MANY_PORTALS, maximum=MOST_PORTALS)


def slug_taken(slug: str) -> Refusal:
    """Return Refusal(INVALID_INPUT), for a slug that a portal of any MSSP has already."""
    return Refusal(PortalMessage.SLUG_TAKEN, path=("slug",), slug=slug)


def check_users_erased(users: int) -> None:
    """Raise Refusal(TOO_MANY_USERS) if the portal has too many users (MOST_USERS_ERASED) to be deleted at once."""
    if users > MOST_USERS_ERASED:
        raise Refusal(PortalMessage.USERS_TO_ERASE, path=("id",), users=users, maximum=MOST_USERS_ERASED)


def check_confirmation(slug: str, users: int, confirmed: str | None) -> None:
    """Raise Refusal(CONFIRMATION_REQUIRED) if the caller has not typed the portal's slug to confirm its deletion.

    `confirmed` is the typed text. `users` is the number of users that the deletion erases.
    """
    if slug_key(confirmed) != slug:
        raise Refusal(PortalMessage.CONFIRM_SLUG, path=("confirmSlug",), users=users)


def _slug(value: str, field: str) -> str:
    slug = slug_key(value) or ""
    if not SLUG.fullmatch(slug):
        raise Refusal(PortalMessage.SLUG_FORM, path=(field,))
    return slug


def _name(value: str | None, field: str) -> str:
    return user_fields.validate_name(value or "", field)


def _flag(value: bool | None, field: str) -> bool:  # a value that the client sent
    if value is None:
        raise Refusal(PolicyMessage.NULL_NOT_ALLOWED, path=(field,), field=field)
    return value


def _contact(value: str | None, field: str) -> str | None:
    return user_fields.validate_name(value or "", field) if user_fields.normalize_text(value) else None


def _url(value: str | None, field: str) -> str | None:
    text = user_fields.normalize_text(value)
    if not text:
        return None
    if len(text) > LONGEST_URL:
        raise Refusal(FieldMessage.TOO_LONG, path=(field,), field=field, maximum=LONGEST_URL)
    if not _is_web_address(text):
        raise Refusal(PortalMessage.NO_WEB_ADDRESS, path=(field,), field=field)
    return text


def _is_web_address(text: str) -> bool:
    if not text.isprintable() or any(c.isspace() or c in '\\<>"' for c in text):
        return False
    try:
        parts = urlsplit(text)
        return (
            parts.scheme in ("https", "http") and bool(parts.hostname) and "@" not in parts.netloc and parts.port != 0
        )
    except ValueError:
        return False


def _tags(value: list[str] | None, field: str) -> list[tags.Tag]:
    return tags.validate(value or [], field)


_CHECKS: Mapping[str, Callable[[Any, str], Any]] = {
    "slug": _slug,
    "name": _name,
    "is_active": _flag,
    "in_production": _flag,
    "start_page_url": _url,
    "support_contact": _contact,
    "tags": _tags,
}
