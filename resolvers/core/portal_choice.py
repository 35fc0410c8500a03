"""The choice of a portal by its id or its slug, in arguments and inputs."""

from __future__ import annotations

from uuid import UUID

from resolvers.core.global_ids import NO_ROW_ID, id_of
from resolvers.shared_descriptions import TYPED_SLUG
from rules.messages.bulk import BulkMessage
from rules.refusals import Code, Refusal
from rules.text.folding import slug_key

SLUG_DESCRIPTION = (
    f"The portal's `slug`, in place of `portalId`: both together are refused with INVALID_INPUT. {TYPED_SLUG}"
)


def row_id_and_slug(portal_id: str | None, portal_slug: str | None) -> tuple[UUID | None, str | None]:
    """Return the row id and the normalized slug of a portal. A value that is not given is None.

    An empty text counts as not given. A malformed id becomes NO_ROW_ID.
    """
    return (id_of("Portal", portal_id) or NO_ROW_ID if portal_id else None), slug_key(portal_slug)


def checked_id_and_slug(portal_id: str | None, portal_slug: str | None) -> tuple[UUID | None, str | None]:
    """Return the row id and the normalized slug of a portal. A value that is not given is None.

    Raise Refusal(BAD_USER_INPUT) if both are given.
    """
    portal, slug = row_id_and_slug(portal_id, portal_slug)
    if portal and slug:
        raise Refusal(Code.BAD_USER_INPUT, BulkMessage.TWO_PORTALS.text)
    return portal, slug
