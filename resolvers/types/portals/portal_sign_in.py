"""Data for the sign-in page of a portal."""

from __future__ import annotations

import strawberry

from models.auth import unscoped
from models.portals.table import PortalRow
from resolvers.core.row_fields import shown, shows
from resolvers.shared_descriptions import START_PAGE, SUPPORT_CONTACT
from rules.text.folding import typed_key


@shows(PortalRow)
@strawberry.type(description="What the sign-in page of a portal shows. Every caller may see it.")
class PortalSignIn:
    name: str = strawberry.field(description="The portal's display name.")
    slug: str = strawberry.field(description="The portal's `slug`, as it is stored. Send it as `portalSlug`.")
    start_page_url: str | None = strawberry.field(description=START_PAGE)
    password_sign_in_enabled: bool = strawberry.field(
        description="Whether users sign in with a password. If false, signIn answers the blocker PASSWORD_SIGN_IN_OFF."
    )
    support_contact: str | None = strawberry.field(description=SUPPORT_CONTACT)


async def find_portal_sign_in(slug: str) -> PortalSignIn | None:
    """Return the data for the sign-in page of the portal with the slug, or None if no portal has the slug.

    Case and white space around the slug are ignored.
    """
    row = await unscoped.portal_by_slug(typed_key(slug))
    return shown(PortalSignIn, row) if row else None
