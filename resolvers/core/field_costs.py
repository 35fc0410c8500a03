"""What a field costs beyond one value, declared where the field is: `strawberry.field(metadata=cost(entries=13))`.

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

    `entries`: the most entries that its list has; the argument `chosen_by` may choose fewer.
    `per_target`: its list has an entry for each user that the bulk mutation around it names.
    `each`: values that computing one entry is worth, beside the values that are selected inside it.
    `own`: values that computing the field is worth, beside its one.
    """
    return {METADATA: Cost(entries, per_target, chosen_by, each, own)}
