"""Declare the cost of a field that costs more than one value: `strawberry.field(metadata=cost(entries=13))`.

api/graphql/cost/field_costs.py reads the declarations before a document runs. A list without a declared cost counts as
`Limits.list_length` entries.
"""

from __future__ import annotations

from dataclasses import dataclass

METADATA = "cost"
"""The key of a field's cost in the metadata of the field."""


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of one field. The function `cost` describes the fields."""

    entries: int | None = None
    per_target: bool = False
    chosen_by: str | None = None
    each: int = 0
    own: int = 0


def cost(
    *, entries: int | None = None, per_target: bool = False, chosen_by: str | None = None, each: int = 0, own: int = 0
) -> dict[str, Cost]:
    """Return the metadata of a field that costs more than one value.

    `entries`: the maximum number of entries, if the field is a list.
    `chosen_by`: the name of an argument that may select fewer entries.
    `per_target`: whether the list has one entry for each user that the enclosing bulk mutation selects.
    `each`: the cost of computing one entry, in values, in addition to the values selected in the entry.
    `own`: the cost of computing the field, in values, in addition to the field's own value.
    """
    return {METADATA: Cost(entries, per_target, chosen_by, each, own)}
