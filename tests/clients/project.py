"""A frontend project in a folder: the snippets of docs/frontend.md, the example operations, and npm packages."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from graphql import FragmentDefinitionNode, OperationDefinitionNode, parse, print_ast

from tests.documentation.frontend.examples import SHOWN
from tests.documentation.references import blocks
from tests.support.processes.commands import PATIENCE, ROOT

FOLDER = Path(__file__).parent
OF_RELAY = "src/UsersTable.ts"
"""The path of the guide's snippet for the Relay framework. No other compiler than Relay's reads this snippet."""


def is_installed() -> bool:
    """Return whether npm has installed the packages of package.json."""
    return (FOLDER / "node_modules" / ".package-lock.json").is_file()


def snippets() -> dict[str, str]:
    """Return the TypeScript snippets of docs/frontend.md, keyed by path. The first line of a snippet names its path."""
    return {
        text.partition("\n")[0].removeprefix("// "): text.partition("\n")[2]
        for text in blocks("docs/frontend.md", "ts")
    }


def named_examples() -> dict[str, str]:
    """Return the example operations with their fragments, by name. A name that occurs again gets a number."""
    found: dict[str, str] = {}
    for text in SHOWN:
        document = parse(text)
        (operation,) = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
        assert operation.name, text
        name = operation.name.value
        name = f"{name}{len(found)}" if name in found else name
        printed = re.sub(rf"^(query|mutation) {operation.name.value}\b", rf"\1 {name}", print_ast(document))
        for each in document.definitions:
            if isinstance(each, FragmentDefinitionNode):  # Relay wants the name of the module in front
                printed = re.sub(rf"(\.\.\.|fragment ){each.name.value}\b", rf"\1{name}_{each.name.value}", printed)
        found[name] = printed
    return found


@dataclass
class Project:
    folder: Path

    def write(self) -> None:
        """Write a project for graphql-codegen: the snippets of the documentation, the example operations, and the
        TypeScript programs of tests/clients.
        """
        self._prepare()
        for path, text in snippets().items():
            if path != OF_RELAY:
                self._write(path, text)
        for program in FOLDER.glob("*.ts"):
            self._write(f"src/{program.name}", program.read_text())
        for name, text in named_examples().items():
            self._write(f"src/operations/{name}.graphql", text)
        self._write("tsconfig.json", (FOLDER / "tsconfig.json").read_text())

    def write_for_relay(self) -> None:
        """Write the project for Relay: its snippet, and one module for each example.

        Relay requires that the name of an operation begins with the name of its module.
        """
        self._prepare()
        (settings,) = blocks("docs/frontend.md", "json")
        self._write("relay.config.json", settings)
        self._write(OF_RELAY, snippets()[OF_RELAY])
        (self.folder / "src" / "__generated__").mkdir()
        for name, text in named_examples().items():
            tagged = re.sub(rf"^(query|mutation) {name}\b", lambda match: match[0] + match[1].title(), text)
            self._write(f"src/{name}.ts", f"export const operation = graphql`\n{tagged}\n`;\n")

    def run(self, program: str, *arguments: str) -> str:
        """Run node, or a program of an npm package. Return its output. If the program fails, the test fails."""
        path = program if program == "node" else f"node_modules/.bin/{program}"
        done = subprocess.run(
            [path, *arguments],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE * 2,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    def _prepare(self) -> None:
        (self.folder / "node_modules").symlink_to(FOLDER / "node_modules")
        self._write("schema.graphql", (ROOT / "schema.graphql").read_text())
        self._write("package.json", '{ "type": "module" }')

    def _write(self, path: str, text: str) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
