"""The messages about the settings of a portal's policy."""

from __future__ import annotations

from rules.refusals import Code, Message


class PolicyMessage(Message):
    """Why a new value of a setting is refused. The parameter `field` is the setting."""

    NULL_NOT_ALLOWED = Code.INVALID_INPUT, "{field} cannot be null."
    OUT_OF_BOUNDS = Code.INVALID_INPUT, "{field} takes {minimum} to {maximum}."
    NO_FIELDS = Code.INVALID_INPUT, "{field} needs at least one field."
