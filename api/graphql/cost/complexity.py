"""The size and the cost of a document, calculated before the document is validated.

Each fragment is visited only once, so the time is proportional to the length of the document. `@skip` and `@include`
are ignored. api/graphql/cost/field_costs.py defines the cost of a field.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from graphql import (
    ArgumentNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FloatValueNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    StringValueNode,
    ValueNode,
)

from api.graphql.cost.field_costs import Costs, FieldCosts, field_of, literal_value, type_of
from api.graphql.cost.limits import Limits, check_digits, check_text, too_complex
from api.graphql.cost.overlapping_fields import Overlaps
from rules.refusals import Code, Refusal
from rules.rights.root_fields import CHECKS_A_SECRET


def operations_of(document: DocumentNode) -> tuple[OperationDefinitionNode, ...]:
    """Return the operations of a document in their order."""
    return tuple(node for node in document.definitions if isinstance(node, OperationDefinitionNode))


class Complexity:
    """The cost of a document's operations. Each document has one Complexity, which is cached with the document."""

    def __init__(self, document: DocumentNode, schema: GraphQLSchema, limits: Limits) -> None:
        """Check the document against `limits`.

        - Raise Refusal(TOO_COMPLEX) if a limit other than `cost` is exceeded.
        - Raise Refusal(BAD_USER_INPUT) if a literal cannot be stored.
        - Raise Refusal(GRAPHQL_VALIDATION_FAILED) if two fragments have one name, or if a fragment contains itself.
        """
        self._schema = schema
        self._limits = limits
        self._fragments = _fragments(document, limits)
        operations = operations_of(document)
        if len(operations) > limits.operations:
            too_complex(f"the document holds more than {limits.operations} operations")

        walk = _Walk(self._fragments, schema, limits, variables=None)
        self._greatest_cost = max(map(walk.operation, operations), default=0)
        for name in self._fragments:
            walk.fragment(name)
        Overlaps(self._fragments, limits).count(operations)

    def cost(self, operation: OperationDefinitionNode, variables: Mapping[str, object], values: int) -> int:
        """Return an upper bound of the number of values in the operation's answer.

        `values` is the number of values in `variables`. Raise Refusal(TOO_COMPLEX) if the bound exceeds the limit.
        """
        # __init__ counted page sizes in variables as the longest. If even that cost is low, and the variables hold few
        # values, the exact cost is not needed.
        if self._greatest_cost <= self._limits.light and values <= self._limits.few_values:
            return self._greatest_cost
        walk = _Walk(self._fragments, self._schema, self._limits, variables=_defaults(operation) | dict(variables))
        cost = walk.operation(operation)
        if cost > self._limits.cost:
            too_complex(f"the answer may hold more than {self._limits.cost} values; ask for shorter pages")
        return cost


def _fragments(document: DocumentNode, limits: Limits) -> dict[str, FragmentDefinitionNode]:
    nodes = [node for node in document.definitions if isinstance(node, FragmentDefinitionNode)]
    if len(nodes) > limits.fragments:
        too_complex(f"the document holds more than {limits.fragments} fragments")
    fragments = {node.name.value: node for node in nodes}
    # The walk finds fragments by name, and would not count a second fragment of the same name. Validation reads both.
    if len(fragments) < len(nodes):
        raise Refusal(Code.GRAPHQL_VALIDATION_FAILED, "There can be only one fragment of a name.")
    return fragments


def _defaults(operation: OperationDefinitionNode) -> dict[str, object]:
    return {
        node.variable.name.value: literal_value(node.default_value) for node in operation.variable_definitions or ()
    }


@dataclass(slots=True)
class _Totals:
    depth: int = 0
    selections: int = 0
    fields_at_top: int = 0
    proofs_at_top: int = 0
    aliases: int = 0
    directives: int = 0
    costs: Costs = field(default_factory=Costs)

    def add(self, other: _Totals) -> None:
        self.depth = max(self.depth, other.depth)
        self.selections += other.selections
        self.fields_at_top += other.fields_at_top
        self.proofs_at_top += other.proofs_at_top
        self.aliases += other.aliases
        self.directives += other.directives
        self.costs.add(other.costs)


class _Walk:
    """Adds up the costs and the numbers of selections in a document.

    `variables` are the request's variables, or None if they are not known. Unknown numbers, such as page sizes, then
    count as the greatest possible number.
    """

    def __init__(
        self,
        fragments: Mapping[str, FragmentDefinitionNode],
        schema: GraphQLSchema,
        limits: Limits,
        variables: Mapping[str, object] | None,
    ) -> None:
        self._fragments = fragments
        self._schema = schema
        self._limits = limits
        self._costs = FieldCosts(limits, variables)
        self._walked: dict[str, _Totals | None] = {}

    def operation(self, node: OperationDefinitionNode) -> int:
        """Return the cost of an operation. Raise Refusal(TOO_COMPLEX) if a limit other than `cost` is exceeded."""
        totals = self._selections(node.selection_set, self._schema.get_root_type(node.operation), 1)
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
        if totals.proofs_at_top > self._limits.proofs:
            too_complex("a mutation holds more than one field that checks a password or a code; send one at a time")
        return totals.costs.total(self._limits)

    def fragment(self, name: str, nesting: int = 1) -> _Totals:
        """Return the totals of the selections in the fragment `name`, or zero totals if the fragment is unknown."""
        if name not in self._fragments:
            return _Totals()
        if name in self._walked:
            totals = self._walked[name]
            if totals is None:
                raise Refusal(Code.GRAPHQL_VALIDATION_FAILED, f"Cannot spread fragment '{name}' within itself.")
            return totals
        self._walked[name] = None
        within = self._schema.get_type(self._fragments[name].type_condition.name.value)
        totals = self._selections(self._fragments[name].selection_set, within, nesting)
        totals.directives += self._directives(self._fragments[name].directives)
        self._walked[name] = totals
        return totals

    def _selections(self, node: SelectionSetNode, parent: GraphQLNamedType | None, nesting: int) -> _Totals:
        if nesting > self._limits.nesting:
            too_complex(f"selections are nested more than {self._limits.nesting} deep")
        totals = _Totals()
        for selection in node.selections:
            totals.selections += 1
            totals.directives += self._directives(selection.directives)
            if isinstance(selection, FieldNode):
                self._add_field(selection, parent, totals, nesting)
            elif isinstance(selection, FragmentSpreadNode):
                totals.add(self.fragment(selection.name.value, nesting + 1))
            elif isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                within = self._schema.get_type(condition.name.value) if condition else parent
                totals.add(self._selections(selection.selection_set, within, nesting + 1))
        self._check(totals)
        return totals

    def _add_field(self, node: FieldNode, parent: GraphQLNamedType | None, totals: _Totals, nesting: int) -> None:
        self._literals(node.arguments, node.name.value)
        field = field_of(parent, node.name.value)
        inside = self._selections(node.selection_set, type_of(field), nesting + 1) if node.selection_set else _Totals()
        totals.costs.add(self._costs.of(node, field, inside.costs))
        totals.depth = max(totals.depth, inside.depth + 1)
        totals.selections += inside.selections
        totals.fields_at_top += 1
        totals.proofs_at_top += f"{parent}.{node.name.value}" in CHECKS_A_SECRET
        totals.directives += inside.directives
        totals.aliases += inside.aliases
        if node.alias:
            totals.aliases += 1
            if len(node.alias.value) > self._limits.alias_length:
                too_complex(f"an alias is longer than {self._limits.alias_length} characters")

    def _directives(self, nodes: tuple[DirectiveNode, ...] | None) -> int:
        if len(nodes or ()) > self._limits.directives_in_place:
            too_complex(f"more than {self._limits.directives_in_place} directives are in one place")
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
                if len(value.fields) > self._limits.input_fields:
                    too_complex(f"{where} holds an object of more than {self._limits.input_fields} fields")
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
