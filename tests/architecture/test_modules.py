"""Modules import each other without cycles, and folders and modules are small enough to read."""

from __future__ import annotations

import ast
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Set
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parents[2]
LAYERS = ("rules", "models", "services", "resolvers", "api")
MOST_FILES = 12
"""The maximum number of modules in a folder. Migrations do not count, because they are a growing series."""
LONGEST_FILE = 250
MEDIAN_LENGTH = 90

Graph = Mapping[str, Set[str]]


def module_name(path: str) -> str:
    """Return the name by which a file is imported."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def imported(tree: ast.Module, modules: Set[str]) -> Iterator[str]:
    """Return the modules that a file imports, at the top or inside a function.

    Imports for the type checker alone count too, because a reader follows them as well.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                submodule = f"{node.module}.{alias.name}"
                yield from {submodule if submodule in modules else node.module} & modules


def circles(graph: Graph) -> list[list[str]]:
    """Return the shortest import cycle through each module that is in a cycle. Each cycle is returned once."""
    found = {tuple(_rotated(path)): path for start in sorted(graph) if (path := _way_back(graph, start))}
    return list(found.values())


def _way_back(graph: Graph, start: str) -> list[str] | None:
    before: dict[str, str] = {}
    ahead = deque([start])
    while ahead:
        here = ahead.popleft()
        for there in sorted(graph.get(here, ())):
            if there == start:
                path = [here]
                while path[-1] != start:
                    path.append(before[path[-1]])
                return path[::-1]
            if there not in before:
                before[there] = here
                ahead.append(there)
    return None


def _rotated(path: list[str]) -> list[str]:
    first = path.index(min(path))
    return path[first:] + path[:first]


def files(*folders: str) -> list[Path]:
    """Return the modules below these folders, without migrations and the __init__ of packages."""
    found = [file for folder in folders for file in sorted((ROOT / folder).rglob("*.py"))]
    return [file for file in found if file.name != "__init__.py" and not {"node_modules", "migrations"} & {*file.parts}]


def length_of(file: Path) -> int:
    """Return the number of lines of the file."""
    return file.read_text(encoding="utf-8").count("\n")


def test_no_module_imports_itself_on_a_way_round() -> None:
    trees = {
        module_name(file.relative_to(ROOT).as_posix()): ast.parse(file.read_text(encoding="utf-8"))
        for layer in LAYERS
        for file in (ROOT / layer).rglob("*.py")
        if "node_modules" not in file.parts
    }

    graph = {name: set(imported(tree, trees.keys())) - {name} for name, tree in trees.items()}

    assert len(graph) > 100
    assert [" -> ".join([*path, path[0]]) for path in circles(graph)] == []


@pytest.mark.parametrize(
    ("graph", "expected"),
    [
        ({"a": {"b"}, "b": {"c"}, "c": set()}, []),
        ({"a": {"b"}, "b": {"a"}}, [["a", "b"]]),
        ({"a": {"b"}, "b": {"c"}, "c": {"b", "d"}, "d": {"b"}}, [["b", "c"], ["b", "c", "d"]]),
    ],
)
def test_a_circle_would_be_noticed(graph: Graph, expected: list[list[str]]) -> None:
    assert sorted(map(_rotated, circles(graph))) == expected


def test_an_import_counts_wherever_it_stands() -> None:
    source = "from a import b\ndef f():\n    import c.d\nif TYPE_CHECKING:\n    from e import g\n"

    assert set(imported(ast.parse(source), {"a", "a.b", "c.d", "e"})) == {"a.b", "c.d", "e"}


def test_no_folder_holds_more_modules_than_a_reader_can_take_in() -> None:
    counts = Counter(file.parent.relative_to(ROOT).as_posix() for file in files(*LAYERS, "tests"))

    crowded = {folder: number for folder, number in counts.items() if number > MOST_FILES}

    assert crowded == {}


def test_no_file_is_longer_than_a_reader_can_take_in() -> None:
    lengths = {file.relative_to(ROOT).as_posix(): length_of(file) for file in files(*LAYERS, "tests")}

    long = {path: lines for path, lines in lengths.items() if lines > LONGEST_FILE}

    assert long == {}, "split them by what would make them change"


def test_half_of_all_source_files_are_read_in_a_minute() -> None:
    assert median(map(length_of, files(*LAYERS))) < MEDIAN_LENGTH
