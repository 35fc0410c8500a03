"""The measured versions of the project: the present tree, and the tree of an earlier commit with its packages."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from tests.support.processes.commands import ROOT, environment

CACHE = Path(os.environ.get("GATEHOUSE_BENCH_CACHE", Path.home() / ".cache" / "gatehouse-bench"))
"""The folder for what is made once and then kept: databases, trees of earlier commits, and packages."""

DATA = (
    "models/migrations/*.py",
    "services/**/demo*.py",
    "services/**/benchmark_data.py",
    "services/**/load_data.py",
    "services/crowd.py",
)
"""Patterns of the files in a version of the project that determine the contents of its database of the benchmark.

Versions in which these files are equal can share a database.
"""


@dataclass(frozen=True, slots=True)
class Tree:
    """A version of the project to be measured.

    - `name`: its name in the table of results.
    - `root`: the folder with its files.
    - `python`: the Python that has its packages installed.
    """

    name: str
    root: Path
    python: str

    def command(self, *arguments: str) -> list[str]:
        """Return the command line of this version's `gatehouse`."""
        return [self.python, "-c", "from api.cli import main; main()", *arguments]

    def environment(self, **settings: object) -> dict[str, str]:
        """Return the environment variables of a process. `settings` are the only settings of Gatehouse."""
        return {**environment(**settings), "PYTHONPATH": str(self.root)}

    def run(self, *arguments: str, **settings: object) -> str:
        """Run a command of `gatehouse` and return its output. Raise SystemExit if the command fails."""
        ended = subprocess.run(
            self.command(*arguments),
            cwd=self.root,
            env=self.environment(**settings),
            capture_output=True,
            text=True,
            check=False,
        )
        if ended.returncode:
            raise SystemExit(f"{self.name}: gatehouse {' '.join(arguments)}\n{ended.stdout}{ended.stderr}")
        return ended.stdout

    def fingerprint(self) -> str:
        """Return a digest of the files that determine what the database holds.

        Two versions of the project with equal digests load equal data.
        """
        files = sorted({file for pattern in DATA for file in self.root.glob(pattern)})
        return _hashed(b"\0".join(file.read_bytes() for file in files))


PRESENT = Tree("present", ROOT, sys.executable)


def checked_out(commit: str) -> Tree:
    """Return the version of the project at a commit. The first call unpacks the commit's files into the cache.

    Raise SystemExit if there is no such commit.
    """
    found = subprocess.run(
        ["git", "rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if found.returncode:
        raise SystemExit(f"There is no commit {commit} here.")
    full = found.stdout.strip()
    root = CACHE / "trees" / full
    if not root.exists():
        packed = subprocess.run(["git", "archive", full], cwd=ROOT, capture_output=True, check=True).stdout
        root.parent.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(dir=root.parent))
        with tarfile.open(fileobj=BytesIO(packed)) as tar:
            tar.extractall(unfinished, filter="data")
        unfinished.rename(root)
    return Tree(full[:7], root, _python(root))


def _python(root: Path) -> str:
    """Return the path of a Python that has the packages which the version of the project in `root` requires.

    If that version has the lock file of the present version, this is the running Python, else one in the cache.
    """
    lock = (root / "requirements.lock").read_bytes()
    if lock == (ROOT / "requirements.lock").read_bytes():
        return sys.executable
    place = CACHE / "packages" / _hashed(lock)
    python = place / "bin" / "python"
    if not (place / "finished").exists():
        shutil.rmtree(place, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", place], check=True)
        install = f"{python} -m pip install -qq --disable-pip-version-check --require-hashes -r".split()
        subprocess.run([*install, str(root / "requirements.lock")], check=True)
        (place / "finished").touch()
    return str(python)


def _hashed(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]
