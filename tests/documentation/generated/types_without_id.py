"""Generate the list of types without an id in docs/frontend.md from schema.graphql."""

from __future__ import annotations

import re
import textwrap

from graphql import GraphQLObjectType, build_schema

from tests.support.processes.commands import ROOT

GUIDE = ROOT / "docs" / "frontend.md"
NAMED_BY_RULE = ("Payload", "Connection", "Edge")
"""The guide's list leaves out types whose name has one of these endings.

Instead, a sentence of the guide says that no payload, connection or edge has an id.
"""

_HEAD = "and belong to the object that holds them:\n"


def types_without_id() -> list[str]:
    """Return the names of the object types without an id. Root types and names with an ending in NAMED_BY_RULE are left
    out.
    """
    schema = build_schema((ROOT / "schema.graphql").read_text())
    roots = {schema.query_type, schema.mutation_type}
    return sorted(
        name
        for name, kind in schema.type_map.items()
        if isinstance(kind, GraphQLObjectType)
        and kind not in roots
        and "id" not in kind.fields
        and not name.startswith("__")
        and not name.endswith(NAMED_BY_RULE)
    )


def with_types_without_id(text: str) -> str:
    """Return the guide's text with a new list of the types without an id: those of the present schema."""
    listed = textwrap.fill(", ".join(f"`{name}`" for name in types_without_id()) + ".", 130)
    return re.sub(rf"({re.escape(_HEAD)})(?:`.*\n)*", lambda match: f"{match[1]}{listed}\n", text)
