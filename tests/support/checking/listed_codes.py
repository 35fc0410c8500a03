"""The codes that the schema lists for a mutation, and the check that an answer has no other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

from graphql import FieldNode, GraphQLObjectType, OperationDefinitionNode, get_named_type, parse

from api import app as server
from rules.refusals import USER_ERROR_CODES

LIST = "Errors:"
"""The first words of the list of codes in the description of a mutation, or of the field `errors` of its payload."""


@cache
def listed_codes() -> dict[str, frozenset[str]]:
    """Return the codes of UserErrorCode that the schema lists for each mutation, by the mutation's name."""
    root = server.schema(introspection=True)._schema.mutation_type
    assert root is not None
    found = {}
    for name, field in root.fields.items():
        payload = get_named_type(field.type)
        assert isinstance(payload, GraphQLObjectType)
        text = (field.description or "").partition(LIST)[2] + (payload.fields["errors"].description or "")
        found[name] = frozenset(re.findall(r"\b[A-Z]+(?:_[A-Z]+)*\b", text)) & {code.value for code in USER_ERROR_CODES}
    return found


def check_listed(document: str, data: Any) -> None:
    """Require that the schema lists each code in `errors` of the mutations of the document."""
    unlisted = [
        f"{name}: {code}" for name, code in _answered(document, data) if code not in listed_codes().get(name, ())
    ]
    assert not unlisted, f"codes that the schema does not list: {unlisted}"


def _answered(document: str, data: Any) -> Iterator[tuple[str, str]]:
    """Return each code in the payloads of `data`, with the name of the mutation."""
    payloads = {key: value for key, value in (data or {}).items() if isinstance(value, dict) and value.get("errors")}
    for key, payload in payloads.items():
        if name := _mutations(document).get(key):
            yield from ((name, error["code"]) for error in payload["errors"] if "code" in error)


@lru_cache(maxsize=1_000)  # parsing takes longer than a short request, and tests repeat their documents
def _mutations(document: str) -> dict[str, str]:
    """Return the names of the mutations of the document, by their keys in the answer."""
    return {
        field.alias.value if field.alias else field.name.value: field.name.value
        for operation in parse(document).definitions
        if isinstance(operation, OperationDefinitionNode) and operation.operation.value == "mutation"
        for field in operation.selection_set.selections
        if isinstance(field, FieldNode)
    }
