"""What the page behind an invitation's link shows."""

from __future__ import annotations

from datetime import datetime

import strawberry

from models import links
from models.auth import unscoped
from resolvers.core.context import Info
from resolvers.enums.users import UserField
from rules.auth.link_purposes import Purpose
from rules.lifecycle.edits import lacking
from rules.lifecycle.invitations import InvitationState, Step, state, step
from services.links import token_hash
from services.passwords.new_password import chooser


@strawberry.type(description="What the page that an invitation's link opens has to know; nothing about the person.")
class InvitationPreview:
    portal_name: str = strawberry.field(description="The portal's name for people.")
    portal_slug: str = strawberry.field(description="The portal's short name, for signing in.")
    start_page_url: str | None = strawberry.field(description="Where to go after signing in. Null: not set.")
    state: InvitationState = strawberry.field(description="Whether the link is good: only when PENDING.")
    next_step: Step = strawberry.field(
        description="What to ask for while `state` is PENDING; SIGN_IN once it is ACCEPTED; else of no use."
    )
    expires_at: datetime = strawberry.field(description="The link is refused from this moment on.")
    password_min_length: int = strawberry.field(description="The least number of characters of the password to choose.")
    missing_fields: list[UserField] = strawberry.field(
        description="What the portal requires of a user and nobody has given yet: ask for it, too. Empty: nothing."
    )


async def preview(info: Info, token: str) -> InvitationPreview | None:
    """For whoever holds the link; None for a token that never was, or whose user is gone."""
    link = await links.by_hash(token_hash(token))
    if link is None or link.purpose is not Purpose.INVITATION or link.user_id is None:
        return None
    holder = await unscoped.link_owner(link.user_id)
    newest = (await links.newest(Purpose.INVITATION, [link.user_id])).get(link.user_id)
    if holder is None or newest is None:
        return None
    return InvitationPreview(
        portal_name=holder.portal.name,
        portal_slug=holder.portal.slug,
        start_page_url=holder.portal.start_page_url,
        state=state(link, info.context.now(), is_newest=newest.id == link.id),
        next_step=step(link),
        expires_at=link.expires_at,
        password_min_length=chooser(holder.user, holder.portal).shortest,
        missing_fields=[UserField(name) for name in lacking(holder.user, holder.portal.required_user_fields)],
    )
