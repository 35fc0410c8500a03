"""Where the GraphiQL page lies, and whether npm has built it."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent.parent / "graphiql"


def is_built(folder: Path = FOLDER) -> bool:
    """Return whether the page is built; a built page loads nothing from other servers."""
    return (folder / "dist" / "index.html").is_file()
