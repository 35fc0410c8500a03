"""The exception `Refusal`, by which the system says no, with its codes and the base of its messages."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from enum import Enum, StrEnum
from string import Formatter

from rules.instants import rfc_3339


class Code(StrEnum):
    """Why a call, or the change of one user, is refused."""

    # The reason of a user's outcome, or of an action that is not available.
    ALREADY_IN_STATE = "ALREADY_IN_STATE"
    ALREADY_VERIFIED = "ALREADY_VERIFIED"
    ALREADY_INVITED = "ALREADY_INVITED"
    ALREADY_MEMBER = "ALREADY_MEMBER"
    NOT_INVITED = "NOT_INVITED"
    NOT_CONFIRMED = "NOT_CONFIRMED"
    UNVERIFIED = "UNVERIFIED"
    INACTIVE = "INACTIVE"
    LOCKED_OUT = "LOCKED_OUT"
    NOT_LOCKED = "NOT_LOCKED"
    NO_EMAIL = "NO_EMAIL"
    INVALID_EMAIL = "INVALID_EMAIL"
    EMAIL_TAKEN = "EMAIL_TAKEN"
    USERNAME_TAKEN = "USERNAME_TAKEN"
    REQUIRED_FIELD_MISSING = "REQUIRED_FIELD_MISSING"
    COOLDOWN = "COOLDOWN"
    PASSWORD_SIGN_IN_OFF = "PASSWORD_SIGN_IN_OFF"
    NO_MFA_ENROLLED = "NO_MFA_ENROLLED"
    MUST_ENROLL_MFA = "MUST_ENROLL_MFA"
    NO_SEAT_AVAILABLE = "NO_SEAT_AVAILABLE"
    LICENSE_PACKAGE_INACTIVE = "LICENSE_PACKAGE_INACTIVE"
    CANNOT_TARGET_SELF = "CANNOT_TARGET_SELF"
    LAST_ADMIN = "LAST_ADMIN"
    ADMIN_LIMIT_REACHED = "ADMIN_LIMIT_REACHED"
    HIGHER_ROLE = "HIGHER_ROLE"
    NOT_IN_PORTAL = "NOT_IN_PORTAL"
    ADMIN_ONLY_MODULE = "ADMIN_ONLY_MODULE"
    INTERNAL_USER_NOT_ALLOWED = "INTERNAL_USER_NOT_ALLOWED"
    NOT_FOUND = "NOT_FOUND"
    DUPLICATE_IN_REQUEST = "DUPLICATE_IN_REQUEST"
    PORTAL_INACTIVE = "PORTAL_INACTIVE"
    ABORTED_BY_POLICY = "ABORTED_BY_POLICY"
    INTERNAL_ERROR = "INTERNAL_ERROR"

    # The errors of a mutation's payload.
    INVALID_INPUT = "INVALID_INPUT"
    TOO_MANY_USERS = "TOO_MANY_USERS"
    SELECTION_CHANGED = "SELECTION_CHANGED"
    PREVIEW_EXPIRED = "PREVIEW_EXPIRED"
    IDEMPOTENCY_KEY_REUSED = "IDEMPOTENCY_KEY_REUSED"
    REASON_REQUIRED = "REASON_REQUIRED"
    SEATS_IN_USE = "SEATS_IN_USE"
    CONFIRMATION_REQUIRED = "CONFIRMATION_REQUIRED"
    NOT_ALLOWED = "NOT_ALLOWED"
    RATE_LIMITED = "RATE_LIMITED"
    INVALID_CREDENTIALS = "INVALID_CREDENTIALS"
    INVALID_TOKEN = "INVALID_TOKEN"
    WEAK_PASSWORD = "WEAK_PASSWORD"
    VERSION_CONFLICT = "VERSION_CONFLICT"

    # The `extensions.code` of a top-level error.
    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    OPERATION_RESOLUTION_FAILURE = "OPERATION_RESOLUTION_FAILURE"
    PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
    PERSISTED_QUERY_NOT_SUPPORTED = "PERSISTED_QUERY_NOT_SUPPORTED"
    TOO_COMPLEX = "TOO_COMPLEX"
    UNAVAILABLE = "UNAVAILABLE"
    INTERNAL_SERVER_ERROR = "INTERNAL_SERVER_ERROR"


class WeakPasswordReason(StrEnum):
    """Why a new password is refused with WEAK_PASSWORD."""

    TOO_SHORT = "TOO_SHORT"
    TOO_LONG = "TOO_LONG"
    COMMON = "COMMON"
    CONTAINS_PERSONAL_DATA = "CONTAINS_PERSONAL_DATA"
    SAME_AS_BEFORE = "SAME_AS_BEFORE"


def _codes(first: Code, last: Code) -> tuple[Code, ...]:
    every = list(Code)
    return tuple(every[every.index(first) : every.index(last) + 1])


OUTCOME_CODES = (*_codes(Code.ALREADY_IN_STATE, Code.INTERNAL_ERROR), Code.INVALID_INPUT, Code.NOT_ALLOWED)
"""The codes of outcomes: why a bulk operation did not change a user."""

REASON_CODES = (*OUTCOME_CODES, Code.TOO_MANY_USERS)
"""The codes of the GraphQL enum OutcomeReasonCode: OUTCOME_CODES, and further codes of refused portal actions."""

USER_ERROR_CODES = (
    *_codes(Code.INVALID_INPUT, Code.CONFIRMATION_REQUIRED),
    Code.NOT_FOUND,
    Code.NOT_ALLOWED,
    Code.HIGHER_ROLE,
    Code.LAST_ADMIN,
    *_codes(Code.RATE_LIMITED, Code.VERSION_CONFLICT),
    Code.INVALID_EMAIL,
    Code.EMAIL_TAKEN,
    Code.USERNAME_TAKEN,
    Code.REQUIRED_FIELD_MISSING,
    Code.ADMIN_LIMIT_REACHED,
)
"""The codes of the GraphQL enum UserErrorCode: why a whole mutation was refused."""

REQUEST_CODES = (*_codes(Code.UNAUTHENTICATED, Code.INTERNAL_SERVER_ERROR), Code.RATE_LIMITED)
"""The codes of top-level GraphQL errors, in the error's `extensions.code`."""


WORDS_FOR_UNKNOWN = {
    "user": "A user",
    "portal": "the portal",
    "support": "your service provider",
    "field": "a field",
    "seats": "unknown",
    "maximum": "unknown",
    "retryAt": "a later time",
}
"""The words that a message contains in place of an unknown value."""


class Message(Enum):
    """The base of the enums in rules/messages/, each with the English messages of one area.

    A member has a code, and a text with a placeholder `{name}` for each value. Several members can have the same code.
    The parameter `problem`, the name of the member, distinguishes them.
    """

    def __init__(self, code: Code, text: str) -> None:
        self.code = code
        self.text = text
        self.placeholders = tuple(dict.fromkeys(name for _, name, _, _ in Formatter().parse(text) if name))

    def render(self, params: Mapping[str, str]) -> str:
        """Return the text with the values of `params`. Missing values are replaced by WORDS_FOR_UNKNOWN."""
        return self.text.format_map({**WORDS_FOR_UNKNOWN, **params})


class Refusal(Exception):
    """Raised to refuse a call, or the change of one user in a bulk call.

    `why` is one of these:

    - A Message, to refuse a call. `params` has a value for each placeholder except `{retryAt}`, which shows `retry_at`.
      None means an unknown value, and is allowed only for the names in WORDS_FOR_UNKNOWN.
    - A code of OUTCOME_CODES, to refuse the change of one user. rules/messages/outcomes.py makes the message.
    - Another code, to refuse a call with the `text` for developers.

    `path` is the input field that caused the refusal: the names from the input object down to the field. `retry_at` is
    the UTC time from which the same call can succeed. Both can be None.
    """

    def __init__(
        self,
        why: Message | Code,
        text: str = "",
        *,
        path: tuple[str, ...] | None = None,
        retry_at: datetime | None = None,
        **params: object,
    ) -> None:
        self.declared = why if isinstance(why, Message) else None
        self.code = why.code if isinstance(why, Message) else why
        if self.declared is None and (params or (text and self.code in USER_ERROR_CODES)):
            # Clients build the texts of a payload from codes and parameters, so each needs a declared message.
            raise TypeError(f"declare the message of {self.code} in rules/messages/")
        self.params = _params(self.declared, retry_at, params) if self.declared else {}
        """The values of the message by name, and the parameter `problem`. Empty without a declared message."""
        self.message = self.declared.render(self.params) if self.declared else text
        super().__init__(self.message or self.code.value)
        self.faults: tuple[Refusal, ...] = (self,)
        """This refusal, followed by the refusals of other input fields, each with its own path."""
        self.path = path
        self.retry_at = retry_at

    def inside(self, field: str, members: Collection[str]) -> Refusal:
        """Put `field` before the path of each fault whose path begins with one of `members`. Return this refusal.

        For example, `inside("user", {"email"})` changes the path `("email",)` to `("user", "email")`.
        """
        for fault in self.faults:
            if fault.path and fault.path[0] in members:
                fault.path = (field, *fault.path)
        return self


def _params(why: Message, retry_at: datetime | None, given: Mapping[str, object]) -> dict[str, str]:
    # A value of None means unknown, and needs a word in WORDS_FOR_UNKNOWN.
    values = {**given, "retryAt": retry_at} if "retryAt" in why.placeholders else given
    unknown = {name for name, value in values.items() if value is None}
    if set(values) != set(why.placeholders) or not unknown <= set(WORDS_FOR_UNKNOWN):
        raise TypeError(f"{why} takes {why.placeholders}, not {tuple(values)}")
    known = {name: value for name, value in values.items() if value is not None}
    written = {name: rfc_3339(value) if isinstance(value, datetime) else str(value) for name, value in known.items()}
    return {"problem": why.name, **written}


def raise_all(faults: Iterable[Refusal]) -> None:
    """Raise the first of `faults`, if there is any. The attribute `faults` of the raised refusal holds all of them."""
    found = tuple(faults)
    if found:
        found[0].faults = found
        raise found[0]


class Faults:
    """Collects the refusals of several input fields, so that one response reports every wrong field.

    Used as `with Faults() as faults:`. At the end of the `with` statement, the collected refusals are raised by
    `raise_all`.
    """

    def __init__(self) -> None:
        self._found: list[Refusal] = []

    def __enter__(self) -> Faults:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            raise_all(self._found)

    @contextmanager
    def collect(self) -> Iterator[None]:
        """Collect the Refusal that the body of the `with` statement raises, and continue after the body."""
        try:
            yield
        except Refusal as refusal:
            self._found.extend(refusal.faults)
