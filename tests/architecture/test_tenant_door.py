"""Tenant data has one door: what is read is read behind `visible_to(actor)` or one of its kind, or says here why not.

A function that takes a condition (a parameter of type Sql) leaves the door to its callers; whoever composes the
condition must pass a door. This is checked on the syntax tree, so it holds for code that no test runs.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LAYERS = ("rules", "models", "services", "resolvers", "api")

EXPLAINED = {
    "models.staff.names": "names, never more, of whoever acted in what the asker sees; within his MSSP",
    "models.auth.actors.acting": "finds out who asks; until then there is nobody to be visible to",
    "models.auth.attempts.totals": "signing in, before there is an actor; numbers that no one is shown",
    "models.users.recount.every_portal": "for the doctor, who answers to the operator",
    "models.users.recount.without_seat": "for the doctor, who answers to the operator; a number",
    "models.users.recount.recount": "writes counters; shows nothing to anybody",
    "models.auth.unscoped.link_owner": "whoever holds a link of the user's",
    "models.auth.unscoped.lock_users": "something happens to them, whoever sees them; their portal is locked",
    "models.auth.unscoped.portal": "where something happens to somebody; shows nothing to anybody",
    "models.auth.unscoped.portal_account": "an account whose link or session was found",
    "models.auth.unscoped.portal_account_by_login": "signing in, before there is an actor",
    "models.auth.unscoped.portal_of": "whoever holds a link or session of the user's; tells no more than where he is",
    "models.auth.unscoped.staff_account": "an account whose link or session was found",
    "models.auth.unscoped.staff_account_by_login": "signing in, before there is an actor",
    "models.housekeeping.due_users.count_due": "for the operator, for all providers at once",
    "models.housekeeping.expired_rows.count_expired": "for the operator, for all providers at once",
    "models.housekeeping.due_users.due": "for the operator, for all providers at once; shows nothing to anybody",
    "models.housekeeping.due_users.policies": "for the operator, for all providers at once",
    "models.housekeeping.due_users.still_due": "for the operator; of users who are locked",
    "models.idempotency.claim": "an account's own keys, by its id",
    "models.housekeeping.leases.finished_at": "for the operator; tells no more than when",
    "models.auth.second_factors.batch_behind": "for the operator, who changes keys; shows nothing that is sealed",
    "models.auth.second_factors.count_by_key": "for the operator; numbers over all providers",
    "models.auth.second_factors.count_codes_by_key": "for the operator; numbers over all providers",
    "models.auth.second_factors.count_nameless_codes": "for the operator; a number",
    "models.auth.second_factors.has_codes_of_other_keys": "of an account's own, before it is signed in; tells no more than that",
    "models.auth.second_factors.has_codes_without_key_name": "of an account's own, before it is signed in; tells no more",
    "models.auth.second_factors.nameless_behind": "for the operator, who changes keys; shows nothing that is sealed",
    "models.auth.second_factors.number": "for the operator; a number",
    "models.auth.refresh_tokens.lock_family": "the session that a token names; the token is checked before anything is said",
    "models.housekeeping.tasks.known": "the tasks of the server, of no tenant",
    "models.housekeeping.tasks.has_users": "whether the database is new",
    "models.auth.second_factors.of_account": "an account's own, before it is signed in",
    "models.links.lookup.by_hash": "whoever holds a link's token holds its right",
    "models.links.lookup.by_id": "for the worker that mails them",
    "models.links.lookup.newest_of": "of an account that came through a door, or that asked for a reset",
    "models.links.lookup.newest": "of users who came through a door",
    "models.metrics.totals": "sums over all providers, for the operator",
    "models.users.refolding._batch": "for a migration",
    "models.users.refolding._check_free": "for a migration",
    "models.users.refolding._refold_few": "for a migration",
    "models.users.refolding._told": "answers to the operator who migrates",
    "models.users.inserts.admins_of": "of a portal that came through the door; a number",
    "models.users.logins.taken": "tells who adds users to a portal which of the typed logins are taken there",
    "models.operations.outcomes_of": "of an operation that came through the door, for whoever started it",
    "models.mail.mail_claims.users": "for the worker, which checks what it sends",
    "models.mail.mail_claims.places": "for the worker, which checks what it sends",
    "models.mail.mail_claims.staff": "for the worker, which checks what it sends",
    "models.mail.claims._held": "for the worker that mails them",
    "models.mail.claims._rejoin": "for the worker; gives nothing back",
    "models.mail.queue_places._last": "numbers by which mails are put in order",
    "models.mail.dead_letters.in_state": "for the operator, who sees no address whole",
    "models.mail.dead_letters.known": "for the operator; tells no more than that there is such a mail",
    "models.mail.dead_letters.lock_dead": "for the operator, who sends them again",
    "models.mail.claims.is_any_due": "for the worker; tells no more than that",
    "models.mail.recipient_mails.since": "instants by digest; which address they are of cannot be told",
    "models.auth.reset_requests.is_any_left": "for the worker; tells no more than that",
    "models.portals.lookup.lock": "locks rows whose ids came through a door; gives nothing back",
    "models.users.logins.is_taken": "tells an admin of the portal no more than that a login is taken there",
    "models.users.logins.looks_taken": "tells an admin of the portal no more than that a username looks like one there",
    "services.admin.doctor._of_portal": "answers to the operator",
}
"""Functions that read without a door, each with its reason."""

WHO_USES_TABLES = {
    "services.admin.setup": "sets a system up for its operator, before there is anybody to be visible to",
    "services.admin.demo": "fills an empty database",
    "services.admin.load_data": "adds to the demo, for measuring",
}
WHO_RUNS_SQL = {
    *("models.db.sql", "models.db.database", "models.db.migrate", "models.db.engines.schema_editors"),
    *(
        "models.db.engines.sqlite_engine",
        "models.db.engines.postgres_statistics",
        "models.db.engines.sqlite_statistics",
        "models.db.engines.postgres_engine",
    ),
}
RUNNING = {"execute_query", "execute_query_dict", "execute_script", "execute_many", "execute_insert"}

DOOR = re.compile(r"^models\.[\w.]+\.(\w+_)?(visible_to|managed_by|managed|reach)$")
STATEMENT = re.compile(r"\b(SELECT|INSERT INTO|DELETE FROM|UPDATE \w+ SET)\b")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Module:
    """A file, with what its names stand for."""

    name: str
    tree: ast.Module
    functions: dict[str, Function] = field(default_factory=dict)
    methods: set[str] = field(default_factory=set)
    _mentioned: dict[ast.AST, set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for node in self.tree.body:
            for inner in node.body if isinstance(node, ast.ClassDef) else [node]:
                if isinstance(inner, Function):
                    self.functions[inner.name] = inner
                    self.methods |= {inner.name} if inner is not node else set()

    @cached_property
    def names(self) -> dict[str, str]:
        own = {n.name for n in self.tree.body if isinstance(n, ast.ClassDef)} | set(self.functions) - self.methods
        found = {name: f"{self.name}.{name}" for name in own}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom):
                found |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
            elif isinstance(node, ast.Import):
                found |= {a.asname or a.name: a.name for a in node.names}
        return found

    def mentioned(self, node: ast.AST) -> set[str]:
        """Full names of what is mentioned in there; what hangs on an object is `*.name`."""
        if node not in self._mentioned:
            self._mentioned[node] = {full for part in ast.walk(node) if (full := self._stands_for(part))}
        return self._mentioned[node]

    def _stands_for(self, part: ast.AST) -> str | None:
        if isinstance(part, ast.Name):
            return self.names.get(part.id)
        if isinstance(part, ast.Attribute):
            owner = self.names.get(part.value.id) if isinstance(part.value, ast.Name) else None
            return f"{owner or '*'}.{part.attr}"
        return None

    def full(self, function: str) -> str:
        return f"*.{function}" if function in self.methods else f"{self.name}.{function}"


@cache
def modules() -> tuple[Module, ...]:
    return tuple(
        Module(".".join(file.relative_to(ROOT).with_suffix("").parts), ast.parse(file.read_text(encoding="utf-8")))
        for layer in LAYERS
        for file in sorted((ROOT / layer).rglob("*.py"))
        if not {"migrations", "node_modules"} & set(file.parts)
    )


def tables(among: Sequence[Module]) -> set[str]:
    """Full names of Tortoise's classes, also by the module that gathers them."""
    found = {
        node.name: module.name
        for module in among
        if module.name.startswith("models.")
        for node in module.tree.body
        if isinstance(node, ast.ClassDef) and any(ast.unparse(base) == "Model" for base in node.bases)
    }
    return {f"{place}.{name}" for name, home in found.items() for place in (home, "models.tables")}


def readers(among: Sequence[Module]) -> set[str]:
    """fetch(), and every function that hands it the condition that it was given."""
    found = {"models.db.sql.fetch"}
    while True:
        more = {
            module.full(name)
            for module in among
            for name, function in module.functions.items()
            if _takes_a_condition(function) and module.mentioned(function) & found
        }
        if more <= found:
            return found
        found |= more


def doorless(module: Module, reading: set[str]) -> Iterator[str]:
    """Functions that read and neither take a condition nor pass a door, nor have it passed by one that makes theirs."""
    through = {name: f for name, f in module.functions.items() if any(map(DOOR.match, module.mentioned(f)))}
    makers = {module.full(name) for name, f in through.items() if f.returns and "Sql" in ast.unparse(f.returns)}
    for name, function in module.functions.items():
        mentioned = module.mentioned(function)
        reads = mentioned & reading and not _takes_a_condition(function)
        if reads and name not in through and not mentioned & makers:
            yield f"{module.name}.{name}"


def tables_used(module: Module, known: set[str]) -> Iterator[str]:
    """Tortoise's classes: imported outside models/, or asked for anything inside."""
    imported = {full for full in module.names.values() if full in known}
    if not module.name.startswith("models.") and imported:
        yield from sorted(imported)
    for part in ast.walk(module.tree):
        if isinstance(part, ast.Attribute) and module.mentioned(part.value) & known:
            yield f"{ast.unparse(part)} (line {part.lineno})"


def statements(module: Module) -> Iterator[str]:
    """SQL that is run by others than models/db/sql.py, or written outside models/."""
    for part in ast.walk(module.tree):
        if isinstance(part, ast.Attribute) and part.attr in RUNNING and module.name not in WHO_RUNS_SQL:
            yield f"{module.name}:{part.lineno} calls {part.attr}()"
        text = part.value if isinstance(part, ast.Constant) else None
        if isinstance(text, str) and STATEMENT.search(text) and not module.name.startswith("models."):
            yield f"{module.name} holds {text[:60]!r}"


def _takes_a_condition(function: Function) -> bool:
    given = [*function.args.args, *function.args.kwonlyargs]
    return any(argument.annotation and re.search(r"\bSql\b", ast.unparse(argument.annotation)) for argument in given)


def test_tenant_data_is_read_through_a_door() -> None:
    every = modules()
    reading = readers(every)
    without = {name for module in every for name in doorless(module, reading)}

    unexplained, stale = sorted(without - set(EXPLAINED)), sorted(set(EXPLAINED) - without)
    assert not unexplained, (
        f"{', '.join(unexplained)}: read by a condition that holds visible_to(actor), managed_by(actor) or managed(actor,"
        " …) of the models' module; or say in EXPLAINED why nobody can see here what is not his."
    )
    assert not stale, f"{', '.join(stale)}: no explanation is needed any more. Take it out of EXPLAINED."


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
