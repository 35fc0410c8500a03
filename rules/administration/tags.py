"""Tags of portals. Tags that differ only in case or accents are the same tag."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rules import user_fields
from rules.messages.edits import FieldMessage
from rules.refusals import Faults, Refusal
from rules.text.folding import sort_key

MOST_TAGS = 100
"""The maximum number of tags of a portal, and of tags by which portals are assigned to a technician."""

LONGEST_TAG = 50


class Tag(NamedTuple):
    """A tag as it is shown, and its key: the folded text, by which tags are compared."""

    text: str
    key: str


def validate(texts: Sequence[str], field: str = "tags") -> list[Tag]:
    """Check tags, and return them in the form that is stored, sorted by key. Of tags with the same key, keep the first.

    Raise Refusal(INVALID_INPUT) for the input field `field` in each of these cases:

    - There are more than MOST_TAGS tags.
    - A tag is empty, or longer than LONGEST_TAG characters.
    - A tag contains a character that cannot be stored.
    """
    if len(texts) > MOST_TAGS:
        raise Refusal(FieldMessage.TOO_MANY_TAGS, path=(field,), field=field, maximum=MOST_TAGS)
    found: dict[str, Tag] = {}
    with Faults() as faults:
        for place, text in enumerate(texts):
            with faults.collect():
                tag = _validate(text, (field, str(place)))
                found.setdefault(tag.key, tag)
    return sorted(found.values(), key=lambda tag: tag.key)


def keys(texts: Iterable[str]) -> list[str]:
    """Return the folded form of each tag in a filter, by which tags are compared. The tags are not validated."""
    return [sort_key(user_fields.normalize_text(text)) for text in texts]


def _validate(text: str, path: tuple[str, ...]) -> Tag:
    try:
        stored = user_fields.validate_name(text, "tag", LONGEST_TAG)
    except Refusal as refusal:
        refusal.path = path
        raise
    return Tag(stored, sort_key(stored))
