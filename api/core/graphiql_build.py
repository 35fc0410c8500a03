"""The folder of the GraphiQL page, and whether it holds a build."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent.parent / "graphiql"


def is_built(folder: Path = FOLDER) -> bool:
    """Return whether npm has built the GraphiQL page. A built page loads nothing from other servers."""
    return (folder / "dist" / "index.html").is_file()
