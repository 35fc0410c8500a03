"""docs/messages.md lists the messages that the code declares."""

from __future__ import annotations

from rules.messages.registry import DECLARED
from rules.refusals import OUTCOME_CODES
from tests.documentation.generated.messages import MESSAGES, page


def test_the_page_of_messages_is_true_to_the_code() -> None:
    text = MESSAGES.read_text()

    assert text == page(), "run: make docs"
    assert all(f"\n| `{message.code}` | `{message.name}` | {message.text} |\n" in text for message in DECLARED.values())
    assert all(f"\n| `{code}` | " in text for code in OUTCOME_CODES)
