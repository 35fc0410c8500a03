"""The guide for frontends lists every type without an id."""

from __future__ import annotations

from tests.documentation.generated.types_without_id import GUIDE, types_without_id, with_types_without_id


def test_the_guide_lists_every_type_without_an_id() -> None:
    text = GUIDE.read_text()

    assert text == with_types_without_id(text), "run: make docs"
    assert all(f"`{name}`" in text for name in types_without_id())
