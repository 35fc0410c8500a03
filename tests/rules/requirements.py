"""The table of docs/requirements.md#actions, copied by hand so that tests do not depend on the code."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from rules.lifecycle.actions import Action
from rules.lifecycle.statuses import Status
from rules.refusals import Code

WHAT_EACH_ACTION_DOES = """
| action          | STAGED        | PROVISIONED   | ACTIVE           | AWAITING_NEW_PASSWORD | RECOVERY      | LOCKED_OUT                  | SUSPENDED        | DEACTIVATED      |
|-----------------|---------------|---------------|------------------|-----------------------|---------------|-----------------------------|------------------|------------------|
| ACTIVATE        | NOT_CONFIRMED | NOT_CONFIRMED | ALREADY_IN_STATE | same                  | same          | LOCKED_OUT (suggest UNLOCK) | → resume         | → resume         |
| INVITE          | → PROVISIONED | done          | ALREADY_MEMBER   | same                  | same          | same                        | INACTIVE         | INACTIVE         |
| DEACTIVATE      | NOT_CONFIRMED | NOT_CONFIRMED | → DEACTIVATED    | same                  | same          | same                        | same             | ALREADY_IN_STATE |
| LOCK            | NOT_CONFIRMED | NOT_CONFIRMED | → SUSPENDED      | same                  | same          | same                        | ALREADY_IN_STATE | INACTIVE         |
| UNLOCK          | NOT_LOCKED    | NOT_LOCKED    | NOT_LOCKED       | same                  | same          | → resume                    | → resume         | INACTIVE         |
| REVOKE_SESSIONS | NOT_CONFIRMED | NOT_CONFIRMED | done             | done                  | done          | done                        | done             | done             |
| RESEND_VERIFICATION | NOT_INVITED (suggest INVITE) | done | pending or ALREADY_VERIFIED | same | same | same | INACTIVE | INACTIVE |
| RESET_PASSWORD  | UNVERIFIED    | UNVERIFIED    | → RECOVERY       | → RECOVERY            | done          | LOCKED_OUT (suggest UNLOCK) | INACTIVE         | INACTIVE         |
| RESET_MFA       | UNVERIFIED    | UNVERIFIED    | done or NO_MFA_ENROLLED | same           | same          | same                        | same             | INACTIVE         |
| UPDATE          | done          | done          | done             | done                  | done          | done                        | done             | done             |
| CHANGE_ROLE     | done          | done          | done             | done                  | done          | done                        | done             | done             |
| CHANGE_ACCESS   | done          | done          | done             | done                  | done          | done                        | done             | done             |
| DELETE          | gone          | gone          | gone             | gone                  | gone          | gone                        | gone             | gone             |
"""


@dataclass(frozen=True)
class Cell:
    """A cell of the table of actions and statuses: a refusal, or the effect of the action.

    Exactly one of `refusal`, `to`, `resumes`, `stays` and `is_gone` is set.
    """

    refusal: Code | None = None
    suggests: Action | None = None
    to: Status | None = None
    resumes: bool = False
    stays: bool = False
    is_gone: bool = False
    otherwise: Code | None = None
    """The refusal if the action has no effect on this user: "done or NO_MFA_ENROLLED" gives NO_MFA_ENROLLED."""

    def leads_to(self, before: Status, resume: Status) -> Status | None:
        """Return the user's status after the action, or None if the action deletes the user.

        `before` is the status before the action. `resume` is the status that a locked or deactivated user had earlier.
        """
        if self.is_gone:
            return None
        if self.resumes:
            return resume
        return self.to or before


@cache
def table() -> dict[tuple[Action, Status], Cell]:
    """Return the cells of the table WHAT_EACH_ACTION_DOES, keyed by action and status."""
    header, _, *rows = (_split(line) for line in WHAT_EACH_ACTION_DOES.strip().splitlines())
    cells: dict[tuple[Action, Status], Cell] = {}
    for action, *texts in rows:
        said = ""
        for status, text in zip(header[1:], texts, strict=True):
            said = said if text == "same" else text
            cells[Action(action), Status(status)] = _cell(said)
    return cells


def _split(line: str) -> list[str]:
    return [part.strip() for part in line.strip().strip("|").split("|")]


def _cell(text: str) -> Cell:
    if text == "gone":
        return Cell(is_gone=True)
    if text == "done":
        return Cell(stays=True)
    if " or " in text:
        return Cell(stays=True, otherwise=Code(text.partition(" or ")[2]))
    if text == "→ resume":
        return Cell(resumes=True)
    if text.startswith("→ "):
        return Cell(to=Status(text.removeprefix("→ ")))
    code, _, suggestion = text.rstrip(")").partition(" (suggest ")
    return Cell(refusal=Code(code), suggests=Action(suggestion) if suggestion else None)
