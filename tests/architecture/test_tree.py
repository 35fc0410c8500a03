"""The tests mirror the tree: a reader finds the tests of a module by its path."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LAYERS = ("api", "models", "resolvers", "rules", "services")
LONGEST_NAME = 80


def candidates(test: str) -> Iterator[str]:
    """Return the paths of the modules that `test` may belong to, without suffix.

    The files tests/<layer>/<room>/test_<module>.py and test_<module>_<subject>.py belong to <layer>/<room>/<module>.
    Every file of the folder tests/<layer>/<room>/<module>/ belongs to this module too.
    """
    room, _, file = test.removeprefix("tests/").rpartition("/")
    words = file.removesuffix(".py").removeprefix("test_").split("_")
    yield from (f"{room}/{'_'.join(words[:number])}" for number in range(len(words), 0, -1))
    yield room


def module_of(test: str) -> str | None:
    """Return the path of the module that the test file `test` tests, or None if there is no such module."""
    for path in candidates(test):
        if (ROOT / f"{path}.py").is_file():
            return f"{path}.py"
    return next((path for path in [*candidates(test)][:-1] if (ROOT / path / "__init__.py").is_file()), None)


def too_long(tree: ast.Module) -> list[str]:
    """Return the names of tests that are longer than LONGEST_NAME characters."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [node.name for node in functions if node.name.startswith("test_") and len(node.name) > LONGEST_NAME]


def splats(tree: ast.Module) -> list[int]:
    """Return the lines at which a literal tuple or list is unpacked, such as `f(*(a, b))`."""
    starred = [node for node in ast.walk(tree) if isinstance(node, ast.Starred) and isinstance(node.ctx, ast.Load)]
    return [node.lineno for node in starred if isinstance(node.value, ast.Tuple | ast.List)]


def parsed(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    for folder in folders:
        for file in sorted((ROOT / folder).rglob("*.py")):
            if not {"migrations", "node_modules"} & {*file.parts}:
                yield file.relative_to(ROOT).as_posix(), ast.parse(file.read_text(encoding="utf-8"))


def test_every_test_of_a_layer_has_its_module() -> None:
    tests = [
        file.relative_to(ROOT).as_posix() for layer in LAYERS for file in (ROOT / "tests" / layer).rglob("test_*.py")
    ]

    lost = [test for test in tests if module_of(test) is None]

    assert len(tests) > 100
    assert lost == [], "name it test_<module>.py or test_<module>_<subject>.py in the room of its module"


def test_every_test_name_has_at_most_eighty_characters() -> None:
    found = [f"{path}: {name}" for path, tree in parsed("tests") for name in too_long(tree)]

    assert found == [], "say the statement in fewer words"


def test_no_literal_is_written_out_only_to_be_unpacked() -> None:
    found = [f"{path}:{line}" for path, tree in parsed("tests", *LAYERS) for line in splats(tree)]

    assert found == [], "write the elements without *( … )"


@pytest.mark.parametrize(
    ("test", "module"),
    [
        ("tests/rules/mail/test_caps.py", "rules/mail/caps.py"),
        ("tests/api/security/test_password_hashing_queue.py", "api/security/password_hashing.py"),
        ("tests/api/mail/smtp/test_urls.py", "api/mail/smtp.py"),
        ("tests/rules/mail/test_nothing.py", None),
    ],
)
def test_a_test_s_module_is_found_by_its_path(test: str, module: str | None) -> None:
    assert module_of(test) == module


def test_a_long_name_and_a_splat_would_be_noticed() -> None:
    tree = ast.parse(f"def test_{'x' * 80}():\n    return [*(1, 2), *found]\n")

    assert (len(too_long(tree)), splats(tree)) == (1, [2])
