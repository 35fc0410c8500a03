"""The enum of the actions on users."""

from __future__ import annotations

from resolvers.enums.declare import declare
from rules.lifecycle.actions import ACTIONS, Action

declare(
    Action,
    "UserAction",
    "An action on a user.",
    {action: f"Performed by {spec.mutation}." for action, spec in ACTIONS.items()},
    is_open=True,
)
