"""Rewrite the tables of layers and rooms, and the status diagram: `make docs`."""

from __future__ import annotations

from tests.documentation.rooms import ARCHITECTURE, CONTRIBUTING, with_tables
from tests.documentation.status_diagram import DIAGRAM, page

if __name__ == "__main__":
    for document in (ARCHITECTURE, CONTRIBUTING):
        document.write_text(with_tables(document))
    DIAGRAM.write_text(page())
