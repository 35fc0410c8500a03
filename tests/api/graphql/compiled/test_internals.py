"""Internals of Strawberry and graphql-core that compiled operations use. If a test fails, read what has changed."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from inspect import signature
from typing import Any

import pytest
from graphql.execution.collect_fields import (
    CollectedFields,
    FieldDetails,
    FragmentDetails,
    collect_fields,
    collect_subfields,
)
from graphql.execution.executor import Executor
from graphql.execution.values import VariableValues, get_argument_values, get_variable_values
from strawberry.extensions.field_extension import build_field_extension_resolvers
from strawberry.schema.schema import Schema, StrawberryGraphQLCoreExecutionContext
from strawberry.schema.schema import _OperationContextAwareGraphQLResolveInfo as ResolveInfo
from strawberry.schema.schema_converter import GraphQLCoreConverter, get_arguments
from strawberry.types.arguments import convert_arguments
from strawberry.types.field import StrawberryField

PARAMETERS: tuple[tuple[Callable[..., Any], str], ...] = (
    (collect_fields, "schema fragments variable_values runtime_type operation hide_suggestions"),
    (collect_subfields, "schema fragments variable_values operation return_type field_details_list hide_suggestions"),
    (get_variable_values, "schema var_def_nodes inputs max_errors hide_suggestions"),
    (get_argument_values, "type_def node variable_values fragment_variable_values hide_suggestions"),
    (convert_arguments, "value arguments scalar_registry config info"),
    (get_arguments, "field source info kwargs config scalar_registry"),
    (build_field_extension_resolvers, "field"),
    (Executor.execute_field, "self parent_type source field_details_list path position_context"),
    (
        Executor.complete_awaitable_value,
        "self return_type field_details_list info path result position_context",
    ),
    (
        Schema.execute,
        "self query variable_values context_value root_value operation_name allowed_operation_types operation_extensions",
    ),
)


@pytest.mark.parametrize(("function", "names"), PARAMETERS, ids=[function.__qualname__ for function, _ in PARAMETERS])
def test_a_function_takes_the_parameters_that_are_given_to_it(function: Callable[..., Any], names: str) -> None:
    found = list(signature(function).parameters)

    assert found[: len(names.split())] == names.split()


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (CollectedFields, "grouped_field_set new_defer_usages forbidden_directive_instances"),
        (FieldDetails, "node defer_usage fragment_variable_values"),
        (FragmentDetails, "definition variable_signatures"),
        (VariableValues, "sources coerced"),
        (
            ResolveInfo,
            "field_name field_nodes return_type parent_type path schema fragments root_value operation variable_values"
            " context is_awaitable abort_signal async_helpers operation_extensions",
        ),
    ],
)
def test_a_tuple_has_the_fields_that_compiled_operations_read(kind: Any, fields: str) -> None:
    assert list(kind._fields) == fields.split()


def test_strawberry_calls_a_resolver_as_a_compiled_operation_does() -> None:
    """If Strawberry adds a kind of parameter, `resolver_chain` must handle it."""
    names = {name for name in get_arguments.__code__.co_names if name.endswith("_parameter")}

    assert names == {"self_parameter", "parent_parameter", "root_parameter", "info_parameter"}
    assert isinstance(StrawberryField.is_basic_field, property)
    assert GraphQLCoreConverter.DEFINITION_BACKREF


def test_root_fields_pass_through_the_method_that_uses_known_results() -> None:
    assert StrawberryGraphQLCoreExecutionContext.execute_field is Executor.execute_field


def test_the_libraries_have_the_versions_whose_internals_were_read() -> None:
    """After an upgrade: read the changes of what api/graphql/compiled/internals.py imports, run `make fuzz`, edit this
    test.
    """
    assert version("graphql-core").startswith("3.3.")
    assert version("strawberry-graphql").startswith("0.341.")
