"""Data for the page behind a mailed link that resets a password or verifies an e-mail address."""

from __future__ import annotations

from datetime import datetime

import strawberry

from models.auth import unscoped
from models.links.table import LinkRow
from resolvers.core.context import Info
from resolvers.shared_descriptions import EXPIRES_AT
from resolvers.types.accounts.password_requirements import PasswordRequirements
from rules.auth.link_purposes import LinkKind, Purpose
from services.auth import accounts
from services.auth.accounts import Account, PortalAccount
from services.links import find
from services.passwords import password_reset
from services.users import email_change


@strawberry.type(description="What the page behind a mailed link shows. Contains no personal data.")
class LinkPreview:
    kind: LinkKind = strawberry.field(description="What the link is for.")
    portal_name: str | None = strawberry.field(description="The portal's display name. Null for MSSP staff.")
    portal_slug: str | None = strawberry.field(
        description="The portal's `slug`, for signing in. Null for MSSP staff, who sign in without one."
    )
    is_valid: bool = strawberry.field(
        description="Whether the link can be used now. False if it is used, replaced or expired, if the change of address"
        " was cancelled, or if the account may not set a password now."
    )
    expires_at: datetime = strawberry.field(description=EXPIRES_AT)
    password_requirements: PasswordRequirements | None = strawberry.field(
        description="What the new password must satisfy. Null for links that set none."
    )


async def find_link_preview(info: Info, token: str) -> LinkPreview | None:
    """Return the preview of the link with the token. The link need not be active.

    Return None if no link of a kind in LinkKind has the token, or if the link's account is deleted.
    """
    for kind in LinkKind:
        if link := await find(Purpose(kind.value), token):
            account = await accounts.by_key(link.owner)
            return await _preview(info, kind, link, account) if account else None
    return None


async def _preview(info: Info, kind: LinkKind, link: LinkRow, account: Account) -> LinkPreview:
    portal, at = None, info.context.now()
    if isinstance(account, PortalAccount):
        portal = await unscoped.portal(account.user.portal_id)
    sets_password = kind is LinkKind.PASSWORD_RESET
    is_usable = (
        password_reset.may_set_password(account, portal, at)
        if sets_password
        else email_change.awaits_verification(link, account)
    )
    return LinkPreview(
        kind=kind,
        portal_name=portal.row.name if portal else None,
        portal_slug=portal.row.slug if portal else None,
        is_valid=link.lives_at(at) and is_usable,
        expires_at=link.expires_at,
        password_requirements=PasswordRequirements.of(account) if sets_password else None,
    )
