"""The sections of a document that the benchmark rewrites."""

from __future__ import annotations

import pytest

from tests.bench.report import section, with_section

DOCUMENT = "Before.\n\n<!-- run: begin -->\nold\n<!-- run: end -->\n\nAfter.\n"


def test_only_the_text_between_the_markers_is_replaced() -> None:
    written = with_section(DOCUMENT, "run", "new\n\\1")

    assert written == DOCUMENT.replace("old", "new\n\\1")
    assert section(written, "run") == "new\n\\1"


def test_a_document_without_the_section_is_refused() -> None:
    with pytest.raises(ValueError, match="section"):
        with_section(DOCUMENT, "another run", "new")
