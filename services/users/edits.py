"""Edit one user. Fields that the input leaves out do not change (K23)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from models import audit
from models.audit import AuditRow
from models.auth import actors, sessions
from models.links import changes as link_changes
from models.portals import lookup as portals
from models.portals.table import PortalRow
from models.users import changes as user_changes
from models.users import lookup as users
from models.users.table import UserRow
from rules import user_fields
from rules.access import Actor, access_ended
from rules.audit_events import AuditEventType
from rules.auth.link_purposes import Purpose
from rules.lifecycle.statuses import UNCONFIRMED
from rules.mail import cooldown
from rules.mail.caps import FOR_ADMINS
from rules.mail.kinds import MailKind
from rules.messages.edits import EditMessage
from rules.refusals import Faults, Refusal, raise_all
from rules.text.folding import login_key
from services import email_addresses
from services.lifecycle.pending_email import OF_A_CHANGE
from services.mail import caps as mail_caps
from services.mail import link_mails, notifications
from services.mail.caps import Addressed
from services.runtime import Runtime
from services.users.login_check import check_logins

GIVEN_NAME = {"first_name": "firstName", "last_name": "lastName", "username": "username", "email": "email"}


@dataclass(frozen=True, slots=True)
class EditResult:
    """The result of an edit: the edited user, or the unchanged user and the refusal.

    `user` is None if the user does not exist or the actor may not see the user.
    """

    user: UserRow | None
    refusal: Refusal | None = None


async def update_user(
    runtime: Runtime, actor: Actor, user_id: UUID | None, given: Mapping[str, str | None], version: int | None
) -> EditResult:
    """Change the given fields of one user, and return the user or a refusal.

    `given` holds the new values by field: first_name, last_name, username or email. None empties a field. `version` is
    the version that the caller has read. None skips the comparison.

    - The new e-mail of a confirmed user is stored in `pending_email` until it is verified (K24).
    - If the only field is the current e-mail, a pending change of the e-mail is cancelled.
    - A username that is the old address becomes the new address, unless `given` has a new username.
    - Actors can change their own names, but not their own username or e-mail. Sending the stored values is allowed.

    The refusal's code is one of NOT_FOUND, NOT_ALLOWED, VERSION_CONFLICT, INVALID_INPUT, REQUIRED_FIELD_MISSING,
    INVALID_EMAIL, EMAIL_TAKEN, USERNAME_TAKEN and RATE_LIMITED. Raise Refusal(UNAUTHENTICATED) if the actor's access
    has ended.
    """

    async def write() -> EditResult:
        edit = await lock_for_edit(runtime, actor, user_id)
        if edit is None:
            return EditResult(None, Refusal(EditMessage.NO_SUCH_USER, path=("id",)))
        try:
            changed = await edit.decide(given, version)
        except Refusal as refusal:
            return EditResult(edit.user, refusal)
        if changed:
            await edit.write(changed)
        return EditResult((await users.by_id(edit.actor, [edit.user.id]))[edit.user.id])

    return await runtime.transactions.run(write)


async def lock_for_edit(runtime: Runtime, actor: Actor, user_id: UUID | None) -> Edit | None:
    """Lock the user's portal, then the user, and return them in an Edit. Requires a transaction.

    Return None if the actor may not see the user. Raise Refusal(UNAUTHENTICATED) if the actor's access has ended.
    """
    at = runtime.now()
    seen = (await users.by_id(actor, [user_id])).get(user_id) if user_id else None
    if seen is None:
        return None
    await portals.lock([seen.portal_id])
    again = await actors.acting(actor.id, actor.session_id, at)
    if again is None:
        raise access_ended()
    user = (await users.lock_visible(again, [seen.id])).get(seen.id)
    portal = (await portals.by_id(again, [seen.portal_id])).get(seen.portal_id)
    return Edit(runtime, again, user, portal.row, at) if user and portal else None


@dataclass(frozen=True, slots=True)
class Edit:
    """A locked user, the user's portal, and the actor who edits the user."""

    runtime: Runtime
    actor: Actor
    user: UserRow
    portal: PortalRow
    at: datetime

    async def decide(self, given: Mapping[str, str | None], version: int | None) -> dict[str, Any]:
        """Return the new values of the columns that change. Nothing is written.

        The arguments and the codes of Refusal are those of `update_user`.
        """
        if version is not None and version != self.user.version:
            raise Refusal(
                EditMessage.CHANGED_MEANWHILE,
                path=("version",),
                user=self.user.name,
                version=self.user.version,
            )
        moved = [
            name for name, text in given.items() if user_fields.normalize_text(text) != (getattr(self.user, name) or "")
        ]
        own = user_fields.own_login_faults(self.actor.id, self.user.id, moved, GIVEN_NAME)
        is_own = self.actor.id == self.user.id
        others = {name: text for name, text in given.items() if not is_own or name not in user_fields.OWN_LOGIN}
        changed: dict[str, Any] = {}
        with Faults() as faults:
            with faults.collect():
                raise_all(own)
            with faults.collect():
                changed = await self.decide_columns(others)
        return changed

    async def decide_columns(self, given: Mapping[str, str | None]) -> dict[str, Any]:
        """Return the new values of the columns that change. Nothing is written.

        Unlike `decide`, ignore the version, and let actors change their own username and e-mail. Raise Refusal if a
        value is not valid or is taken, or if the verification mail is not allowed now.
        """
        wanted: dict[str, str | None] = {}
        with Faults() as faults:
            for name, text in given.items():
                with faults.collect():
                    clean = user_fields.validate_fields({name: text}, GIVEN_NAME, self.portal.required_user_fields)
                    if name == "email" and (address := clean[name]):
                        clean[name] = email_addresses.validate(address)
                    wanted |= clean
            with faults.collect():
                await check_logins(self.user, self.portal, wanted)

        # An unchanged username is no change. A form sends it with a new address, which the username then follows.
        names = {name: text for name, text in wanted.items() if name != "email" and text != getattr(self.user, name)}
        changed = (self._address(wanted["email"], is_alone=len(given) == 1) if "email" in wanted else {}) | names
        if "verification_mailed_at" in changed:
            await self._check_mail(changed["pending_email"])
        return changed

    def _address(self, email: str | None, *, is_alone: bool) -> dict[str, Any]:
        user = self.user
        if email is None:
            if user.email is None:
                return {"pending_email": None} if user.pending_email else {}
            return {"email": None, "email_verified_at": None, "pending_email": None}
        if _is_same(email, user.email):
            respelled = user_fields.with_email(user, email) if email != user.email else {}
            return {**respelled, **({"pending_email": None} if user.pending_email and is_alone else {})}
        if user.status in UNCONFIRMED:
            return {**user_fields.with_email(user, email), "email_verified_at": None}
        if _is_same(email, user.pending_email):
            return {"pending_email": email} if email != user.pending_email else {}
        if retry_at := cooldown.retry_at(user.verification_mailed_at, self.at):
            raise Refusal(EditMessage.MAILED_JUST_NOW, path=("email",), retry_at=retry_at, user=user.name)
        return {"pending_email": email, "verification_mailed_at": self.at}

    async def _check_mail(self, address: str) -> None:
        """Raise Refusal(RATE_LIMITED) if the cap allows no further verification mail to the address now."""
        mail = Addressed(MailKind.VERIFY_EMAIL, self.user.portal_id, address)
        retry_at = await mail_caps.allowed_at(mail, self.at, FOR_ADMINS)
        if retry_at:
            raise Refusal(EditMessage.TOO_MANY_MAILS, path=("email",), retry_at=retry_at, email=address)

    async def write(self, changed: dict[str, Any]) -> None:
        user, at, is_own = self.user, self.at, self.actor.id == self.user.id
        # A change of capital letters gives the same address: sessions and links stay.
        moves = "email" in changed and not _is_same(changed["email"], user.email)
        waits = "pending_email" in changed and not _is_same(changed["pending_email"], user.pending_email)
        own = {"pending_email_is_own": is_own and bool(changed["pending_email"])} if waits else {}
        await user_changes.edit(user, {**changed, **own}, at)
        if moves or (waits and not is_own):
            await sessions.end([user.key], at)
        if moves or waits:
            of_the_old = (*link_changes.DEPENDENT[Purpose.INVITATION], Purpose.RESET_PASSWORD) if moves else ()
            await link_changes.supersede_every((*OF_A_CHANGE, *of_the_old), [user.key], at)
        if waits and changed["pending_email"]:
            mails = [link_mails.verification_mail(user, changed["pending_email"], self.portal, self.actor.id)]
            if is_own:
                mails += link_mails.cancellation_mail(user, self.portal)
            else:
                told = notifications.notification_for(MailKind.EMAIL_CHANGE_STARTED, user, f"{user.id}:{user.version}")
                await notifications.enqueue_notifications(self.runtime, told, at)
            await link_mails.enqueue_link_mails(self.runtime, mails, at)
        await audit.record([self._event(changed)])

    def _event(self, changed: Mapping[str, Any]) -> AuditRow:
        shown = {**GIVEN_NAME, "pending_email": "pendingEmail"}
        return AuditRow(
            id=self.runtime.new_id(),
            at=self.at,
            event=AuditEventType.USER_UPDATED,
            actor_id=self.actor.id,
            mssp_id=self.user.mssp_id,
            portal_id=self.user.portal_id,
            user_id=self.user.id,
            changes=[
                {"field": shown[name], "before": getattr(self.user, name), "after": text}
                for name, text in changed.items()
                if name in shown
            ],
        )


def _is_same(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and login_key(one) == login_key(other)
