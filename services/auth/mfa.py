"""Second factors. An owner sets up, confirms and disables a second factor, and replaces its recovery codes."""

from __future__ import annotations

from base64 import b32encode
from dataclasses import dataclass, field
from datetime import datetime

import pyotp

from models import audit
from models.auth import second_factors, unscoped
from models.auth.second_factors import FactorRow
from models.portals import lookup as portals
from rules.access import Actor, access_ended
from rules.audit_events import AuditEventType
from rules.auth.passwords import SHORTEST
from rules.mail.kinds import MailKind
from rules.messages.passwords import WeakPasswordMessage
from rules.messages.sign_in import SecondFactorMessage
from rules.refusals import Refusal
from services import rate_limits
from services.account_events import event_row
from services.auth import accounts, mfa_codes, reauthentication, recovery_codes
from services.auth.accounts import Account
from services.mail import notifications
from services.mail.notifications import Notification
from services.ports import Caller, SignInPorts
from services.runtime import Runtime

SECRET_BYTES = 20
ISSUER = "Gatehouse"

CHANGES: dict[AuditEventType, list[dict[str, str]]] = {
    AuditEventType.MFA_ENROLLED: [{"field": "mfaEnrolled", "before": "false", "after": "true"}],
    AuditEventType.MFA_DISABLED: [{"field": "mfaEnrolled", "before": "true", "after": "false"}],
    AuditEventType.RECOVERY_CODES_REPLACED: [],
}
"""The `changes` of each audit event. For new recovery codes the list is empty, because codes are secrets."""


@dataclass(frozen=True, slots=True)
class Enrollment:
    """The secret of a new second factor, as text and as a URI, and the recovery codes.

    The API returns these values only once.
    """

    secret: str = field(repr=False)
    otpauth_uri: str = field(repr=False)
    recovery_codes: tuple[str, ...] = field(repr=False)


async def enroll(
    runtime: Runtime, ports: SignInPorts, caller: Caller, actor: Actor, *, current_password: str
) -> Enrollment:
    """Store an unconfirmed second factor for the actor, and return its secret and recovery codes.

    An earlier unconfirmed factor is replaced. Raise Refusal(INVALID_CREDENTIALS) if the password is wrong,
    Refusal(RATE_LIMITED) after too many attempts, or Refusal(NOT_ALLOWED) if the actor has a confirmed factor.
    """
    secret = b32encode(runtime.secret(SECRET_BYTES)).decode()
    codes = recovery_codes.new(runtime)

    async with reauthentication.reauthenticate(runtime, ports, caller, actor, current_password) as proof:

        async def write() -> Enrollment:
            account = await _lock_own_account(actor)
            await reauthentication.check_still_holds(proof)
            if account.mfa_enrolled:
                raise Refusal(SecondFactorMessage.SET_UP_ALREADY)

            await second_factors.delete([account.key])
            factor_id, at = runtime.new_id(), runtime.now()
            factor = FactorRow(
                id=factor_id,
                staff_id=account.key.staff_id,
                user_id=account.key.user_id,
                sealed_secret=ports.encryption.seal(secret.encode(), factor_id),
                created_at=at,
                confirmed_at=None,
                last_step=0,
            )
            await second_factors.store(factor, recovery_codes.rows(runtime, factor_id, codes))
            uri = pyotp.TOTP(secret).provisioning_uri(name=account.login, issuer_name=await _issuer(account))
            return Enrollment(secret, uri, codes)

        return await runtime.transactions.run(write)


async def confirm(runtime: Runtime, ports: SignInPorts, caller: Caller, actor: Actor, *, code: str) -> None:
    """Confirm the actor's second factor by a code of the authenticator app. Later sign-ins require a code.

    Raise Refusal with one of these codes:

    - INVALID_CREDENTIALS if the code is wrong.
    - RATE_LIMITED after too many attempts.
    - NOT_ALLOWED if the actor has no unconfirmed factor.
    - NOT_ALLOWED if the password was replaced after the factor was set up.
    - NOT_ALLOWED if the key that sealed the secret is not configured.
    """
    async with rate_limits.count_change(runtime, ports, actor.id):

        async def write() -> None:
            account, at = await _lock_own_account(actor), runtime.now()
            factor = await second_factors.of_account(account.key)
            if factor is None or factor.confirmed_at is not None or _precedes_password(factor, account):
                raise Refusal(SecondFactorMessage.NOTHING_TO_CONFIRM)
            step = mfa_codes.step_of(ports.encryption, factor, code, at)
            if step is None:
                raise mfa_codes.wrong_code("code")

            await second_factors.confirm(factor, step, at)
            await notify(runtime, account, at)
            await _record(runtime, account, AuditEventType.MFA_ENROLLED, at)

        await runtime.transactions.run(write)


async def disable(runtime: Runtime, ports: SignInPorts, caller: Caller, actor: Actor, *, current_password: str) -> None:
    """Delete the actor's second factor. Later sign-ins do not require a code.

    If the portal requires a second factor, the actor can use only the fields of `root_fields.WHILE_ENROLLING` until a
    new one is confirmed. Raise Refusal with one of these codes:

    - INVALID_CREDENTIALS if the password is wrong.
    - RATE_LIMITED after too many attempts.
    - NOT_ALLOWED if the actor has no confirmed factor.
    - WEAK_PASSWORD if the password is too short without a second factor, and the portal does not require one.
    """
    async with reauthentication.reauthenticate(runtime, ports, caller, actor, current_password) as proof:

        async def write() -> None:
            account, at = await _lock_own_account(actor), runtime.now()
            await reauthentication.check_still_holds(proof)
            factor = await second_factors.of_account(account.key)
            if factor is None or not account.mfa_enrolled:
                raise Refusal(SecondFactorMessage.NOTHING_TO_DISABLE)
            if account.secret.password_is_short and not account.mfa_required:
                raise Refusal(WeakPasswordMessage.TOO_SHORT_ALONE, path=reauthentication.CURRENT, minimum=SHORTEST)

            await second_factors.disable(factor, at)
            await notify(runtime, account, at)
            await _record(runtime, account, AuditEventType.MFA_DISABLED, at)

        await runtime.transactions.run(write)


async def replace_recovery_codes(
    runtime: Runtime, ports: SignInPorts, caller: Caller, actor: Actor, *, current_password: str
) -> tuple[str, ...]:
    """Replace all recovery codes of the actor's second factor, used or not, and return the new codes.

    Raise Refusal(INVALID_CREDENTIALS) if the password is wrong, Refusal(RATE_LIMITED) after too many attempts, or
    Refusal(NOT_ALLOWED) if the actor has no confirmed factor.
    """
    codes = recovery_codes.new(runtime)

    async with reauthentication.reauthenticate(runtime, ports, caller, actor, current_password) as proof:

        async def write() -> None:
            account, at = await _lock_own_account(actor), runtime.now()
            await reauthentication.check_still_holds(proof)
            factor = await second_factors.of_account(account.key)
            if factor is None or factor.confirmed_at is None:
                raise Refusal(SecondFactorMessage.NO_FACTOR_FOR_CODES)

            await second_factors.replace_codes(factor, recovery_codes.rows(runtime, factor.id, codes))
            await notify(runtime, account, at)
            await _record(runtime, account, AuditEventType.RECOVERY_CODES_REPLACED, at)

        await runtime.transactions.run(write)
    return codes


async def _lock_own_account(actor: Actor) -> Account:
    """Lock the actor's portal, then the actor's account, and return the account. Requires a transaction.

    Raise Refusal(UNAUTHENTICATED) if the account is deleted.
    """
    if actor.portal_id is not None:  # a notification needs this lock, and portals are locked before accounts
        await portals.lock([actor.portal_id])
    account = await accounts.lock(actor.key)
    if account is None:
        raise access_ended()
    return account


def _precedes_password(factor: FactorRow, account: Account) -> bool:
    """Return whether the factor was set up before the current password was set.

    Such a factor must not be confirmed. A person with the old, stolen password could have set it up.
    """
    changed_at = account.secret.password_changed_at
    return changed_at is not None and factor.created_at < changed_at


async def _issuer(account: Account) -> str:
    """Return the issuer that the authenticator app shows: the portal's name, or ISSUER for staff."""
    return (await unscoped.portal(account.portal_id)).row.name if account.portal_id else ISSUER


async def notify(runtime: Runtime, account: Account, at: datetime) -> None:
    """Mail the owner that the second factor has changed, if the account has a verified address."""
    if account.address:
        kind, about = MailKind.SECOND_FACTOR_CHANGED, f"{account.id}:{at.isoformat()}"
        await notifications.enqueue_notifications(
            runtime, [Notification(account.row, kind, account.address, about)], at
        )


async def _record(runtime: Runtime, account: Account, event: AuditEventType, at: datetime) -> None:
    """Write an audit event that the account's owner caused."""
    row = event_row(runtime, event, account.row, at, by_owner=True, changes=CHANGES[event])
    await audit.record([row])
