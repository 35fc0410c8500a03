"""The commands in the README run, and return the output that the README shows."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from api.cli.terminal.banner import greeting
from api.settings.reference import with_settings_table
from tests.support.processes.commands import COMMAND, ROOT, Served, Shell, at_a_terminal, environment, serving_demo

README = (ROOT / "README.md").read_text()
ADDRESS = "http://localhost:8000"
PASSWORD = "a first password of one's own"
ANYTHING = "…"
"""A pattern for texts in an answer that differ from run to run, such as a new id or an instant."""

CURL = """
import argparse, sys, urllib.request
parser = argparse.ArgumentParser()
parser.add_argument("url")
parser.add_argument("-s", action="store_true")
parser.add_argument("-H", action="append", type=lambda header: header.split(": ", 1))
parser.add_argument("-d", type=str.encode)
given = parser.parse_args()
with urllib.request.urlopen(urllib.request.Request(given.url, given.d, dict(given.H))) as answer:
    sys.stdout.buffer.write(answer.read())
"""
"""A replacement for curl with the options that the README uses, for machines without curl."""


class Block(NamedTuple):
    """A fenced block: the language, the text, and the answer shown below it."""

    language: str
    text: str
    answer: Any


def section(title: str) -> str:
    return README.split(f"\n## {title}\n")[1].split("\n## ")[0]


def blocks(title: str) -> list[Block]:
    """Return the blocks of code in the README's section `title`, except the blocks of JSON.

    A block of JSON is the answer of the block before it.
    """
    fenced = re.findall(r"^```(\w+)\n(.*?)^```$", section(title), flags=re.MULTILINE | re.DOTALL)
    found: list[Block] = []
    for language, text in fenced:
        if language == "json":
            found[-1] = found[-1]._replace(answer=json.loads(text))
        else:
            found.append(Block(language, text, None))
    return found


def shown(answer: Any, given: Any) -> bool:
    """Return whether the answer equals the answer in the README, apart from texts that differ from run to run."""
    if isinstance(answer, dict) and isinstance(given, dict):
        return list(answer) == list(given) and all(shown(answer[name], given[name]) for name in answer)
    if isinstance(answer, list) and isinstance(given, list):
        return len(answer) == len(given) and all(map(shown, answer, given))
    return (answer == ANYTHING and isinstance(given, str)) or answer == given


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the programs that the README calls."""
    folder = tmp_path_factory.mktemp("bin")
    for name, arguments in (("gatehouse", COMMAND), ("curl", (sys.executable, "-c", CURL))):
        (folder / name).write_text(f"#!{arguments[0]}\n{arguments[2]}\n")
        (folder / name).chmod(0o755)
    return folder


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Served]:
    with serving_demo(tmp_path) as served:
        yield served


def test_the_first_query_and_the_first_bulk_mutation_answer_what_is_shown(
    demo: Served, programs: Path, tmp_path: Path
) -> None:
    env = environment() | {"PATH": f"{programs}:{os.environ['PATH']}"}
    (sign_in, query), (mutation,) = blocks("A first query"), blocks("A first bulk mutation")
    script = "\n".join((sign_in.text, 'printf %s "$TOKEN" > token', query.text))

    answer = subprocess.run(
        ["sh", "-euc", script.replace(ADDRESS, demo.address.removesuffix("/graphql"))],
        cwd=tmp_path,
        env=env,
        stdout=subprocess.PIPE,
        check=True,
    ).stdout
    outcome = demo.ask(mutation.text, token=(tmp_path / "token").read_text())

    assert shown(query.answer, json.loads(answer)), answer
    assert shown(mutation.answer, {"data": outcome}), outcome


def test_a_system_of_ones_own_is_set_up_as_shown(programs: Path, tmp_path: Path) -> None:
    shell = Shell({"data_dir": tmp_path / "data"})
    env = environment(**shell.settings) | {"PATH": f"{programs}:{os.environ['PATH']}"}
    (commands,) = blocks("A system of your own")

    exit_code, screen = at_a_terminal(
        ["sh", "-euc", commands.text], {"characters: ": PASSWORD, "confirmation: ": PASSWORD}, env
    )

    assert exit_code == 0, screen
    assert shell("doctor").output == ""
    with shell.serving(tmp_path) as served:
        accounts = (("ada@example.com", None), ("pia@harbour.example", "harbour"), ("tim@example.com", None))
        names = [served.sign_in(login, PASSWORD, slug)["session"]["viewer"]["name"] for login, slug in accounts]
    assert names == ["Ada Adams", "Pia", "Tim Tanner"]


def test_the_greeting_is_the_one_that_is_printed() -> None:
    (greeted,) = blocks("Two commands")

    assert greeted.text == greeting(f"{ADDRESS}/graphql", in_development=True, has_demo=True) + "\n"


def test_the_table_of_settings_is_generated_from_the_settings() -> None:
    assert with_settings_table(README) == README, "README.md is stale: run `make docs` and commit it"


def test_what_is_named_exists() -> None:
    (tree,) = blocks("The tree")
    paths = [line.split()[0] for line in tree.text.splitlines()] + re.findall(r"\]\(([^)]+)\)", README)
    targets = set(re.findall(r"\bmake ([a-z-]+)\b", README.replace("make and", "")))

    assert [path for path in paths if not (ROOT / path).exists()] == []
    assert targets <= set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    assert {"run", "test", "check", "help"} <= targets
