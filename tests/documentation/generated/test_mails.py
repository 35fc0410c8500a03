"""The table of mails in docs/architecture.md matches the kinds of mail in the code."""

from __future__ import annotations

import pytest

from rules.mail.kinds import MAIL_KINDS, MailKind
from tests.documentation.generated.mails import with_mails
from tests.documentation.generated.rooms import ARCHITECTURE
from tests.documentation.references import names_defined_in


def test_the_table_of_mails_is_true_to_the_kinds() -> None:
    text = ARCHITECTURE.read_text()

    assert text == with_mails(text), "run: make docs"
    assert all(f"\n| {kind} |" in text for kind in MailKind)


@pytest.mark.parametrize("kind", MailKind)
def test_each_kind_names_functions_that_exist(kind: MailKind) -> None:
    places = [place.split(" ") for place in MAIL_KINDS[kind].sent_by]

    assert [(path, name) for path, name in places if name not in names_defined_in(path)] == []
