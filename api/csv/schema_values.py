"""Convert JSON values and URL parameters to the types of the GraphQL schema, for the routes of CSV files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from graphql import (
    GraphQLBoolean,
    GraphQLError,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInt,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
)
from graphql.pyutils import Undefined
from graphql.utilities import coerce_input_value, validate_input_value

from api.graphql.compiled.internals import ArgumentConversion, field_definition
from api.graphql.cost.limits import Limits, check_variables
from api.graphql.http import decoded_json
from api.graphql.value_messages import values_as_json
from rules.refusals import Code, Refusal

WORDS = {"true": True, "false": False}


def root_field(schema: GraphQLSchema, member: str) -> GraphQLField:
    """Return the field with a name such as `Query.users`."""
    type_name, _, name = member.partition(".")
    type_ = schema.type_map[type_name]
    assert isinstance(type_, GraphQLObjectType), "a root type"  # noqa: S101  # for the type checker
    return cast(GraphQLField, type_.fields[name])


def arguments_of(schema: GraphQLSchema, member: str, given: Mapping[str, Any], limits: Limits) -> dict[str, Any]:
    """Convert JSON values to the arguments of a root field's resolver.

    `member` names the root field, such as `Query.users`. `given` has names and JSON values as in the schema. The result
    has Python names, and instances of Python classes for inputs.

    Raise Refusal(BAD_USER_INPUT) if an argument is not known or does not have its type. Also raise the refusals of
    `check_variables`.
    """
    field = root_field(schema, member)
    check_variables(dict(given), limits, {})
    coerced = {}
    for name, value in given.items():
        if name not in field.args:
            raise Refusal(Code.BAD_USER_INPUT, f"There is no {name} here.")
        coerced[name] = _coerced(name, value, field.args[name].type)
    definition = field_definition(field)
    assert definition is not None, "a field of our schema"  # noqa: S101  # Strawberry defines all of them
    known = ArgumentConversion(schema, field, definition).converted(coerced)
    return {name: value for name, value in known.items() if name != "paging"}


def _coerced(name: str, value: Any, type_: GraphQLInputType) -> Any:
    def refuse(error: GraphQLError, path: list[str | int]) -> None:
        place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
        raise Refusal(Code.BAD_USER_INPUT, f"{name}{place}: {values_as_json(error.message)}")

    validate_input_value(value, type_, refuse, hide_suggestions=True)
    coerced = coerce_input_value(value, type_)
    if coerced is Undefined:
        raise Refusal(Code.BAD_USER_INPUT, f"{name} does not have the type {type_}.")
    return coerced


class Parameter(NamedTuple):
    """A URL parameter, which sets one field of an input. `path` is the path of the field, and `type` is its type."""

    path: tuple[str, ...]
    type: GraphQLInputType


def parameters_of(
    type_: GraphQLInputObjectType, path: tuple[str, ...], left_out: frozenset[str]
) -> dict[str, Parameter]:
    """Return a URL parameter for each field of an input type, by the field's name.

    `path` is the path of the input. The fields `left_out` have no parameter.
    """
    return {name: Parameter((*path, name), field.type) for name, field in type_.fields.items() if name not in left_out}


def value_of(name: str, text: str, type_: GraphQLInputType) -> Any:
    """Convert the text of the URL parameter `name` to a JSON value for the type `type_`.

    In the URL, lists and inputs are JSON. Texts, ids, enums and instants are written without quotes.

    - Raise BadHttpRequest if a list or an input is not JSON.
    - Raise Refusal(BAD_USER_INPUT) if a Boolean is neither true nor false.

    Any other invalid value is returned as text. `arguments_of` then refuses it.
    """
    plain = get_nullable_type(type_)
    if not is_leaf_type(plain):
        return decoded_json(text.encode(errors="surrogatepass"), name)
    if get_named_type(plain) is GraphQLBoolean:
        if text not in WORDS:
            raise Refusal(Code.BAD_USER_INPUT, f"{name} is true or false.")
        return WORDS[text]
    if plain is GraphQLInt and text.lstrip("-").isdecimal():
        return int(text[:20])
    return text


def nested(values: Mapping[tuple[str, ...], Any]) -> dict[str, Any]:
    """Build nested objects from values and their paths: `{("a", "b"): 1}` gives `{"a": {"b": 1}}`."""
    found: dict[str, Any] = {}
    for path, value in values.items():
        inside = found
        for name in path[:-1]:
            inside = inside.setdefault(name, {})
        inside[path[-1]] = value
    return found
