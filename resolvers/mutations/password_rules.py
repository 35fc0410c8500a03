"""The rules for a new password, as the schema's descriptions state them."""

from __future__ import annotations

from rules.auth.passwords import LONGEST, SHORTEST, SHORTEST_WITH_SECOND_FACTOR

_CHARACTERS = "Any characters are allowed, none is required. Easily guessed passwords are refused"

PASSWORD_RULES = (
    f"{SHORTEST} to {LONGEST} characters, or {SHORTEST_WITH_SECOND_FACTOR} to {LONGEST} if a second factor is set up or"
    f" required. {_CHARACTERS}"
)

INVITEE_PASSWORD_RULES = f"see `InvitationPreview.passwordRequirements`. {_CHARACTERS}"
