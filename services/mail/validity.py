"""The check whether a queued mail may still be sent: before a worker sends it, and before a dead letter is retried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from models.links.table import LinkRow
from models.mail import recipient_lookup
from models.mail.table import MailRow
from rules.mail import validity
from rules.mail.kinds import MAIL_KINDS, PURPOSES
from rules.mail.validity import MailFacts, StaffFacts, UserFacts
from rules.refusals import Refusal

LINK_DEAD = "link-dead"


async def problems(mails: Sequence[MailRow], links: Mapping[UUID, LinkRow], at: datetime) -> dict[UUID, str]:
    """Return why mails must not be sent any more: a short code for each mail id.

    Mails that can be sent are left out. `links` has the mails' links by id. The number of SQL statements does not
    depend on the number of mails.
    """
    found = {mail.id: LINK_DEAD for mail in mails if not _has_active_link(mail, links, at)}
    left = [mail for mail in mails if mail.id not in found and MAIL_KINDS[mail.kind].still_holds]
    accounts = await _accounts(left, at)
    for mail in left:
        account = accounts.get(mail.user_id or mail.staff_id)
        if account is None:
            found[mail.id] = "account-gone"
            continue
        try:
            validity.check_conditions(mail.kind, MailFacts(mail.recipient, mail.deadline, account, at))
        except Refusal as refusal:
            found[mail.id] = f"outdated {refusal.code.lower().replace('_', '-')}"
    return found


def _has_active_link(mail: MailRow, links: Mapping[UUID, LinkRow], at: datetime) -> bool:
    if mail.kind not in PURPOSES:
        return True
    link = links.get(mail.link_id) if mail.link_id else None
    return link is not None and link.lives_at(at)


async def _accounts(mails: Sequence[MailRow], at: datetime) -> dict[UUID | None, UserFacts | StaffFacts]:
    user_ids = {mail.user_id for mail in mails if mail.user_id}
    staff_ids = {mail.staff_id for mail in mails if mail.staff_id}
    found: dict[UUID | None, UserFacts | StaffFacts] = {}
    if staff_ids:
        members = await recipient_lookup.staff(staff_ids)
        found |= {
            staff_id: StaffFacts(member.is_active, member.email, member.has_password)
            for staff_id, member in members.items()
        }
    users = await recipient_lookup.users(user_ids) if user_ids else {}
    if users:
        portals = await recipient_lookup.portals({user.portal_id for user, _ in users.values()})
        found |= {
            user_id: UserFacts(
                user,
                portals[user.portal_id].state_at(at),
                idle.idle_since,
                idle.idle_warned_at,
                portals[user.portal_id].row.idle_suspend_days,
            )
            for user_id, (user, idle) in users.items()
        }
    return found
