"""Parsing, limits and validation of documents, with a cache of the results."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    MaxIntrospectionDepthRule,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    parse,
    specified_rules,
    validate,
)
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule

from api.graphql.cost.complexity import Complexity, operations_of
from api.graphql.cost.limits import Limits, check_text, check_variables, tokens_of
from api.graphql.cost.rows_in_variables import rows_in
from api.graphql.secret_arguments import secret_fields, takes_secret
from rules.refusals import Code, Refusal

_RULES = (*specified_rules, MaxIntrospectionDepthRule, MaybeNullValidationRule)


@dataclass(frozen=True, slots=True)
class Document:
    """A document within the limits. `errors` are those of its validation, each with its code."""

    node: DocumentNode
    bytes: int
    """Approximate memory of the document, see `_weight`."""
    complexity: Complexity
    errors: tuple[GraphQLError, ...]
    takes_secret: bool
    """Whether it selects a field that has an argument for a secret."""

    def check(self, operation_name: str | None, variables: Mapping[str, object], limits: Limits) -> int:
        """Return the cost of the requested operation.

        Raise Refusal if the request does not determine one operation, or if its variables or its cost pass a limit.
        """
        check_text(operation_name or "", "operationName")
        operation = self._operation(operation_name)
        values = check_variables(variables, limits, rows_in(operation))
        return self.complexity.cost(operation, variables, values)

    def _operation(self, name: str | None) -> OperationDefinitionNode:
        operations = operations_of(self.node)
        if name is not None:
            operations = tuple(node for node in operations if node.name and node.name.value == name)
        if not operations:
            which = "operation" if name is None else f"operation named '{name}'"
            raise Refusal(Code.OPERATION_RESOLUTION_FAILURE, f"The document holds no {which}.")
        # Two of the same name are for validation to refuse.
        if name is None and len(operations) > 1:
            raise Refusal(
                Code.OPERATION_RESOLUTION_FAILURE, "The document holds several operations: choose by operationName."
            )
        return operations[0]


class Documents:
    """Parses and validates documents against one schema. Caches those read last, up to `Limits.kept_bytes`.

    Replaces Strawberry's ParserCache and ValidationCache, which have no limits and suggest names of the schema in
    messages. The second also hashes the whole document at every request.
    """

    def __init__(self, schema: GraphQLSchema, limits: Limits, *, introspection: bool) -> None:
        self._schema = schema
        self._limits = limits
        self._rules = _RULES if introspection else (*_RULES, NoSchemaIntrospectionCustomRule)
        self._secret_fields = secret_fields(schema)
        self._kept: dict[str, Document] = {}
        self._kept_bytes = 0

    @property
    def kept_bytes(self) -> int:
        """Approximate memory of the cached documents."""
        return self._kept_bytes

    def read(self, text: str) -> Document:
        """Return the document of a text; raise GraphQLSyntaxError, or Refusal if it passes a limit."""
        document = self._kept.pop(text, None)
        if document is None:
            document = self._read(text)
            # A document that cannot run, or that would push many others out, is read again when it comes again.
            if document.errors or document.bytes > self._limits.kept_document:
                return document
            self._kept_bytes += document.bytes
        self._kept[text] = document
        while self._kept_bytes > self._limits.kept_bytes:
            # Reading a document puts it last, so the first is the one not asked for longest.
            self._kept_bytes -= self._kept.pop(next(iter(self._kept))).bytes
        return document

    def _read(self, text: str) -> Document:
        tokens = tokens_of(text, self._limits)
        node = parse(text)
        complexity = Complexity(node, self._schema, self._limits)
        errors = validate(
            self._schema, node, self._rules, max_errors=self._limits.validation_errors, hide_suggestions=True
        )
        for error in errors:
            error.extensions = {"code": Code.GRAPHQL_VALIDATION_FAILED}
        has_secret = takes_secret(text, node, self._secret_fields)
        return Document(node, _weight(text, tokens), complexity, tuple(errors), has_secret)


def _weight(text: str, tokens: int) -> int:
    """Return about how many bytes a document takes: its text twice (once more in its tokens) and 1 kB for each token.

    One character beyond U+FFFF makes Python keep all of a text at 4 bytes a character; getsizeof() knows.
    """
    return 2 * sys.getsizeof(text) + 1_000 * tokens
