"""Rewrite the tables of layers and rooms: `make docs`."""

from __future__ import annotations

from tests.documentation.rooms import ARCHITECTURE, CONTRIBUTING, with_tables

if __name__ == "__main__":
    for document in (ARCHITECTURE, CONTRIBUTING):
        document.write_text(with_tables(document))
