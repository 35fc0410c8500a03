"""No two classes of the five layers have the same name. A reader who meets a name knows which class it is."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[3]
LAYERS = ("rules", "models", "services", "resolvers", "api")
STRAWBERRY_TYPES = {"strawberry.type", "strawberry.interface", "strawberry.input"}


class NamedClass(NamedTuple):
    """A class at the top level of a module. Two flags say whether it is a Tortoise table or a type of the schema."""

    where: str
    is_table: bool
    is_graphql: bool


def classes(path: str, tree: ast.Module) -> Iterator[tuple[str, NamedClass]]:
    """Return the classes of a module by name. A class inside another class, such as Tortoise's Meta, is left out."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            decorators = {
                ast.unparse(each.func if isinstance(each, ast.Call) else each) for each in node.decorator_list
            }
            is_table = path.startswith("models/") and any(ast.unparse(base) == "Model" for base in node.bases)
            yield node.name, NamedClass(f"{path}:{node.lineno}", is_table, bool(decorators & STRAWBERRY_TYPES))


def shared_names(found: Mapping[str, Sequence[NamedClass]]) -> dict[str, list[str]]:
    """Return the names that several classes share. A table and the GraphQL type of the same noun may share one."""
    return {
        name: [each.where for each in those]
        for name, those in sorted(found.items())
        if len(those) > 1
        and sorted((each.is_table, each.is_graphql) for each in those) != [(False, True), (True, False)]
    }


def named(sources: Mapping[str, str]) -> dict[str, list[NamedClass]]:
    """Return the classes of the modules, grouped by class name. `sources` maps the path of a module to its source."""
    found: dict[str, list[NamedClass]] = defaultdict(list)
    for path, source in sources.items():
        for name, each in classes(path, ast.parse(source)):
            found[name].append(each)
    return found


def test_no_two_classes_have_one_name_except_a_table_and_its_graphql_type() -> None:
    sources = {
        file.relative_to(ROOT).as_posix(): file.read_text(encoding="utf-8")
        for layer in LAYERS
        for file in (ROOT / layer).rglob("*.py")
        if not {"node_modules", "migrations"} & {*file.parts}
    }

    assert len(sources) > 100
    assert shared_names(named(sources)) == {}, "name them by what differs"


TABLE = "class User(Model): ..."
GRAPHQL = "@strawberry.type(description='A user.')\nclass User(Node): ..."
PLAIN = "class User: ..."


@pytest.mark.parametrize(
    ("sources", "shared"),
    [
        ({"models/users.py": TABLE, "resolvers/users.py": GRAPHQL}, []),
        ({"models/users.py": TABLE, "services/users.py": PLAIN}, ["User"]),
        ({"models/users.py": PLAIN, "resolvers/users.py": GRAPHQL}, ["User"]),
        ({"models/users.py": TABLE, "resolvers/users.py": GRAPHQL, "rules/users.py": PLAIN}, ["User"]),
    ],
)
def test_only_a_table_and_its_graphql_type_may_share_a_name(sources: dict[str, str], shared: list[str]) -> None:
    assert [*shared_names(named(sources))] == shared
