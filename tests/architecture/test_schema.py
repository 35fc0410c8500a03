"""schema.graphql is the schema that the server serves, and its descriptions are complete for frontend developers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    get_named_type,
    is_introspection_type,
    is_specified_scalar_type,
)

from api import app as server
from rules.refusals import REASON_CODES, USER_ERROR_CODES
from rules.rights.root_fields import REFUSED_WHILE_ENROLLING
from tests.support.checking.listed_codes import LIST, listed_codes

FILE = Path(__file__).parents[2] / "schema.graphql"


def served() -> GraphQLSchema:
    return build_schema(server.schema(introspection=True).as_str())


def test_the_file_is_what_is_served() -> None:
    served_text = server.schema(introspection=True).as_str()

    kept_text = FILE.read_text()

    assert kept_text.strip() == served_text.strip(), "schema.graphql is stale: run `make schema` and commit it"


def test_every_type_field_argument_and_value_is_described() -> None:
    schema = served()

    mute = [name for name, description in _described(schema) if not (description or "").strip()]

    assert not mute, f"Describe for a frontend developer: {', '.join(mute)}"


def test_only_these_enums_may_get_more_values() -> None:
    schema = served()

    is_open = {e.name for e in _own_types(schema) if isinstance(e, GraphQLEnumType) and _directives(e) == ["open"]}

    assert is_open == {
        "AuditEventType",
        "InvitationMailProblem",
        "OutcomeReasonCode",
        "PortalAction",
        "SignInBlockerCode",
        "StatusReason",
        "UserAction",
        "UserErrorCode",
    }


def test_one_place_says_what_an_open_enum_asks_of_clients() -> None:
    schema = served()
    directive = schema.get_directive("open")

    repeating = [name for name, description in _described(schema) if "default branch" in (description or "")]

    assert directive is not None
    assert "default branch" in (directive.description or "")
    assert not repeating


def test_root_fields_are_nullable_so_that_one_refused_panel_does_not_empty_the_page() -> None:
    schema = served()
    assert schema.query_type is not None
    assert schema.mutation_type is not None

    strict = [
        f"{root.name}.{name}"
        for root in (schema.query_type, schema.mutation_type)
        for name, field in root.fields.items()
        if isinstance(field.type, GraphQLNonNull)
    ]

    assert sorted(strict) == ["Query.nodes", "Query.server"], "the entries of nodes are nullable; server never fails"


def test_no_access_check_refuses_a_field_that_is_never_null() -> None:
    schema = served()

    never_null = []
    for member in REFUSED_WHILE_ENROLLING:
        parent, name = member.split(".")
        kind = schema.type_map[parent]
        assert isinstance(kind, GraphQLObjectType)
        if isinstance(kind.fields[name].type, GraphQLNonNull):
            never_null.append(member)

    assert not never_null, "a refusal would take the object around the field away: answer it otherwise"


def test_every_access_check_below_a_root_field_is_declared() -> None:
    checked = {
        member
        for path in (FILE.parent / "resolvers").rglob("*.py")
        for member in re.findall(r'require_second_factor\(\s*"([A-Za-z.]+)"', path.read_text())
    }

    assert {member for member in checked if not member.startswith(("Query.", "Mutation."))} == {
        *REFUSED_WHILE_ENROLLING
    }


def test_each_mutation_lists_its_codes_in_one_place() -> None:
    root = served().mutation_type
    assert root is not None
    without = [name for name, codes in listed_codes().items() if not codes]

    twice = []
    for name, field in root.fields.items():
        payload = get_named_type(field.type)
        assert isinstance(payload, GraphQLObjectType)
        if LIST in (field.description or "") and re.search(r"[A-Z]_[A-Z]", payload.fields["errors"].description or ""):
            twice.append(name)

    assert without == ["requestNewInvitation"], "its answer is always the same"
    assert twice == []


def test_the_reasons_are_those_that_the_rules_know() -> None:
    schema = served()

    outcome, request = schema.type_map["OutcomeReasonCode"], schema.type_map["UserErrorCode"]

    assert isinstance(outcome, GraphQLEnumType)
    assert isinstance(request, GraphQLEnumType)
    assert list(outcome.values) == [code.value for code in REASON_CODES]
    assert list(request.values) == [code.value for code in USER_ERROR_CODES]


def test_the_list_of_reasons_can_grow_and_says_so() -> None:  # K22
    reasons = served().type_map["OutcomeReasonCode"]

    assert isinstance(reasons, GraphQLEnumType)
    assert _directives(reasons) == ["open"]


def _directives(enum: GraphQLEnumType) -> list[str]:
    return [directive.name.value for directive in (enum.ast_node and enum.ast_node.directives) or ()]


def _own_types(schema: GraphQLSchema) -> Iterator[object]:
    for each in schema.type_map.values():
        if not is_introspection_type(each) and not is_specified_scalar_type(each):
            yield each


def _described(schema: GraphQLSchema) -> Iterator[tuple[str, str | None]]:
    for each in _own_types(schema):
        assert hasattr(each, "name")
        assert hasattr(each, "description")
        yield each.name, each.description
        if isinstance(each, GraphQLEnumType):
            yield from ((f"{each.name}.{name}", value.description) for name, value in each.values.items())
        if isinstance(each, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            for name, field in each.fields.items():
                yield f"{each.name}.{name}", field.description
                for argument, given in getattr(field, "args", {}).items():
                    yield f"{each.name}.{name}({argument}:)", given.description
