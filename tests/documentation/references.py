"""Read the documents of the repository: their links, their anchors, and the files that name them."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path
from textwrap import dedent

from tests.support.processes.commands import ROOT

FENCED = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]*`")


def versioned(*endings: str) -> list[str]:
    """Return the paths of all versioned files whose names end with one of the given endings."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    return [name for name in listed if name.endswith(endings) and (ROOT / name).exists()]


def anchors(text: str) -> set[str]:
    """Return the anchors of a Markdown text: those written as `<a id>`, and those that GitHub derives from headings."""
    headings = re.findall(r"^#+ (.+)$", FENCED.sub("", text), flags=re.MULTILINE)
    slugs = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return slugs | set(re.findall(r'<a id="([^"]+)">', text))


def links(text: str) -> list[str]:
    """Return the targets of those links of a Markdown text that point into the repository."""
    prose = CODE.sub("", FENCED.sub("", text))
    return [target for target in re.findall(r"\]\(([^)\s]+)\)", prose) if not re.match(r"[a-z]+:", target)]


def resolves(target: str, document: Path) -> bool:
    """Return whether a link of `document` points to a file and, if it has a fragment, to an anchor in that file."""
    path, _, anchor = target.partition("#")
    file = (document.parent / path).resolve() if path else document
    if not file.exists():
        return False
    return not anchor or anchor in anchors(file.read_text())


def blocks(document: str, language: str) -> list[str]:
    """Return the fenced blocks of a language, in the document's order, without their indentation."""
    text = (ROOT / document).read_text()
    found = re.findall(rf"^( *)```{language}\n(.*?)^\1```$", text, flags=re.MULTILINE | re.DOTALL)
    return [dedent(block) for _, block in found]


def names_defined_in(path: str) -> set[str]:
    """Return the classes, functions and constants that a module defines at its top level or in its classes."""
    if not path.endswith(".py"):
        return set()
    tree = ast.parse((ROOT / path).read_text())
    blocks: list[ast.Module | ast.ClassDef] = [tree, *(node for node in tree.body if isinstance(node, ast.ClassDef))]
    return {name for block in blocks for node in block.body for name in _names(node)}


def symbols_of(path: str) -> set[str]:
    """Return the names that a module defines at its top level or in its classes, and each member as `Class.member`."""
    if not path.endswith(".py"):
        return set()
    classes = [node for node in ast.parse((ROOT / path).read_text()).body if isinstance(node, ast.ClassDef)]
    members = {f"{kind.name}.{name}" for kind in classes for node in kind.body for name in _names(node)}
    return names_defined_in(path) | members


def _names(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]
