"""Analyze the functions of the source: which functions read rows, check access to tenant data, or run SQL."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]

LAYERS = ("rules", "models", "services", "resolvers", "api")

DOOR = re.compile(r"^models\.[\w.]+\.(\w+_)?(visible_to|managed_by|managed|reach)$")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Module:
    """A parsed file, with the full name of each name that it imports or defines."""

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
        """Return the full names that the given code mentions. An attribute of an object is returned as `*.name`."""
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


def readers(among: Sequence[Module]) -> set[str]:
    """Return the names of the functions that read rows from the database.

    These are `fetch`, and the functions that take an SQL condition and call `fetch`, directly or through one another.
    """
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
    """Return the functions that read rows without a door: no condition `visible_to(actor)` limits the rows.

    A function that takes the condition as an argument is left out. A function that calls another function to make the
    condition is left out too.
    """
    through = {name: f for name, f in module.functions.items() if any(map(DOOR.match, module.mentioned(f)))}
    makers = {module.full(name) for name, f in through.items() if f.returns and "Sql" in ast.unparse(f.returns)}
    for name, function in module.functions.items():
        mentioned = module.mentioned(function)
        reads = mentioned & reading and not _takes_a_condition(function)
        if reads and name not in through and not mentioned & makers:
            yield f"{module.name}.{name}"


def _takes_a_condition(function: Function) -> bool:
    given = [*function.args.args, *function.args.kwonlyargs]
    return any(argument.annotation and re.search(r"\bSql\b", ast.unparse(argument.annotation)) for argument in given)
