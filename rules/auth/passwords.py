"""The password policy (NIST SP 800-63B): limits of the length, and no required kinds of characters.

A password has at least SHORTEST and at most LONGEST characters. The minimum is SHORTEST_WITH_SECOND_FACTOR if the
account has a second factor or the portal requires one. Portals cannot change these numbers. Other parts of the policy:

- Strength: a password that is easy to guess is refused (api/security/password_strength.py).
- Age: a portal can require a new password after `password_max_age_days` (`password_is_due` in
  services/auth/accounts.py).
- Order of the checks: `check_new_password` in services/auth/new_password.py.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from uuid import UUID

from rules.messages.passwords import WeakPasswordMessage
from rules.refusals import Refusal, WeakPasswordReason

SHORTEST = 15
SHORTEST_WITH_SECOND_FACTOR = 8
LONGEST = 128
"""The maximum number of characters, counted after NFKC normalization."""

LONGEST_TYPED = 4 * LONGEST
"""The maximum number of characters before the normalization. A longer text matches no password.

A longer text is neither normalized nor hashed, because the normalization of many combining marks is slow. The factor is
4 because the normalization replaces at most four characters by one.
"""


@dataclass(frozen=True, slots=True)
class PasswordContext:
    """The account that a password is chosen for.

    - `words`: names and addresses of the person and the portal. A password made of these words is easy to guess.
    - `has_second_factor`: whether the account has a second factor, or the portal requires one.
    - `account_id`: None if the account does not exist yet.
    """

    words: tuple[str, ...]
    has_second_factor: bool
    account_id: UUID | None = None

    @property
    def shortest(self) -> int:
        """The minimum number of characters of the account's new password."""
        return shortest(has_second_factor=self.has_second_factor)


def shortest(*, has_second_factor: bool) -> int:
    """Return the minimum number of characters of a password.

    `has_second_factor` says whether the account has a second factor, or the portal requires one.
    """
    return SHORTEST_WITH_SECOND_FACTOR if has_second_factor else SHORTEST


def check_length(password: str, password_context: PasswordContext, path: tuple[str, ...] = ("password",)) -> None:
    """Raise Refusal(WEAK_PASSWORD) if the password is too short or too long after NFKC normalization.

    `path` names the input field.
    """
    length = len(unicodedata.normalize("NFKC", password)) if len(password) <= LONGEST_TYPED else len(password)
    if length < password_context.shortest:
        raise Refusal(WeakPasswordMessage.TOO_SHORT, path=path, minimum=password_context.shortest)
    if length > LONGEST:
        raise Refusal(WeakPasswordMessage.TOO_LONG, path=path, maximum=LONGEST)


def guessable_password(reason: WeakPasswordReason, path: tuple[str, ...] | None = ("password",)) -> Refusal:
    """Return Refusal(WEAK_PASSWORD), for a password that is easy to guess.

    `reason` is COMMON or CONTAINS_PERSONAL_DATA. `path` names the input field.
    """
    return Refusal(WeakPasswordMessage[reason.name], path=path)


def unchanged_password(path: tuple[str, ...] = ("password",)) -> Refusal:
    """Return Refusal(WEAK_PASSWORD), for a new password that equals the current password."""
    return Refusal(WeakPasswordMessage.SAME_AS_BEFORE, path=path)


def is_short(password: str) -> bool:
    """Return whether the password has fewer than SHORTEST characters after NFKC normalization."""
    return len(unicodedata.normalize("NFKC", password)) < SHORTEST


def is_the_same(one: str, other: str) -> bool:
    """Return whether two passwords are equal after NFKC normalization.

    Passwords of more than LONGEST_TYPED characters are compared as they are.
    """
    if max(len(one), len(other)) > LONGEST_TYPED:
        return one == other
    return unicodedata.normalize("NFKC", one) == unicodedata.normalize("NFKC", other)
