"""The status diagram matches the tables of actions and events."""

from __future__ import annotations

from rules.lifecycle.statuses import Status
from tests.documentation.generated.status_diagram import DIAGRAM, page


def test_the_status_diagram_is_up_to_date() -> None:
    assert DIAGRAM.read_text() == page(), f"{DIAGRAM.name} is stale: run `make docs` and commit it"


def test_the_status_diagram_shows_every_status() -> None:
    assert all(f"{status}\n" in page() for status in Status)
