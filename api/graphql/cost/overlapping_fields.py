"""Limit the pairs of selections with the same response name in one object, because validation compares each pair."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from api.graphql.cost.limits import Limits, too_complex


class Overlaps:
    """Counts the pairs of selections that validation compares.

    Validation checks whether selections with the same response name can be merged, pair by pair. For `me { id }`
    written 300 times, this takes a third of a second. Requires a document within `limits.selections`.
    """

    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode], limits: Limits) -> None:
        self._fragments = fragments
        self._left = self._most = limits.overlaps
        self._reached: set[str] = set()

    def count(self, operations: Iterable[OperationDefinitionNode]) -> None:
        """Count the pairs of selections in the operations, and in fragments that no operation uses.

        Raise Refusal(TOO_COMPLEX) if there are more than `limits.overlaps` pairs.
        """
        for operation in operations:
            self._compare([operation.selection_set])
        for name, fragment in self._fragments.items():
            if name not in self._reached:
                self._compare([fragment.selection_set])

    def _compare(self, merged: list[SelectionSetNode]) -> None:
        mentions: Counter[str] = Counter()
        inside: dict[str, list[SelectionSetNode]] = {}
        spread: set[str] = set()
        while merged:
            for selection in merged.pop().selections:
                if isinstance(selection, FieldNode):
                    answer = (selection.alias or selection.name).value
                    mentions[answer] += 1
                    if selection.selection_set:
                        inside.setdefault(answer, []).append(selection.selection_set)
                elif isinstance(selection, InlineFragmentNode):
                    merged.append(selection.selection_set)
                elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in spread:
                    spread.add(selection.name.value)
                    if fragment := self._fragments.get(selection.name.value):
                        merged.append(fragment.selection_set)

        self._reached |= spread
        self._left -= sum(count * (count - 1) // 2 for count in (*mentions.values(), len(spread)))
        if self._left < 0:
            too_complex(f"selections overlap in more than {self._most} pairs")
        for selection_sets in inside.values():
            self._compare(selection_sets)
