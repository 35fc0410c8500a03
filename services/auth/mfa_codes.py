"""The check of second-factor codes: codes of an authenticator app (TOTP) and recovery codes."""

from __future__ import annotations

from datetime import datetime, timedelta

import pyotp
import structlog

from models.auth import second_factor_keys, second_factors
from models.auth.second_factors import FactorRow
from rules.auth import codes
from rules.auth.lockout import SECOND_FACTOR_ATTEMPTS, SECOND_FACTOR_PAUSE
from rules.messages.sign_in import SecondFactorMessage
from rules.refusals import Refusal
from services.auth import recovery_codes
from services.auth.accounts import Account
from services.ports import Encryption, OpenedSecret, UnknownKey

STEP_SECONDS = 30
DIGITS = 6

log = structlog.get_logger(__name__)


async def use_code(
    encryption: Encryption, account: Account, at: datetime, *, code: str | None, recovery_code: str | None
) -> bool:
    """Return whether a code or a recovery code is right at `at`. Use up a right code.

    If `recovery_code` is given, `code` is ignored. Return False if the account has no confirmed second factor. A right
    code also seals the factor's secret under the current key. Requires the account to be locked. Raise
    Refusal(NOT_ALLOWED) if the code cannot be checked because a key is not configured. The caller must not count this
    refusal as a failure.
    """
    factor = await second_factors.of_account(account.key)
    if factor is None or factor.confirmed_at is None:
        return False
    if recovery_code is not None:
        return await _recovers(encryption, factor, recovery_code, at)
    if not factor.sealed_secret:  # the demo data has factors without a secret
        return False
    opened = _open(encryption, factor, SecondFactorMessage.CODE_KEY_UNKNOWN)
    step = _step_of(opened, code or "", at)
    if step is None or not await second_factors.use_step(factor, step):
        return False
    if not opened.is_current:
        await second_factor_keys.reseal(factor, encryption.seal(opened.plain, factor.id), of_key=opened.key_name)
    return True


def step_of(encryption: Encryption, factor: FactorRow, code: str, at: datetime) -> int | None:
    """Return the number of the 30-second step whose code was given, or None if the code is wrong.

    The codes of the current, the previous and the next step are right, because clocks differ. Raise
    Refusal(NOT_ALLOWED) if the key that sealed the secret is not configured.
    """
    return _step_of(_open(encryption, factor, SecondFactorMessage.NEW_FACTOR_KEY_UNKNOWN), code, at)


def wrong_code(field: str) -> Refusal:
    """Return the Refusal(INVALID_CREDENTIALS) for a refused code. `field` is the input field of the code.

    The refusal is the same for a wrong code, a used or expired code, and a code after too many failures.
    """
    is_of_app = field == "code"
    return Refusal(
        SecondFactorMessage.WRONG_CODE if is_of_app else SecondFactorMessage.WRONG_RECOVERY_CODE,
        path=(field,),
        attempts=SECOND_FACTOR_ATTEMPTS,
        minutes=SECOND_FACTOR_PAUSE // timedelta(minutes=1),
    )


async def _recovers(encryption: Encryption, factor: FactorRow, recovery_code: str, at: datetime) -> bool:
    hashes = recovery_codes.candidates(encryption, factor.id, recovery_code)
    if await second_factors.use_recovery_code(factor, hashes, at):
        return True
    if await recovery_codes.has_codes_of_unknown_key(encryption, factor):
        raise _unknown_key(factor, SecondFactorMessage.RECOVERY_CODE_KEY_UNKNOWN, "recoveryCode")
    return False


def _open(encryption: Encryption, factor: FactorRow, unknown: SecondFactorMessage) -> OpenedSecret:
    try:
        return encryption.open(factor.sealed_secret, factor.id)
    except UnknownKey:
        raise _unknown_key(factor, unknown, "code") from None


def _unknown_key(factor: FactorRow, message: SecondFactorMessage, field: str) -> Refusal:
    log.error("second_factor.key_unknown", account_id=str(factor.owner.id), asked_for=field)
    return Refusal(message, path=(field,))


def _step_of(opened: OpenedSecret, code: str, at: datetime) -> int | None:
    totp = pyotp.TOTP(opened.plain.decode())
    typed, now = codes.parse(code), int(at.timestamp()) // STEP_SECONDS
    if len(typed) != DIGITS or not typed.isascii():
        return None
    steps = (now, now - 1, now + 1)
    return next((step for step in steps if pyotp.utils.strings_equal(totp.generate_otp(step), typed)), None)
