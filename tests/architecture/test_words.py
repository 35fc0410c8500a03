"""Plain technical English: texts and names avoid indefinite persons, gender, and phrases that a reader has to translate."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KINDS = {".py", ".md", ".graphql", ".j2", ".html", ".js", ".toml", ".conf", ".service", ".timer", ".example"}
LEFT_OUT = (
    "CHANGELOG.md",
    "models/migrations/",
    "tests/architecture/test_words.py",
    "tests/models/first_version/",
    "tests/public_cases/corpora/",
)
"""Files that the test leaves out: history, texts from elsewhere, and the list of words itself."""

WORDS = [
    "whoever",
    "whomever",
    "whom",
    "somebody",
    "nobody",
    "anybody",
    "everybody",
    "he",
    "him",
    "his",
    "himself",
    "she",
    "hers",
    "herself",
    "for so long",
    "at its turn",
    "is told",
    "are told",
    "was told",
    "were told",
    "the same as above",
]
BANNED = re.compile(rf"(?<![A-Za-z])({'|'.join(WORDS).replace(' ', '[ _]')})(?![A-Za-z0-9])", re.IGNORECASE)


def violations(text: str) -> Iterator[tuple[int, str]]:
    """Return the line and the word of every banned word, in prose, strings and names alike."""
    for match in BANNED.finditer(text):
        yield text.count("\n", 0, match.start()) + 1, match[1]


def files() -> list[str]:
    """Return the paths of all text files in the repository, including the mail templates."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    return [
        name
        for name in listed
        if (Path(name).suffix in KINDS or name == "Makefile")
        and not name.startswith(LEFT_OUT)
        and (ROOT / name).exists()
    ]


def test_texts_and_names_are_plain_technical_english() -> None:
    found = [
        f"{name}:{line} {word}"
        for name in files()
        for line, word in violations((ROOT / name).read_text(encoding="utf-8"))
    ]

    remedy = "name the person: the user, an admin, the caller"
    assert not found, f"{len(found)} words ({remedy}):\n" + "\n".join(found[:200])


@pytest.mark.parametrize("text", ["Whoever is gone", "def test_nobody_sees_it", "as long as he likes", "is told so"])
def test_a_banned_word_is_noticed(text: str) -> None:
    assert list(violations(text))


@pytest.mark.parametrize("text", ["the user", "this", "where", "whomp", "history", "she11"])
def test_other_words_are_left_alone(text: str) -> None:
    assert not list(violations(text))
