"""The changes between two schemas, as breaking, dangerous or safe for clients.

graphql-core finds and classifies the changes. Only a new value of an enum is classified here. It is safe if the enum
has the directive @open, because clients of an open enum have a default branch. Otherwise it is breaking.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from graphql import (
    BreakingChange,
    DangerousChange,
    DangerousChangeType,
    GraphQLEnumType,
    GraphQLSchema,
    SafeChange,
    build_schema,
    find_schema_changes,
)


class Danger(StrEnum):
    """What a change means for clients that were built against the earlier schema. The worst comes first.

    DANGEROUS: operations stay valid, but can behave differently.
    """

    BREAKING = "breaking"
    DANGEROUS = "dangerous"
    SAFE = "safe"


class Change(NamedTuple):
    """A change of the schema."""

    danger: Danger
    description: str


def changes(earlier: str, later: str) -> list[Change]:
    """Return the changes from one schema in SDL to another, the most dangerous first."""
    before, after = build_schema(earlier), build_schema(later)
    found = [_classified(change, before) for change in find_schema_changes(before, after)]
    found += _changes_of_openness(before, after)
    order = list(Danger)
    return sorted(found, key=lambda change: (order.index(change.danger), change.description))


def report(found: list[Change]) -> str:
    """Return the changes as text: one line each, grouped by danger."""
    if not found:
        return "schema.graphql: no changes"
    lines = []
    for danger in Danger:
        group = [change.description for change in found if change.danger is danger]
        lines += [f"{danger} ({len(group)})", *(f"  {description}" for description in group)] if group else []
    return "\n".join(lines)


def _classified(change: BreakingChange | DangerousChange | SafeChange, before: GraphQLSchema) -> Change:
    if change.type is DangerousChangeType.VALUE_ADDED_TO_ENUM:
        is_open = any(name in change.description.replace(".", " ").split() for name in _open_enums(before))
        return Change(Danger.SAFE if is_open else Danger.BREAKING, change.description)
    if isinstance(change, BreakingChange):
        return Change(Danger.BREAKING, change.description)
    return Change(Danger.DANGEROUS if isinstance(change, DangerousChange) else Danger.SAFE, change.description)


def _changes_of_openness(before: GraphQLSchema, after: GraphQLSchema) -> list[Change]:
    """Return the enums that are in both schemas and were opened or closed by the directive @open.

    graphql-core does not compare applied directives.
    """
    was_open, is_open = _open_enums(before), _open_enums(after)
    opened = {name for name in is_open - was_open if name in before.type_map}
    closed = {name for name in was_open - is_open if name in after.type_map}
    return [
        *(Change(Danger.DANGEROUS, f"Enum {name} is open now: it may get more values.") for name in opened),
        *(Change(Danger.SAFE, f"Enum {name} is closed now.") for name in closed),
    ]


def _open_enums(schema: GraphQLSchema) -> set[str]:
    return {
        name
        for name, type_ in schema.type_map.items()
        if isinstance(type_, GraphQLEnumType) and type_.ast_node
        for directive in type_.ast_node.directives or ()
        if directive.name.value == "open"
    }
