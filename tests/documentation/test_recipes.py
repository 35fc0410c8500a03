"""The recipes of docs/contributing.md name every source file that a change touches.

Each recipe has an example in the present code. Production code mentions the example only in the files that the recipe
lists. If a mechanism begins to need another file, a test fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import pytest

from tests.documentation.references import versioned
from tests.support.processes.commands import ROOT

LAYERS = ("api/", "models/", "resolvers/", "rules/", "services/")
CONTRIBUTING = (ROOT / "docs" / "contributing.md").read_text()


@dataclass(frozen=True, kw_only=True)
class Recipe:
    title: str
    most_files: int
    example: re.Pattern[str]
    """A pattern that finds the identifiers of the example, in the text or the path of a file."""
    besides: tuple[str, ...] = ()
    """Files that mention the recipe's example, but are not in its numbered list. The recipe's text explains each."""


RECIPES = [
    Recipe(
        title="A new bulk action",
        most_files=3,
        example=re.compile(
            r"\bAction\.LOCK\b|\bLOCK = |\bUSER_LOCKED\b|\"(lockUsers|lock_users|LOCK|Mutation\.lockUsers)\""
        ),
    ),
    Recipe(
        title="A new sortable column",
        most_files=4,
        example=re.compile(r"\bLAST_SIGN_IN_AT\b|\blast_sign_in_(at|sort)\b"),
        besides=(
            "models/auth/unscoped.py",
            "models/users/selection/conditions.py",
            "services/admin/demo_people.py",
            "services/admin/benchmark_data.py",
            "services/admin/setup.py",
        ),
    ),
    Recipe(
        title="A new mail",
        most_files=3,
        example=re.compile(r"\bIDLE_WARNING\b|\bidle_warning\b"),
    ),
]
BY_TITLE = pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.title)


def files_of(recipe: Recipe) -> list[str]:
    """Return the paths in the recipe's numbered list. The path of a folder means any one file in the folder."""
    return re.findall(r"^\d+\. `([\w/.]+)`", section_of(recipe), flags=re.MULTILINE)


def section_of(recipe: Recipe) -> str:
    return CONTRIBUTING.partition(f"\n### {recipe.title}\n")[2].partition("\n#")[0]


def mentions(example: re.Pattern[str]) -> list[str]:
    """Return the production files whose text or path matches the pattern `example`.

    Migrations are left out, because they mention old columns too.
    """
    return [
        path
        for path in versioned(".py", ".j2")
        if path.startswith(LAYERS)
        and not path.startswith("models/migrations/")
        and (example.search((ROOT / path).read_text()) or example.search(path))
    ]


def unnamed(paths: Iterable[str], named: Iterable[str]) -> list[str]:
    """Return the paths that the recipe does not list, neither as files nor by their folders."""
    known = tuple(named)
    return [
        path
        for path in paths
        if not any(path == name or (name.endswith("/") and path.startswith(name)) for name in known)
    ]


@BY_TITLE
def test_a_recipe_names_few_files_that_exist(recipe: Recipe) -> None:
    files = files_of(recipe)

    assert 1 < len(files) <= recipe.most_files
    assert [file for file in files if not (ROOT / file).exists()] == []


@BY_TITLE
def test_the_example_of_a_recipe_is_mentioned_in_no_other_file(recipe: Recipe) -> None:
    found = mentions(recipe.example)

    assert unnamed(found, [*files_of(recipe), *recipe.besides]) == [], f"docs/contributing.md, {recipe.title}"


@BY_TITLE
def test_a_recipe_says_what_the_files_outside_its_list_do(recipe: Recipe) -> None:
    section = section_of(recipe)

    assert [path for path in recipe.besides if f"`{path}`" not in section] == []


@BY_TITLE
def test_a_recipe_names_no_file_without_need(recipe: Recipe) -> None:
    found = mentions(recipe.example)
    needed = [file for file in files_of(recipe) if file != "models/migrations/"]

    assert [file for file in needed if unnamed(found, [file]) == found] == []
    assert [file for file in recipe.besides if file not in found] == []


def test_one_more_file_is_noticed() -> None:
    paths = ["rules/lifecycle/actions.py", "api/mail/templates/idle_warning.j2", "services/lifecycle/effects.py"]

    assert unnamed(paths, ["rules/lifecycle/actions.py", "api/mail/templates/"]) == ["services/lifecycle/effects.py"]
