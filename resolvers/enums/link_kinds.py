"""The enum of the kinds of mailed links that can be previewed."""

from __future__ import annotations

from resolvers.enums.declare import declare
from rules.auth.link_purposes import LinkKind

declare(
    LinkKind,
    "LinkKind",
    "What a mailed link is for.",
    {
        "PASSWORD_RESET": "Set a new password (`…/reset-password#token=…`) with completePasswordReset.",
        "EMAIL_VERIFICATION": "Verify an e-mail address (`…/verify-email#token=…`) with verifyEmail.",
    },
)
