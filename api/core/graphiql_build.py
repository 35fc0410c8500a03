"""The folder of the GraphiQL page, and the check whether the page has been built."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent.parent / "graphiql"


def is_built(folder: Path = FOLDER) -> bool:
    """Return whether `folder` contains the GraphiQL page that npm builds.

    The built page loads nothing from other servers.
    """
    return (folder / "dist" / "index.html").is_file()
