"""Remove the second factor of a member of staff, by a command of the operator."""

from __future__ import annotations

from models.staff import StaffRow
from rules.audit_events import ProviderEvent
from rules.messages.operator import OperatorMessage
from rules.refusals import Refusal
from rules.security_events import SecurityEvent
from rules.text.folding import login_key
from services.administration.staff import staff_access
from services.auth import accounts
from services.auth.accounts import StaffAccount
from services.runtime import Runtime


async def reset_for_staff(runtime: Runtime, email: str) -> None:
    """Delete the second factor of the member of staff with the address `email`.

    The member's sessions and steps of a sign-in end, and the member is notified by mail. Raise Refusal(NOT_FOUND) if no
    member has the address, or Refusal(NO_MFA_ENROLLED) if the member has no second factor.
    """

    async def write() -> StaffRow:
        found = await accounts.by_login(None, login_key(email))
        account = await accounts.lock(found.key) if found else None
        if not isinstance(account, StaffAccount):
            raise Refusal(OperatorMessage.NO_SUCH_STAFF, email=email)
        if not await staff_access.remove_second_factor(runtime, account, runtime.now(), actor_id=None):
            raise Refusal(OperatorMessage.STAFF_WITHOUT_FACTOR, email=email)
        return account.member

    member = await runtime.transactions.run(write)
    runtime.security.note(
        SecurityEvent.COMMAND_RUN, account_id=member.id, mssp_id=member.mssp_id, what=ProviderEvent.STAFF_MFA_RESET
    )
