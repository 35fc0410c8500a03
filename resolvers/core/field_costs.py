"""The cost of a field beyond one value, declared at the field: `strawberry.field(metadata=cost(entries=13))`.

api/graphql/cost/field_costs.py reads it before a document runs. A list without a declaration counts `Limits.list_length` entries.
"""

from __future__ import annotations

from dataclasses import dataclass

METADATA = "cost"
"""The key under which a field's metadata holds its cost."""


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of one field: see `cost`."""

    entries: int | None = None
    per_target: bool = False
    chosen_by: str | None = None
    each: int = 0
    own: int = 0


def cost(
    *, entries: int | None = None, per_target: bool = False, chosen_by: str | None = None, each: int = 0, own: int = 0
) -> dict[str, Cost]:
    """Return the metadata of a field that costs more than one value.

    `entries`: the largest number of entries of its list; the argument `chosen_by` may select fewer.
    `per_target`: its list has one entry for each user that the surrounding bulk mutation selects.
    `each`: values that the computation of one entry is worth, in addition to the values selected in it.
    `own`: values that the computation of the field is worth, in addition to its own value.
    """
    return {METADATA: Cost(entries, per_target, chosen_by, each, own)}
