"""How the users of an operation were selected: the stored description, and its text for admins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.bulk.targets.selection import ByPreview, Invitees, Matching, Selection

NEW_USERS = "newUsers"
"""The value of `by` in the description of a selection of invitees."""


def describe(selection: Selection, portal_slug: str | None) -> dict[str, Any]:
    """Describe a selection as a JSON object, which is stored with the operation.

    The object contains no personal data: no ids, names, addresses or searched texts. The text of a search can contain a
    name, so it is stored in another column and can be deleted (K32). `portal_slug` is the slug of the portal that the
    selection names, or None.
    """
    if isinstance(selection, Invitees):
        return {"by": NEW_USERS, "portal": portal_slug}
    if not isinstance(selection, Matching):
        return {"by": "previewId" if isinstance(selection, ByPreview) else "ids"}
    which = selection.which
    return {
        "by": "matching",
        "portal": portal_slug,
        "category": which.category,
        "is_searched": bool(which.search),
        "filters": [_camel(name) for name, value in which.filter._asdict().items() if value is not None],
        "excluded": len(selection.exclude),
    }


def names_portal(selection: Selection) -> bool:
    """Return whether the selection names a portal. All selected users are then in that portal."""
    if isinstance(selection, Matching):
        return selection.which.portal_id is not None or selection.portal_slug is not None
    return isinstance(selection, Invitees)


def names_more(description: Mapping[str, Any], search: str | None) -> bool:
    """Return whether `in_words(description, search, …)` names a portal or a searched text, if `in_reach` is true."""
    return bool(description.get("portal") or search)


def in_words(description: Mapping[str, Any], search: str | None, count: int, *, in_reach: bool = True) -> str:
    """Return the description of an operation's selection as English text: "all 240 of acme that match 'meier'".

    - `description`: the stored description, as `describe` returned it.
    - `search`: the searched text. None if there was none, or if it was deleted.
    - `count`: the number of selected users.
    - `in_reach`: whether the reader manages at least one of the users. If not, the text names no portal and no search.
    """
    search = search if in_reach else None
    of_portal = f" of {description['portal']}" if in_reach and description.get("portal") else ""
    if description.get("by") == NEW_USERS:
        return f"{count:,} {'invitee' if count == 1 else 'invitees'}{of_portal}"
    if description.get("by") != "matching":
        return f"{count:,} by id"
    return _all(description, f"all {count:,}{of_portal}", search)


def matching_in_words(description: Mapping[str, Any], count: int | None) -> str:
    """Describe a selection by filter as English text, such as "all 240 of acme that match a search".

    `count` is the number of matching users, or None if the number is not known.
    """
    of_portal = f" of {description['portal']}" if description.get("portal") else ""
    return _all(description, ("all" if count is None else f"all {count:,}") + of_portal, None)


def _all(description: Mapping[str, Any], begin: str, search: str | None) -> str:
    parts = [begin]
    if description["category"]:
        parts.append(f"in category {description['category']}")
    if description["is_searched"]:
        parts.append("that match " + (f"'{search}'" if search else "a search"))
    if description["filters"]:
        parts.append(f"filtered by {', '.join(description['filters'])}")
    if description["excluded"]:
        parts.append(f"without {description['excluded']:,} excluded")
    return " ".join(parts)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
