"""All messages that the `errors` of a payload can have, and how to build one from its code and parameters."""

from __future__ import annotations

from collections.abc import Mapping

from rules.messages.access import AccessMessage
from rules.messages.administration import (
    AdminshipMessage,
    GrantableMessage,
    LicensePackageMessage,
    PortalMessage,
    StaffMessage,
)
from rules.messages.bulk import AccessChangeMessage, BulkMessage, CsvFileMessage
from rules.messages.edits import EditMessage, FieldMessage
from rules.messages.links import LinkMessage, OnboardingMessage
from rules.messages.passwords import PasswordMessage, WeakPasswordMessage
from rules.messages.policies import PolicyMessage
from rules.messages.rate_limits import RateLimitMessage
from rules.messages.sign_in import SecondFactorMessage, SignInMessage
from rules.refusals import Code, Message

AREAS: tuple[type[Message], ...] = (
    AccessMessage,
    BulkMessage,
    AccessChangeMessage,
    CsvFileMessage,
    FieldMessage,
    EditMessage,
    SignInMessage,
    SecondFactorMessage,
    WeakPasswordMessage,
    PasswordMessage,
    LinkMessage,
    OnboardingMessage,
    RateLimitMessage,
    LicensePackageMessage,
    PortalMessage,
    PolicyMessage,
    StaffMessage,
    AdminshipMessage,
    GrantableMessage,
)
"""The enums whose messages reach clients of the API, one enum for each area."""

DECLARED: Mapping[tuple[Code, str], Message] = {
    (message.code, message.name): message for area in AREAS for message in area
}
"""The messages by code and by the parameter `problem`, which distinguishes messages with the same code."""


def message_of(code: Code, params: Mapping[str, str]) -> str:
    """Return the message of an entry of `errors`. The parameter `problem` names the message."""
    return DECLARED[code, params["problem"]].render(params)
