"""Data for the page behind an invitation's link."""

from __future__ import annotations

from datetime import datetime

import strawberry

from models.auth import unscoped
from models.links import lookup as link_lookup
from models.links.table import LinkRow
from resolvers.core.context import Info
from resolvers.enums.users import UserField
from resolvers.shared_descriptions import EXPIRES_AT, START_PAGE
from resolvers.types.accounts.password_requirements import PasswordRequirements
from rules.accounts import AccountKind
from rules.auth.link_purposes import Purpose
from rules.lifecycle.invitations import InvitationState, Step, state, step
from rules.text.masking import mask
from rules.user_fields import missing_fields
from services.auth import accounts
from services.auth.accounts import StaffAccount
from services.auth.new_password import password_context
from services.links import find


@strawberry.type(
    description="What the page behind an invitation's link shows. Contains no personal data but a masked e-mail address."
)
class InvitationPreview:
    portal_name: str = strawberry.field(description="The portal's display name. For MSSP staff, the MSSP's name.")
    portal_slug: str = strawberry.field(
        description="The portal's `slug`, for signing in. Empty for MSSP staff, who sign in without one."
    )
    start_page_url: str | None = strawberry.field(description=START_PAGE)
    state: InvitationState = strawberry.field(
        description="The invitation's state. The link is valid only if it is PENDING."
    )
    next_step: Step = strawberry.field(
        description="What to ask for if `state` is PENDING; SIGN_IN if it is ACCEPTED. In other states, do not use it."
    )
    expires_at: datetime = strawberry.field(description=EXPIRES_AT)
    password_requirements: PasswordRequirements = strawberry.field(description="What the password must satisfy.")
    login: str | None = strawberry.field(
        description="The e-mail address on file, partly hidden, for instance `a•••@acme.test`: the invitee signs in with"
        " it, unless the invitee registers another address. Null if there is none, and unless `state` is PENDING."
    )
    missing_fields: list[UserField] = strawberry.field(
        description="Fields that the portal requires and the user lacks, to ask for beside the password. FIRST_NAME and LAST_NAME"
        " are fields of the input of acceptInvitation and completeRegistration. Any other field can be set by an admin only, and"
        " the invitation cannot be accepted before. EMAIL is not in the list if `nextStep` is REGISTER, because registering"
        " gives the user an address."
    )
    may_register_other_address: bool = strawberry.field(
        description="Whether the invitee may choose an e-mail address and register it with startRegistration. It replaces the"
        " address that `login` shows; if `login` is null, it becomes the user's first address. If false while `state` is PENDING, an admin has confirmed the address, and acceptInvitation"
        " is the only way. False in all other states."
    )


async def find_invitation_preview(info: Info, token: str) -> InvitationPreview | None:
    """Return the preview of the invitation with the token. The link need not be active.

    Return None if no invitation has the token, or if the invited user is deleted.
    """
    link = await find(Purpose.INVITATION, token)
    if link is None:
        return None
    if link.owner.kind is AccountKind.STAFF_MEMBER:
        return await _of_staff(info, link)
    holder = await unscoped.link_owner(link.owner.id)
    newest = await link_lookup.newest_of(Purpose.INVITATION, link.owner)
    if holder is None or newest is None:
        return None
    now_state = state(link, info.context.now(), is_newest=newest.id == link.id)
    is_pending, next_step = now_state is InvitationState.PENDING, step(link)
    lacks = missing_fields(holder.user, holder.portal.required_user_fields)
    # An earlier link may have been mailed to a wrong address, so its holder learns nothing about the present one.
    login = mask(holder.user.email) if is_pending and holder.user.email else None
    return InvitationPreview(
        portal_name=holder.portal.name,
        portal_slug=holder.portal.slug,
        start_page_url=holder.portal.start_page_url,
        state=now_state,
        next_step=next_step,
        expires_at=link.expires_at,
        password_requirements=PasswordRequirements(min_length=password_context(holder.user, holder.portal).shortest),
        login=login,
        missing_fields=[UserField(name) for name in lacks if (name, next_step) != ("EMAIL", Step.REGISTER)],
        may_register_other_address=is_pending and not link.is_trusted,
    )


async def _of_staff(info: Info, link: LinkRow) -> InvitationPreview | None:
    account = await accounts.by_key(link.owner)
    newest = await link_lookup.newest_of(Purpose.INVITATION, link.owner)
    if not isinstance(account, StaffAccount) or newest is None:
        return None
    now_state = state(link, info.context.now(), is_newest=newest.id == link.id)
    return InvitationPreview(
        portal_name=await unscoped.mssp_name(account.member.mssp_id),
        portal_slug="",
        start_page_url=None,
        state=now_state,
        next_step=step(link),
        expires_at=link.expires_at,
        password_requirements=PasswordRequirements.of(account),
        login=mask(account.member.email) if now_state is InvitationState.PENDING else None,
        missing_fields=[],
        may_register_other_address=False,
    )
