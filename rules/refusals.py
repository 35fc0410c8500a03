"""The exception `Refusal`, with which a call or the change of a user is refused, and the enum of its codes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum


class Code(StrEnum):
    """Why a call or the change of a user is refused. The comments say where the codes below them are used."""

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
    NO_SEAT_AVAILABLE = "NO_SEAT_AVAILABLE"
    LICENSE_PACKAGE_INACTIVE = "LICENSE_PACKAGE_INACTIVE"
    CANNOT_TARGET_SELF = "CANNOT_TARGET_SELF"
    LAST_ADMIN = "LAST_ADMIN"
    ADMIN_LIMIT_REACHED = "ADMIN_LIMIT_REACHED"
    HIGHER_ROLE = "HIGHER_ROLE"
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
"""The codes of the GraphQL enum OutcomeReasonCode: why a bulk operation does not change a user."""

USER_ERROR_CODES = (
    *_codes(Code.INVALID_INPUT, Code.REASON_REQUIRED),
    Code.NOT_FOUND,
    Code.NOT_ALLOWED,
    Code.HIGHER_ROLE,
    *_codes(Code.RATE_LIMITED, Code.VERSION_CONFLICT),
    Code.INVALID_EMAIL,
    Code.EMAIL_TAKEN,
    Code.USERNAME_TAKEN,
    Code.REQUIRED_FIELD_MISSING,
)
"""The codes of the GraphQL enum UserErrorCode: why a whole mutation was refused."""

REQUEST_CODES = (*_codes(Code.UNAUTHENTICATED, Code.INTERNAL_SERVER_ERROR), Code.RATE_LIMITED)
"""The codes of top-level GraphQL errors, in the error's `extensions.code`."""


class Refusal(Exception):
    """Raised to refuse a call, or the change of one user. `code` gives the reason.

    `message` is an English text with placeholders such as `{field}`. `params` holds the placeholders' values, so that
    a client can build the message in another language. If a code has several messages, the parameter `problem` says
    which message it is.

    `path` is the input field that caused the refusal: the names from the input object down to the field. `retry_at` is
    the UTC time from which the same call can succeed. Each of the two is None if unknown. `weak_password_reasons` is
    empty unless the code is WEAK_PASSWORD.
    """

    def __init__(
        self,
        code: Code,
        message: str = "",
        *,
        path: tuple[str, ...] | None = None,
        retry_at: datetime | None = None,
        weak_password_reasons: tuple[WeakPasswordReason, ...] = (),
        **params: object,
    ) -> None:
        self.params = {name: str(value) for name, value in params.items()}
        """The values of the message's placeholders by name, and `problem` if the code has several messages."""
        self.message = message.format_map(self.params) if params else message
        super().__init__(self.message or code.value)
        self.faults: tuple[Refusal, ...] = (self,)
        """This refusal, followed by the refusals of other input fields. Only `Faults` adds others."""
        self.code = code
        self.path = path
        self.retry_at = retry_at
        self.weak_password_reasons = weak_password_reasons

    def inside(self, field: str) -> Refusal:
        """Return a copy of the refusal with `field` in front of the path. `field` is an input object."""
        moved = Refusal(
            self.code,
            path=(field, *(self.path or ())),
            retry_at=self.retry_at,
            weak_password_reasons=self.weak_password_reasons,
        )
        moved.message, moved.params = self.message, self.params
        return moved


class Faults:
    """Collects the refusals of several input fields, so that one answer reports every wrong field.

    At the end of its body, `with Faults() as faults:` raises the first collected refusal. The `faults` of this refusal
    are all collected refusals. If no refusal was collected, none is raised.
    """

    def __init__(self) -> None:
        self._found: list[Refusal] = []

    def __enter__(self) -> Faults:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None and self._found:
            first, *others = self._found
            first.faults = (first, *others)
            raise first

    @contextmanager
    def collected(self) -> Iterator[None]:
        """Collect a refusal that the body raises, instead of raising it from the body."""
        try:
            yield
        except Refusal as refusal:
            self._found.extend(refusal.faults)
