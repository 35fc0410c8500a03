"""Parse GraphQL documents, check their limits and validate them. The results are cached."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace

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

from api.graphql.compiled.compiled_document import CompiledDocument
from api.graphql.cost.complexity import Complexity, operations_of
from api.graphql.cost.limits import Limits, check_text, check_variables, tokens_of
from api.graphql.cost.rows_in_variables import rows_in
from api.graphql.secret_arguments import secret_fields, takes_secret
from rules.refusals import Code, Refusal

_RULES = (*specified_rules, MaxIntrospectionDepthRule, MaybeNullValidationRule)


PARSED_TOKEN, COMPILED_TOKEN = 1_000, 700
"""The approximate memory of one token, in bytes: in the parsed document, and in each compiled variant of it.

`MOST_VARIANTS` of api/graphql/compiled explains variants.
"""


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed document that is within the limits. `errors` are its validation errors, each with a code."""

    node: DocumentNode
    operations: tuple[OperationDefinitionNode, ...]
    """The operations of the document in their order."""
    text_bytes: int
    """The number of bytes of the document's text.

    `bytes` counts the text twice, because the tokens hold a copy of the text.
    """
    tokens: int
    complexity: Complexity
    errors: tuple[GraphQLError, ...]
    takes_secret: bool
    """Whether the document selects a field that has an argument for a secret."""
    compiled: CompiledDocument | None
    """The compiled operations. None if the document is not valid or is too large for the cache."""

    @property
    def bytes(self) -> int:
        """The approximate memory of the document and of its compiled operations, in bytes."""
        variants = self.compiled.variants if self.compiled else 0
        return 2 * self.text_bytes + self.tokens * (PARSED_TOKEN + variants * COMPILED_TOKEN)

    def check(self, operation_name: str | None, variables: Mapping[str, object], limits: Limits) -> int:
        """Return the cost of the operation to execute.

        Raise Refusal in each of these cases:

        - No operation has the name `operation_name`, or the name is None and the document has several operations.
        - The variables or the cost exceed a limit.
        - The variables contain a value that cannot be stored.
        """
        check_text(operation_name or "", "operationName")
        operation = self.operation(operation_name)
        values = check_variables(variables, limits, rows_in(operation))
        return self.complexity.cost(operation, variables, values)

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """Return the operation with the name `name`. If `name` is None, return the only operation of the document.

        Raise Refusal if there is no such operation.
        """
        operations = self.operations
        if name is not None:
            operations = tuple(node for node in operations if node.name and node.name.value == name)
        if not operations:
            which = "operation" if name is None else f"operation named '{name}'"
            raise Refusal(Code.OPERATION_RESOLUTION_FAILURE, f"The document holds no {which}.")
        # Validation refuses two operations of the same name.
        if name is None and len(operations) > 1:
            raise Refusal(
                Code.OPERATION_RESOLUTION_FAILURE, "The document holds several operations: choose by operationName."
            )
        return operations[0]


class Documents:
    """Parses and validates documents of one schema, and caches the documents that were used most recently.

    `Limits.kept_bytes` limits the cache. The class replaces Strawberry's ParserCache and ValidationCache, which have no
    limits, and whose error messages suggest names of the schema. ValidationCache also hashes the whole document at
    every request.
    """

    def __init__(self, schema: GraphQLSchema, limits: Limits, *, introspection: bool) -> None:
        self._schema = schema
        self._limits = limits
        self._rules = _RULES if introspection else (*_RULES, NoSchemaIntrospectionCustomRule)
        self._secret_fields = secret_fields(schema)
        self._kept: dict[str, tuple[Document, int]] = {}
        self._kept_bytes = 0

    @property
    def kept_bytes(self) -> int:
        """The approximate memory of the cached documents, in bytes."""
        return self._kept_bytes

    def read(self, text: str) -> Document:
        """Parse and validate a document. The document's `errors` are its validation errors, which are not raised.

        Raise GraphQLSyntaxError if `text` has a syntax error. Raise the refusals of `tokens_of` and `Complexity`.
        """
        document, counted = self._kept.pop(text, (None, 0))
        if document is None:
            document = self._read(text)
            # Do not cache an invalid document, or one so large that it would displace many others.
            if document.compiled is None:
                return document
        # A document grows when one of its variants is compiled, which happens after it was read.
        size = document.bytes
        self._kept_bytes += size - counted
        self._kept[text] = document, size
        while self._kept_bytes > self._limits.kept_bytes:
            # Reading a document moves it to the end, so that the first one has not been used for the longest time.
            self._kept_bytes -= self._kept.pop(next(iter(self._kept)))[1]
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
        # getsizeof() counts 4 bytes for each character of a text with a character beyond U+FFFF, as Python stores it.
        text_bytes = sys.getsizeof(text)
        document = Document(node, operations_of(node), text_bytes, tokens, complexity, tuple(errors), has_secret, None)
        if errors or document.bytes > self._limits.kept_document:
            return document
        return replace(document, compiled=CompiledDocument(self._schema, node))
