"""Fields with an argument for a secret, such as a token. A query in a URL must not contain them.

Logs and browsers store URLs.
"""

from __future__ import annotations

import re

from graphql import DocumentNode, FieldNode, GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema, Visitor, visit

_SECRET = re.compile(r"(?i:.*(token|password|secret|code))")
"""Matches the name of an argument for a secret. Cursors, ids and idempotency keys are not secrets."""


def secret_fields(schema: GraphQLSchema) -> frozenset[str]:
    """Return the names of all fields with an argument for a secret, except the fields of Mutation."""
    return frozenset(
        name
        for type_ in schema.type_map.values()
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType) and type_ is not schema.mutation_type
        for name, field in type_.fields.items()
        if any(_SECRET.fullmatch(argument) for argument in field.args)
    )


class _Finder(Visitor):
    def __init__(self, names: frozenset[str]) -> None:
        super().__init__()
        self._names = names
        self.found = False

    def enter_field(self, node: FieldNode, *_: object) -> None:
        self.found = self.found or node.name.value in self._names


def takes_secret(text: str, node: DocumentNode, names: frozenset[str]) -> bool:
    """Return whether the document `node` selects a field with a name in `names`. `text` is the document's text."""
    if not any(name in text for name in names):  # this cheap test is enough for most documents
        return False
    finder = _Finder(names)
    visit(node, finder)
    return finder.found
