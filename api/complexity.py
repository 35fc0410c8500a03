"""How large a document is, found in one memoised walk over it before it is validated.

A fragment is walked once and its totals are added at every spread, so that the walk takes as long as the text is,
whatever the text expands to.

Cost is the number of values that an answer may hold. A field costs 1, plus what is selected inside it:

- what is selected inside the `edges` and `nodes` of a connection, times its page: `first` or `last`, else 50;
- what is selected inside a field with an argument `ids`, times the number of ids;
- what is selected inside `__schema` and `__type`, times 200 and 50.

`@skip` and `@include` count as if they were not there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from graphql import (
    ArgumentNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FloatValueNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    StringValueNode,
    ValueNode,
    VariableNode,
)

from api.limits import Limits, check_digits, check_text, too_complex
from api.overlaps import Overlaps
from rules.refusals import Code, Refusal

_ROWS = ("edges", "nodes")
_PAGES = ("first", "last")
_INTROSPECTION = {"__schema": 200, "__type": 50}


def operations_of(document: DocumentNode) -> tuple[OperationDefinitionNode, ...]:
    """The operations of a document, in its order."""
    return tuple(node for node in document.definitions if isinstance(node, OperationDefinitionNode))


class Complexity:
    """What a document was found to hold; made once for each document and kept with it."""

    def __init__(self, document: DocumentNode, limits: Limits) -> None:
        """Walk the document; Refusal TOO_COMPLEX, BAD_USER_INPUT or GRAPHQL_VALIDATION_FAILED."""
        self._limits = limits
        self._fragments = _fragments(document, limits)
        operations = operations_of(document)
        if len(operations) > limits.operations:
            too_complex(f"the document holds more than {limits.operations} operations")

        walk = _Walk(self._fragments, limits, variables=None)
        self._greatest_cost = max(map(walk.operation, operations), default=0)
        for name in self._fragments:
            walk.fragment(name)
        Overlaps(self._fragments, limits).count(operations)

    def check_cost(self, operation: OperationDefinitionNode, variables: Mapping[str, object]) -> None:
        """Refusal TOO_COMPLEX when the operation's answer may hold too many values."""
        # Unknown page sizes were counted as the longest: a second look is needed only where that was too much.
        if self._greatest_cost <= self._limits.cost:
            return
        walk = _Walk(self._fragments, self._limits, variables=_defaults(operation) | dict(variables))
        if walk.operation(operation) > self._limits.cost:
            too_complex(f"the answer may hold more than {self._limits.cost} values; ask for shorter pages")


def _fragments(document: DocumentNode, limits: Limits) -> dict[str, FragmentDefinitionNode]:
    nodes = [node for node in document.definitions if isinstance(node, FragmentDefinitionNode)]
    if len(nodes) > limits.fragments:
        too_complex(f"the document holds more than {limits.fragments} fragments")
    fragments = {node.name.value: node for node in nodes}
    # Validation looks at all of them, a walk by name would not.
    if len(fragments) < len(nodes):
        raise Refusal(Code.GRAPHQL_VALIDATION_FAILED, "There can be only one fragment of a name.")
    return fragments


def _defaults(operation: OperationDefinitionNode) -> dict[str, object]:
    return {node.variable.name.value: _plain(node.default_value) for node in operation.variable_definitions or ()}


def _plain(value: ValueNode | None) -> object:
    if isinstance(value, IntValueNode):
        return int(value.value)
    return list(value.values) if isinstance(value, ListValueNode) else None


@dataclass(slots=True)
class _Totals:
    depth: int = 0
    selections: int = 0
    fields_at_top: int = 0
    aliases: int = 0
    directives: int = 0
    cost: int = 0
    cost_of_rows: int = 0
    """Of `edges` and `nodes`: kept apart until the field that they belong to says how many there are."""

    def add(self, other: _Totals) -> None:
        self.depth = max(self.depth, other.depth)
        self.selections += other.selections
        self.fields_at_top += other.fields_at_top
        self.aliases += other.aliases
        self.directives += other.directives
        self.cost += other.cost
        self.cost_of_rows += other.cost_of_rows


class _Walk:
    """Adds up a document's selections; without variables, an amount that one gives counts as the greatest possible."""

    def __init__(
        self,
        fragments: Mapping[str, FragmentDefinitionNode],
        limits: Limits,
        variables: Mapping[str, object] | None,
    ) -> None:
        self._fragments = fragments
        self._limits = limits
        self._variables = variables
        self._walked: dict[str, _Totals | None] = {}

    def operation(self, node: OperationDefinitionNode) -> int:
        """The cost of an operation whose other totals are within the limits."""
        totals = self._selections(node.selection_set, 1)
        totals.directives += self._directives(node.directives)
        for definition in node.variable_definitions or ():
            totals.directives += self._directives(definition.directives)
            if definition.default_value:
                self._literal(definition.default_value, f"The default of ${definition.variable.name.value}")

        self._check(totals)
        mutation = node.operation is OperationType.MUTATION
        most = self._limits.mutations if mutation else self._limits.root_fields
        if totals.fields_at_top > most:
            too_complex(f"a {node.operation.value} holds more than {most} root fields")
        return totals.cost + totals.cost_of_rows

    def fragment(self, name: str, nesting: int = 1) -> _Totals:
        """The totals of what a fragment selects; nothing for one that the document does not hold."""
        if name not in self._fragments:
            return _Totals()
        if name in self._walked:
            totals = self._walked[name]
            if totals is None:
                raise Refusal(Code.GRAPHQL_VALIDATION_FAILED, f"Cannot spread fragment '{name}' within itself.")
            return totals
        self._walked[name] = None
        totals = self._selections(self._fragments[name].selection_set, nesting)
        totals.directives += self._directives(self._fragments[name].directives)
        self._walked[name] = totals
        return totals

    def _selections(self, node: SelectionSetNode, nesting: int) -> _Totals:
        if nesting > self._limits.nesting:
            too_complex(f"selections are nested more than {self._limits.nesting} deep")
        totals = _Totals()
        for selection in node.selections:
            totals.selections += 1
            totals.directives += self._directives(selection.directives)
            if isinstance(selection, FieldNode):
                self._add_field(selection, totals, nesting)
            elif isinstance(selection, FragmentSpreadNode):
                totals.add(self.fragment(selection.name.value, nesting + 1))
            elif isinstance(selection, InlineFragmentNode):
                totals.add(self._selections(selection.selection_set, nesting + 1))
        self._check(totals)
        return totals

    def _add_field(self, field: FieldNode, totals: _Totals, nesting: int) -> None:
        self._literals(field.arguments, field.name.value)
        inside = self._selections(field.selection_set, nesting + 1) if field.selection_set else _Totals()
        cost = 1 + self._cost_inside(field, inside)
        if field.name.value in _ROWS and not field.arguments:
            totals.cost_of_rows += cost
        else:
            totals.cost += cost
        totals.depth = max(totals.depth, inside.depth + 1)
        totals.selections += inside.selections
        totals.fields_at_top += 1
        totals.directives += inside.directives
        totals.aliases += inside.aliases
        if field.alias:
            totals.aliases += 1
            if len(field.alias.value) > self._limits.alias_length:
                too_complex(f"an alias is longer than {self._limits.alias_length} characters")

    def _cost_inside(self, field: FieldNode, inside: _Totals) -> int:
        arguments = {node.name.value: node.value for node in field.arguments or ()}
        pages = [self._amount(arguments[name], self._limits.page) for name in _PAGES if name in arguments]
        page = max((min(page, self._limits.page) for page in pages if page), default=self._limits.default_page)
        times = self._amount(arguments["ids"], self._limits.values) or 1 if "ids" in arguments else 1
        times *= _INTROSPECTION.get(field.name.value, 1)
        return times * (inside.cost + page * inside.cost_of_rows)

    def _amount(self, value: ValueNode, unknown: int) -> int | None:
        if isinstance(value, VariableNode):
            if self._variables is None:
                return unknown
            given = self._variables.get(value.name.value)
        else:
            given = _plain(value)
        amount = len(given) if isinstance(given, list) else given
        # Below zero it would make room for something else.
        return amount if isinstance(amount, int) and amount > 0 else None

    def _directives(self, nodes: tuple[DirectiveNode, ...] | None) -> int:
        for node in nodes or ():
            self._literals(node.arguments, f"@{node.name.value}")
        return len(nodes or ())

    def _literals(self, arguments: Iterable[ArgumentNode] | None, owner: str) -> None:
        for argument in arguments or ():
            self._literal(argument.value, f"The argument {argument.name.value} of {owner}")

    def _literal(self, value: ValueNode, where: str) -> None:
        pending = [value]
        while pending:
            value = pending.pop()
            if isinstance(value, StringValueNode):
                check_text(value.value, where)
            elif isinstance(value, IntValueNode | FloatValueNode):
                check_digits(value.value, where)
            elif isinstance(value, ListValueNode):
                pending += value.values
            elif isinstance(value, ObjectValueNode):
                pending += [field.value for field in value.fields]

    def _check(self, totals: _Totals) -> None:
        limits = self._limits
        if totals.depth > limits.depth:
            too_complex(f"fields are nested more than {limits.depth} deep")
        if totals.selections > limits.selections:
            too_complex(f"an operation selects more than {limits.selections} fields and fragments")
        if totals.aliases > limits.aliases:
            too_complex(f"an operation holds more than {limits.aliases} aliases")
        if totals.directives > limits.directives:
            too_complex(f"an operation holds more than {limits.directives} directives")
