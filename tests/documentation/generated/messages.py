"""Generate docs/messages.md from the messages that are declared in rules/messages/."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from inspect import getdoc

from rules.lifecycle.actions import ACTIONS
from rules.messages.outcomes import OutcomeMessage
from rules.messages.registry import AREAS
from rules.refusals import OUTCOME_CODES, WORDS_FOR_UNKNOWN, Message
from tests.support.processes.commands import ROOT

MESSAGES = ROOT / "docs" / "messages.md"

HEAD = """# Messages

Written from `rules/messages/` by `make docs`: do not edit this page. It lists every message of `UserError` and `OutcomeReason`, for
clients that show messages in another language than English.

A message is a text with a placeholder `{name}` for each value. `params { name value }` has the values, as text: a name, a number
without separators, an enum value, an instant, or the name of an input field. The `message` in the answer is the English text below
with these values, so a client that has the text of each row in its own language needs nothing else. Take the English `message` for a
row that you do not know: later versions add rows.

A value that is not known is left out of `params`. The English text then has these words in its place:

"""

OF_ERRORS = """
## Payload errors

`UserError.code` and the value of `problem` in `params` choose the row.
"""

OF_OUTCOMES = """
## Outcome reasons

`OutcomeReason.code` chooses the row; there is no `problem`. `{action}` is a `UserAction`. The English text has its past participle:

"""


def page() -> str:
    """Return the text of docs/messages.md."""
    words = _table(("value", "words"), ((f"`{name}`", word) for name, word in WORDS_FOR_UNKNOWN.items()))
    areas = "".join(_area(area) for area in AREAS)
    actions = _table(("action", "words"), ((f"`{action}`", spec.past_participle) for action, spec in ACTIONS.items()))
    outcomes = _table(("code", "message"), ((f"`{code}`", OutcomeMessage[code.name].text) for code in OUTCOME_CODES))
    return f"{HEAD}{words}{OF_ERRORS}{areas}{OF_OUTCOMES}{actions}\n{outcomes}"


def _area(area: type[Message]) -> str:
    rows = ((f"`{message.code}`", f"`{message.name}`", message.text) for message in area)
    return f"\n{getdoc(area)}\n\n{_table(('code', 'problem', 'message'), rows)}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *(f"| {' | '.join(row)} |" for row in rows)]
    return "".join(f"{line}\n" for line in lines)
