"""The cost of a field: the maximum number of values that the field adds to an answer.

A field costs 1, plus its declared additional cost, plus the cost of its selections times a factor. The factor depends
on the field:

- `edges` and `nodes` of a connection: the page size, which is `first` or `last`, otherwise 50
- a field with an argument `ids`: the number of ids
- another list: its declared number of entries, otherwise 20
- a list with an entry for each user of a bulk mutation: the number of users in the mutation's `ids` or `invitees`,
  otherwise 1,000
- `__schema` and `__type`: 200 and 50

A search costs 500 more, because a search can read every row that the caller is allowed to see. A filter costs 500 more
if its type has a field `search`. Each value inside a list or object in an argument costs 1 more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    ValueNode,
    VariableNode,
    get_named_type,
)
from strawberry.schema.schema_converter import GraphQLCoreConverter

from api.graphql.cost.limits import Limits
from resolvers.core.field_costs import METADATA, Cost
from resolvers.request_limits import SEARCH_VALUES

_ROWS = ("edges", "nodes")
_PAGES = ("first", "last")
_TARGETS = ("ids", "invitees")
_INTROSPECTION = {"__schema": 200, "__type": 50}
_ONE_VALUE = Cost()


@dataclass(slots=True)
class Costs:
    """The cost of some selections, as three parts. The enclosing fields multiply two of them.

    - `once`: not multiplied
    - `per_row`: for each row of the enclosing page
    - `per_target`: for each user of the enclosing bulk mutation
    """

    once: int = 0
    """The cost that is counted once. No enclosing field multiplies this cost."""
    per_row: int = 0
    """The cost of one row of `edges` and `nodes`. The enclosing connection multiplies this cost by the page size."""
    per_target: int = 0
    """The cost of one entry of a list with an entry for each user of a bulk mutation.

    The mutation multiplies this cost by the number of users.
    """

    def add(self, other: Costs) -> None:
        self.once += other.once
        self.per_row += other.per_row
        self.per_target += other.per_target

    def total(self, limits: Limits) -> int:
        """Return the total cost of an operation.

        `per_row` is added once, because no page encloses the operation. `per_target` is multiplied by
        `limits.targets`, because no input of a bulk mutation gives the number of users.
        """
        return self.once + self.per_row + limits.targets * self.per_target


def field_of(parent: GraphQLNamedType | None, name: str) -> GraphQLField | None:
    """Return the field `name` of the type `parent`, or None if it is unknown.

    The document is not validated yet, so a field can be unknown. Fields of introspection types count as unknown,
    because the factors of `__schema` and `__type` include their cost.
    """
    if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType) and not parent.name.startswith("__"):
        fields: Mapping[str, GraphQLField] = parent.fields
        return fields.get(name)
    return None


def type_of(field: GraphQLField | None) -> GraphQLNamedType | None:
    """Return the type of the field, without lists and non-null types. Return None if the field is None."""
    return get_named_type(field.type) if field else None


class FieldCosts:
    """Calculates the cost of fields.

    `variables` are the request's variables, or None if they are not known. Unknown numbers, such as page sizes, then
    count as the greatest possible number.
    """

    def __init__(self, limits: Limits, variables: Mapping[str, object] | None) -> None:
        self._limits = limits
        self._variables = variables
        self._sizes: dict[str, int] = {}

    def of(self, node: FieldNode, field: GraphQLField | None, inside: Costs) -> Costs:
        """Return the cost of the field that `node` selects. `inside` is the cost of the selections in the field."""
        arguments = {argument.name.value: argument.value for argument in node.arguments or ()}
        declared = declared_cost(field)
        own = 1 + declared.own + (SEARCH_VALUES if self._searches(field, arguments) else 0)
        own += sum(map(self._size, arguments.values()))
        if node.name.value in _ROWS and not arguments:
            return Costs(per_row=own + inside.once, per_target=inside.per_target)

        within = inside.once + self._page(arguments) * inside.per_row
        if declared.per_target:
            return Costs(once=own, per_target=declared.each + within)
        costs = Costs(once=own + self._times(node, field, arguments, declared) * (declared.each + within))
        if "input" in arguments:
            costs.once += self._targets(arguments["input"]) * inside.per_target
        else:
            costs.per_target = inside.per_target
        return costs

    def _searches(self, field: GraphQLField | None, arguments: Mapping[str, ValueNode]) -> bool:
        """Return whether the field searches: by the argument `search`, or by a `filter` with a field `search`.

        An argument that is null counts as not given.
        """
        filters = field.args.get("filter") if field else None
        has_search = "search" in getattr(get_named_type(filters.type), "fields", {}) if filters else False
        return self._is_given(arguments.get("search")) or (has_search and self._is_given(arguments.get("filter")))

    def _times(
        self, node: FieldNode, field: GraphQLField | None, arguments: Mapping[str, ValueNode], declared: Cost
    ) -> int:
        if "ids" in arguments:
            return self._amount(arguments["ids"], self._limits.values) or 1
        if node.name.value in _INTROSPECTION:
            return _INTROSPECTION[node.name.value]
        if declared.entries is not None:
            chosen = arguments.get(declared.chosen_by or "")
            amount = self._amount(chosen, declared.entries) if chosen else None
            return min(amount or declared.entries, declared.entries)
        return self._limits.list_length if field and _is_list(field.type) else 1

    def _size(self, value: ValueNode) -> int:
        """Return the number of values inside the lists and objects of an argument. Unknown variables count as 0."""
        if not isinstance(value, VariableNode):
            given = self._given(value)
            return _values_in(given) if isinstance(given, list | dict) else 0
        name = value.name.value
        if name not in self._sizes:
            self._sizes[name] = _values_in((self._variables or {}).get(name))
        return self._sizes[name]

    def _page(self, arguments: Mapping[str, ValueNode]) -> int:
        pages = [self._amount(arguments[name], self._limits.page) for name in _PAGES if name in arguments]
        return max((min(page, self._limits.page) for page in pages if page), default=self._limits.default_page)

    def _targets(self, value: ValueNode) -> int:
        """Return the number of users in the input's `ids` or `invitees`, at most `limits.targets`.

        Return `limits.targets` for an input without such a list, such as a filter or a preview.
        """
        amount = _named_targets(self._given(value))
        return self._limits.targets if amount is None else min(amount, self._limits.targets)

    def _amount(self, value: ValueNode, unknown: int) -> int | None:
        if isinstance(value, VariableNode) and self._variables is None:
            return unknown
        given = self._given(value)
        amount = len(given) if isinstance(given, list) else given
        # A negative cost would offset the cost of other fields.
        return amount if isinstance(amount, int) and amount > 0 else None

    def _is_given(self, value: ValueNode | None) -> bool:
        if value is None:
            return False
        if isinstance(value, VariableNode) and self._variables is None:
            return True
        return not isinstance(value, NullValueNode) and (
            not isinstance(value, VariableNode) or bool(self._given(value))
        )

    def _given(self, value: ValueNode) -> object:
        """Return the value of a variable, or of an integer, list or object literal. Return None for other literals."""
        if isinstance(value, VariableNode):
            return (self._variables or {}).get(value.name.value)
        if isinstance(value, ObjectValueNode):
            return {field.name.value: self._given(field.value) for field in value.fields}
        return literal_value(value)


def literal_value(value: ValueNode | None) -> object:
    """Return the value of an integer literal, or the nodes in a list literal. Return None for other literals."""
    if isinstance(value, IntValueNode):
        return int(value.value)
    return list(value.values) if isinstance(value, ListValueNode) else None


def _values_in(given: object) -> int:
    """Return the number of entries in all lists and objects of a value, at any depth.

    An item of a list literal in the document counts as 1, whatever the item contains.
    """
    # The recursion is bounded: in variables by `check_variables`, in literals by the limit of nesting.
    if not isinstance(given, list | dict):
        return 0
    inner = given.values() if isinstance(given, dict) else given
    return len(given) + sum(_values_in(value) for value in inner if isinstance(value, list | dict))


def _named_targets(given: object) -> int | None:
    if not isinstance(given, dict):
        return None
    amounts = [
        len(value) if name in _TARGETS and isinstance(value, list) else _named_targets(value)
        for name, value in given.items()
    ]
    return max((amount for amount in amounts if amount is not None), default=None)


def declared_cost(field: GraphQLField | None) -> Cost:
    """Return the cost that the field declares in resolvers/, or the cost of one value if there is none."""
    definition = (field.extensions or {}).get(GraphQLCoreConverter.DEFINITION_BACKREF) if field else None
    found = getattr(definition, "metadata", {}).get(METADATA)
    return found if isinstance(found, Cost) else _ONE_VALUE


def _is_list(type_: GraphQLOutputType) -> bool:
    while isinstance(type_, GraphQLNonNull):
        type_ = type_.of_type
    return isinstance(type_, GraphQLList)
