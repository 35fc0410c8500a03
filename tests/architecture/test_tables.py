"""Only named queries of models/ read tables, and only models/ contains SQL."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

import pytest

from tests.architecture.reading_source import Module, doorless, modules, readers

WHO_USES_TABLES = {
    "services.admin.setup": "sets a system up for its operator, before there is an actor",
    "services.admin.demo": "fills an empty database",
    "services.admin.benchmark_data": "adds to the demo, for measuring",
}

WHO_RUNS_SQL = {
    "models.db.sql",
    "models.db.database",
    "models.db.migrate",
    "models.db.engines.schema_editors",
    "models.db.engines.sqlite_engine",
    "models.db.engines.postgres_statistics",
    "models.db.engines.search_index",
    "models.db.engines.sqlite_statistics",
    "models.db.engines.postgres_engine",
}

RUNNING = {"execute_query", "execute_query_dict", "execute_script", "execute_many", "execute_insert"}

STATEMENT = re.compile(r"\b(SELECT|INSERT INTO|DELETE FROM|UPDATE \w+ SET)\b")


def tables(among: Sequence[Module]) -> set[str]:
    """Return the full names of the Tortoise models that the modules define.

    Each model has two full names: one begins with its module, the other with `models.tables`, which imports all models.
    """
    found = {
        node.name: module.name
        for module in among
        if module.name.startswith("models.")
        for node in module.tree.body
        if isinstance(node, ast.ClassDef) and any(ast.unparse(base) == "Model" for base in node.bases)
    }
    return {f"{place}.{name}" for name, home in found.items() for place in (home, "models.tables")}


def tables_used(module: Module, known: set[str]) -> Iterator[str]:
    """Return the uses of Tortoise's classes: imports outside models/, and attributes such as `PortalUser.filter`
    anywhere.
    """
    imported = {full for full in module.names.values() if full in known}
    if not module.name.startswith("models.") and imported:
        yield from sorted(imported)
    for part in ast.walk(module.tree):
        if isinstance(part, ast.Attribute) and module.mentioned(part.value) & known:
            yield f"{ast.unparse(part)} (line {part.lineno})"


def statements(module: Module) -> Iterator[str]:
    """Return the places that run SQL without models/db/sql.py, and the places outside models/ that contain SQL."""
    for part in ast.walk(module.tree):
        if isinstance(part, ast.Attribute) and part.attr in RUNNING and module.name not in WHO_RUNS_SQL:
            yield f"{module.name}:{part.lineno} calls {part.attr}()"
        text = part.value if isinstance(part, ast.Constant) else None
        if isinstance(text, str) and STATEMENT.search(text) and not module.name.startswith("models."):
            yield f"{module.name} holds {text[:60]!r}"


def test_tables_are_read_by_named_queries_and_not_through_the_orm() -> None:
    every = modules()
    known = tables(every)
    found = {module.name: list(tables_used(module, known)) for module in every}

    used = {name: what for name, what in found.items() if what and name not in WHO_USES_TABLES}
    assert not used, f"{used}: read through a function in models/ that takes the actor, write through services/."
    assert all(found[name] for name in WHO_USES_TABLES), "take out of WHO_USES_TABLES who uses none any more"


def test_sql_is_written_in_models_and_run_in_one_place() -> None:
    found = [line for module in modules() for line in statements(module)]

    assert not found, f"{found}: put it into a named query in models/, which runs it by fetch() or write()."


@pytest.mark.parametrize(
    "source",
    [
        "from models.db.sql import fetch\nasync def f(): await fetch(sql('u.id = ?'))",
        "from models.db.keyset import pages as keyset\ndef f(): return Once(lambda: keyset.page(LISTING, where, window))",
        "from models.db.keyset import pages as k\nclass A:\n    async def f(self):\n        async def g(): await k.count('u', w)",
        "async def read(where: Sql): await fetch(where)\nasync def f(): await read(ALL)\nfrom models.db.sql import fetch",
        "from models.portals import lookup as portals\nasync def f(): await portals.licensed(Sql('1=1'))",
    ],
)
def test_a_read_without_a_door_would_be_noticed(source: str) -> None:
    every = [*modules(), Module("resolvers.x", ast.parse(source))]

    assert list(doorless(every[-1], readers(every))) == ["resolvers.x.f"]


@pytest.mark.parametrize(
    "source",
    [
        "from models.users import lookup as users\nfrom models.db.sql import fetch\nasync def f(a): await fetch(users.visible_to(a))",
        "from models.db.sql import fetch\nasync def f(where: Sql): await fetch(where)",
        "from models import audit\nfrom models.db.keyset import pages as keyset\ndef w(a) -> Sql: return audit.visible_to(a)\ndef f(a): keyset.count('e', w(a))",
    ],
)
def test_a_read_behind_a_door_is_left_alone(source: str) -> None:
    every = [*modules(), Module("resolvers.x", ast.parse(source))]

    assert not list(doorless(every[-1], readers(every)))


@pytest.mark.parametrize(
    "source",
    [
        "from models.tables import PortalUser",
        "from models.users.table import PortalUser as U",
        "from models.users import table as users\nusers.PortalUser.filter()",
    ],
)
def test_a_table_in_use_would_be_noticed(source: str) -> None:
    assert list(tables_used(Module("resolvers.x", ast.parse(source)), tables(modules())))


@pytest.mark.parametrize("source", ["x = f'SELECT {a} FROM portal'", "connection.execute_query(q)"])
def test_sql_in_the_wrong_place_would_be_noticed(source: str) -> None:
    assert list(statements(Module("services.x", ast.parse(source))))
