"""Declare that a field costs more than 1: `strawberry.field(metadata=cost(entries=13))`.

The cost of a field is the number of values that its answer can hold. A field with one value costs 1.
api/graphql/cost/field_costs.py reads the declarations before a document runs. A list without a declared cost counts as
`Limits.list_length` entries.
"""

from __future__ import annotations

from dataclasses import dataclass

METADATA = "cost"
"""The key of a field's cost in the metadata of the field."""


@dataclass(frozen=True, slots=True)
class Cost:
    """The declared cost of one field. The docstring of the function `cost` describes the attributes."""

    entries: int | None = None
    per_target: bool = False
    chosen_by: str | None = None
    each: int = 0
    own: int = 0


def cost(
    *, entries: int | None = None, per_target: bool = False, chosen_by: str | None = None, each: int = 0, own: int = 0
) -> dict[str, Cost]:
    """Return the metadata of a field that costs more than 1.

    - `entries`: the maximum number of entries, if the field is a list.
    - `chosen_by`: the name of an argument that is a list, such as `ids`. The field has one entry for each item at most.
    - `per_target`: whether the list has one entry for each user that the enclosing bulk mutation selects.
    - `each`: the additional cost of each entry, if computing an entry takes long.
    - `own`: the additional cost of the field, if computing the field takes long.
    """
    return {METADATA: Cost(entries, per_target, chosen_by, each, own)}
