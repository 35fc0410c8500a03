"""The choice of a portal by its id or its slug, in inputs."""

from __future__ import annotations

from uuid import UUID

from resolvers.core.global_ids import NO_ROW_ID, id_of
from rules.refusals import Code, Refusal

SLUG_DESCRIPTION = "The portal's `slug`, in place of `portalId`; upper and lower case are equal."


def chosen_portal(
    portal_id: str | None, portal_slug: str | None, path: tuple[str, ...]
) -> tuple[UUID | None, str | None]:
    """Return the row id and the slug of the portal that an input names. At most one of them is not None.

    An empty slug counts as absent. A malformed id becomes NO_ROW_ID. Raise Refusal(INVALID_INPUT) if both an id and a
    slug are given. `path` is the path of the input object.
    """
    slug = (portal_slug or "").strip() or None
    if portal_id is not None and slug is not None:
        raise Refusal(Code.INVALID_INPUT, "Give portalId or portalSlug, not both.", path=(*path, "portalSlug"))
    return (None if portal_id is None else id_of("Portal", portal_id) or NO_ROW_ID), slug
