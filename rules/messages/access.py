"""The messages for accounts that are not allowed to call a field."""

from __future__ import annotations

from rules.refusals import Code, Message


class AccessMessage(Message):
    """Why an account may not call a mutation, whatever the input."""

    MANAGERS_ONLY = Code.NOT_ALLOWED, "Only admins manage users. Ask an admin of your portal."
    MSSP_ADMINS_ONLY = Code.NOT_ALLOWED, "Only admins of the MSSP may do this. Ask one of them."
