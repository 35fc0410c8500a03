"""The choice of a portal by its id or its slug, in arguments and inputs."""

from __future__ import annotations

from uuid import UUID

from resolvers.core.global_ids import NO_ROW_ID, id_of
from rules.refusals import Code, Refusal
from rules.text.folding import slug_key

SLUG_DESCRIPTION = "The portal's `slug`, in place of `portalId`; upper and lower case are equal."


def chosen_portal(
    portal_id: str | None, portal_slug: str | None, path: tuple[str, ...] | None = None
) -> tuple[UUID | None, str | None]:
    """Return the row id in the global id `portal_id`, or None, and the normalized slug, or None.

    At most one of the two is given; an empty text counts as not given. A malformed id becomes NO_ROW_ID. If both are
    given, raise Refusal(INVALID_INPUT) if they are fields of the input object at `path`, or Refusal(BAD_USER_INPUT) if
    they are arguments (`path` is None).
    """
    slug = slug_key(portal_slug)
    if portal_id and slug:
        message = "Give portalId or portalSlug, not both."
        if path is None:
            raise Refusal(Code.BAD_USER_INPUT, message)
        raise Refusal(Code.INVALID_INPUT, message, path=(*path, "portalSlug"))
    return (id_of("Portal", portal_id) or NO_ROW_ID if portal_id else None), slug
