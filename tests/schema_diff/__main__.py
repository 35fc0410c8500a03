"""`python -m tests.schema_diff [--base COMMIT]`: print the changes of schema.graphql since a commit.

Without --base, the commit is the one at which the branch left main. On main itself, the commit is the one before the
last. After a version from 1.0.0 on is tagged, breaking changes make the command fail.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys

from tests.schema_diff.changes import Danger, changes, report
from tests.support.processes.commands import ROOT

FILE = "schema.graphql"
_RELEASE = re.compile(r"v?[1-9]\d*\.\d+\.\d+")


def git(*arguments: str) -> str | None:
    """Return the output of a git command, or None if it fails, for instance outside a repository."""
    try:
        done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def default_base() -> str | None:
    """Return the commit at which the branch left main, or None if this repository has no main."""
    for main in ("origin/main", "main"):
        if base := git("merge-base", main, "HEAD"):
            return (
                base
                if base != git("rev-parse", "HEAD") or git("status", "--porcelain", FILE)
                else git("rev-parse", "HEAD~1")
            )
    return None


def is_frozen(tags: str) -> bool:
    """Return whether one of the tags, one on each line, is a version from 1.0.0 on."""
    return any(_RELEASE.fullmatch(tag) for tag in tags.split())


def main(arguments: list[str]) -> int:
    """Print the changes, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.schema_diff", description="Print the changes of the schema.")
    parser.add_argument("--base", help="the commit to compare with")
    base = parser.parse_args(arguments).base or default_base()
    earlier = git("show", f"{base}:{FILE}") if base else None
    if base is None or earlier is None:
        say("schema.graphql: no earlier commit to compare with")
        return 0
    found = changes(earlier, (ROOT / FILE).read_text())
    say(f"Changes of {FILE} since {git('rev-parse', '--short', base)}:")
    say(report(found))
    is_broken = any(change.danger is Danger.BREAKING for change in found)
    if is_broken and is_frozen(git("tag", "--list") or ""):
        say("The schema is frozen since version 1.0.0: deprecate instead of changing.")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
