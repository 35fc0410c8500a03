"""docs/requirements.md lists the guards of the code, in the code's order."""

from __future__ import annotations

import re

from rules.lifecycle.decisions import (
    ADMIN_GUARDS,
    CODES_OF_SELECTION,
    GUARDS_AFTER_TRANSITION,
    GUARDS_BEFORE_TRANSITION,
    SEAT_GUARDS,
)
from tests.support.processes.commands import ROOT

TABLE = "The [table of actions](#actions)"


def documented() -> list[str]:
    """Return the beginning of each item of the document's list of guards, in order: a code, or the table of actions."""
    section = (ROOT / "docs" / "requirements.md").read_text().split("\n## Guards\n")[1].split("\n## ")[0]
    return re.findall(r"^\d+\. ([^:]+):", section, flags=re.MULTILINE)


def test_the_document_lists_the_guards_in_the_order_of_the_code() -> None:
    before = (*CODES_OF_SELECTION, *(code for code, _ in GUARDS_BEFORE_TRANSITION))
    after = [code for guards in (GUARDS_AFTER_TRANSITION, SEAT_GUARDS, ADMIN_GUARDS) for code, _ in guards]

    assert documented() == [*before, TABLE, *after]
