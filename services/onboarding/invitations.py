"""Invitations. The link of an invitation is mailed to the user, or returned to the inviter, who passes it on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from models.links import changes as link_changes
from models.links import lookup as link_lookup
from models.links.table import Delivery, LinkRow
from models.portals.lookup import LicensedPortal
from models.users import invitations
from models.users.table import UserRow
from rules.accounts import AccountKey, AccountKind
from rules.auth.link_purposes import Purpose
from rules.lifecycle.actions import Action
from rules.lifecycle.decision_types import InvitationTerms
from rules.lifecycle.decisions import check_seats, decision_for, transition
from rules.lifecycle.invitations import InvitationState, state
from rules.lifecycle.statuses import Status
from rules.mail import cooldown
from rules.mail.caps import FOR_STRANGERS
from rules.mail.kinds import MailKind, link_lifetime
from rules.refusals import Refusal
from services.lifecycle import effects, events
from services.lifecycle.effects import PlannedChange
from services.links import find, new_link_and_token, token_of
from services.mail import caps as mail_caps
from services.mail import link_mails
from services.mail.caps import Addressed
from services.onboarding import staff_acceptance
from services.runtime import Runtime


@dataclass(frozen=True, slots=True)
class InvitationOptions:
    """The options of a call that invites users."""

    delivery: Delivery = Delivery.EMAIL
    trust_stored_email: bool = False
    replace_previous_link: bool = False

    @property
    def terms(self) -> InvitationTerms:
        return InvitationTerms(
            by_mail=self.delivery is Delivery.EMAIL,
            trust_stored_email=self.trust_stored_email,
            adds_only=self.delivery is Delivery.NONE,
        )


@dataclass(frozen=True, slots=True)
class _Invited:
    user: UserRow
    link: LinkRow
    token: str
    is_new: bool


async def send(
    runtime: Runtime,
    decided: Sequence[PlannedChange],
    portals: Mapping[UUID, LicensedPortal],
    options: InvitationOptions,
    at: datetime,
    *,
    actor_id: UUID,
) -> dict[UUID, str]:
    """Write the decided invitations. Return the tokens of links that the inviter passes on, by user id.

    The dict is empty unless `options.delivery` is LINK. An active link of the user is used again, and keeps its expiry
    time (E11). If `options.replace_previous_link` is true, a new link replaces the active link (E10). Requires the
    portals and users to be locked.
    """
    by_mail = options.delivery is Delivery.EMAIL
    mailed = {"verification_mailed_at": at} if by_mail else {}
    await effects.write_changes(
        decided, portals, at, ends_sessions=False, extra_columns={d.user.id: mailed for d in decided}
    )
    newest = await link_lookup.newest(Purpose.INVITATION, [d.user.id for d in decided])
    invited = [_invited(runtime, d.user, newest.get(d.user.id), portals, options, at) for d in decided]
    new = [each for each in invited if each.is_new]
    if new:
        await link_changes.supersede(Purpose.INVITATION, [each.user.key for each in new], at)
        await link_changes.store([each.link for each in new])
    await invitations.renew([each.link for each in invited if not each.is_new])
    if by_mail:
        rows = [
            link_mails.mail_with_link(
                runtime,
                MailKind.INVITATION,
                each.user,
                each.user.email,
                each.link,
                at,
                actor_id=actor_id,
            )
            for each in invited
            if each.user.email
        ]
        await link_mails.enqueue_with_links(runtime, rows, at)
    return {each.user.id: each.token for each in invited if options.delivery is Delivery.LINK}


def _invited(
    runtime: Runtime,
    user: UserRow,
    newest: LinkRow | None,
    portals: Mapping[UUID, LicensedPortal],
    options: InvitationOptions,
    at: datetime,
) -> _Invited:
    living = newest if newest and newest.lives_at(at) and not options.replace_previous_link else None
    # There is no token if the key that made the link is not configured.
    if living and (token := token_of(runtime, living)):
        return _Invited(user, _reuse_link(living, options), token, is_new=False)
    # A link that the inviter passes on proves no address: the invitee must register unless the link is trusted (E7, E8).
    link, token = new_link_and_token(
        runtime,
        Purpose.INVITATION,
        user.key,
        at,
        link_lifetime(MailKind.INVITATION, portals[user.portal_id].row),
        address=user.email if options.delivery is Delivery.EMAIL else None,
        delivery=options.delivery,
        is_trusted=options.trust_stored_email,
    )
    return _Invited(user, link, token, is_new=True)


def _reuse_link(link: LinkRow, options: InvitationOptions) -> LinkRow:
    """Return the active link of an earlier invitation with the options of the new invitation.

    `is_trusted` can become true, but never false. A link that the inviter passes on loses its address, because it no
    longer proves that the user owns the address.
    """
    return link._replace(
        delivery=options.delivery,
        is_trusted=link.is_trusted or options.trust_stored_email,
        address=link.address if options.delivery is Delivery.EMAIL else None,
    )


async def renew(runtime: Runtime, token: str) -> None:
    """Mail a new invitation in place of an expired one. `token` is the token of the expired invitation.

    The mail goes to the stored address of the user or member of staff. A later transaction enqueues the mail, so that
    the response time does not reveal whether a mail is sent. No mail is sent in these cases:

    - The invitation has not expired, or is not the owner's newest invitation.
    - The user has no address or is in the cooldown, the portal is inactive, or no seat is free.
    - The member of staff is inactive or has accepted.
    - The mail cap allows no mail now.
    """
    if link := await find(Purpose.INVITATION, token):
        of_staff = link.owner.kind is AccountKind.STAFF_MEMBER
        runtime.transactions.run_later(
            partial(staff_acceptance.renew if of_staff else _renew, runtime, link.owner, link.id)
        )


async def _renew(runtime: Runtime, invitee: AccountKey, link_id: UUID) -> None:
    locked, user = await events.lock_user(runtime, invitee.id) or (None, None)
    newest = await link_lookup.newest_of(Purpose.INVITATION, invitee)
    if locked is None or user is None or newest is None or newest.id != link_id or user.email is None:
        return
    has_run_out = state(newest, locked.at, is_newest=True) is InvitationState.EXPIRED
    is_cool = cooldown.retry_at(user.verification_mailed_at, locked.at) is None
    if not (has_run_out and is_cool and locked.portal_state.is_active and user.status is Status.PROVISIONED):
        return
    mail = Addressed(MailKind.INVITATION, user.portal_id, user.email)
    if await mail_caps.allowed_at(mail, locked.at, FOR_STRANGERS):
        return
    decision = decision_for(user, locked.portal_state, transition(Action.RESEND_VERIFICATION, user))
    try:
        check_seats(locked.portal_state, decision)
    except Refusal:
        return  # the expired invitation has lost its seat, and no seat is free
    decided = [PlannedChange(user, decision)]
    await effects.apply_action(
        runtime, Action.RESEND_VERIFICATION, decided, {locked.portal.row.id: locked.portal}, locked.at, actor_id=None
    )
    await effects.record_changes(runtime, Action.RESEND_VERIFICATION, decided, locked.at, actor_id=user.id)
