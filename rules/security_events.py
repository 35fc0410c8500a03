"""The events of the security log. Each event writes one line and increments one metric. docs/operator.md lists them."""

from __future__ import annotations

from enum import StrEnum


class SecurityEvent(StrEnum):
    """The type of a security event. The value is the name in the log and the label of the metric."""

    SIGNED_IN = "security.signed_in"
    SIGN_IN_FAILED = "security.sign_in_failed"
    SECOND_FACTOR_FAILED = "security.second_factor_failed"
    LOCKED_OUT = "security.locked_out"
    TOKEN_REFUSED = "security.token_refused"
    SERVICE_REFUSED = "security.service_refused"
    REFRESH_TOKEN_REUSED = "security.refresh_token_reused"
    ACCESS_DENIED = "security.access_denied"
    RATE_LIMITED = "security.rate_limited"
    ACCOUNT_CHANGED = "security.account_changed"
    MANAGED = "security.managed"
    EXPORTED = "security.exported"
    COMMAND_RUN = "security.command_run"
    KEYS_CHANGED = "security.keys_changed"
    AUDIT_CHECKPOINT = "security.audit_checkpoint"
    AUDIT_CHAIN_BROKEN = "security.audit_chain_broken"


DESCRIPTIONS = {
    SecurityEvent.SIGNED_IN: "A session was opened.",
    SecurityEvent.SIGN_IN_FAILED: "A password was wrong, or the account does not exist (the event then names no account).",
    SecurityEvent.SECOND_FACTOR_FAILED: "A code of a second factor, or a recovery code, was wrong.",
    SecurityEvent.LOCKED_OUT: "Wrong passwords or codes locked an account out.",
    SecurityEvent.TOKEN_REFUSED: "An access token was malformed, expired, signed by another key, or its session has ended.",
    SecurityEvent.SERVICE_REFUSED: "A call of `/introspect` had no credentials, or wrong ones.",
    SecurityEvent.REFRESH_TOKEN_REUSED: "A refresh token was used although its successor had been used. The session was ended.",
    SecurityEvent.ACCESS_DENIED: "An account called a field that its role may not call.",
    SecurityEvent.RATE_LIMITED: "A call was refused because too many calls had failed or were running.",
    SecurityEvent.ACCOUNT_CHANGED: "An owner changed password, e-mail address, second factor or sessions.",
    SecurityEvent.MANAGED: "An admin or technician changed users.",
    SecurityEvent.EXPORTED: "An account began to export users as a CSV file.",
    SecurityEvent.COMMAND_RUN: "The command line changed accounts, portals or providers.",
    SecurityEvent.KEYS_CHANGED: "`gatehouse rotate-keys` encrypted the stored secrets with the current key.",
    SecurityEvent.AUDIT_CHECKPOINT: "A checkpoint of the audit log was signed. `what` is the checkpoint: keep the line.",
    SecurityEvent.AUDIT_CHAIN_BROKEN: "The audit log was changed behind the server's back. No checkpoint was signed. Run `gatehouse doctor`.",
}
