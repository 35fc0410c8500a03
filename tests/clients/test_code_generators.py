"""Code generators accept every example operation: graphql-codegen with a strict TypeScript, and Relay's compiler."""

from __future__ import annotations

import re
from pathlib import Path

from graphql import GraphQLEnumType, GraphQLScalarType, build_schema, is_specified_scalar_type

from tests.clients.project import Project, named_examples, snippets
from tests.support.processes.commands import ROOT

SCHEMA = build_schema((ROOT / "schema.graphql").read_text())


def test_graphql_codegen_types_every_example(project: Project) -> None:
    generated = (project.folder / "src" / "gql" / "graphql.ts").read_text()

    assert [name for name in named_examples() if f"export const {name}Document" not in generated] == []
    assert ": any" not in generated
    assert ": unknown" not in re.sub(r"\[key: string\]: unknown", "", generated)


def test_generated_enums_have_the_values_in_the_order_of_the_schema(project: Project) -> None:
    generated = (project.folder / "src" / "gql" / "graphql.ts").read_text()
    status = SCHEMA.type_map["UserStatus"]
    assert isinstance(status, GraphQLEnumType)

    (values,) = re.findall(r"export const UserStatus = \{(.*?)\} as const", generated, re.DOTALL)

    assert re.findall(r"'([A-Z_]+)'", values) == list(status.values)


def test_the_settings_of_the_guide_name_every_scalar() -> None:
    scalars = {
        name
        for name, kind in SCHEMA.type_map.items()
        if isinstance(kind, GraphQLScalarType) and not is_specified_scalar_type(kind)
    }

    named = set(re.findall(r"(\w+): \"string\"", snippets()["codegen.ts"]))

    assert named == scalars | {"ID"}


def test_relays_compiler_accepts_every_example_and_the_guides_list(tmp_path: Path) -> None:
    relay = Project(tmp_path)
    relay.write_for_relay()

    told = relay.run("relay-compiler", "relay.config.json")

    artifacts = {file.name.partition(".")[0] for file in (tmp_path / "src" / "__generated__").iterdir()}
    assert "Compilation completed" in told
    assert [name for name in named_examples() if not {f"{name}Query", f"{name}Mutation"} & artifacts] == []
    assert {"UsersTableQuery", "UsersTableDeleteMutation", "UsersTable_query"} <= artifacts
