"""The SQL that reads a page of users equals the text of a stored file, one for each kind of database."""

from __future__ import annotations

import os
import re
import textwrap
from pathlib import Path

from tests.features.listing.counting_statements import statements
from tests.support.databases import Database
from tests.support.world import Ask, World

REWRITE = "GATEHOUSE_REWRITE_SNAPSHOTS"
PAGE = """
query ($after: String) {
  users(first: 50, after: $after, category: ENABLED) {
    edges { cursor node { id firstName lastName username email status role lastSignInAt addedAt modifiedAt } }
  }
}
"""
CLAUSES = re.compile(r" (?=(?:UNION ALL|FROM portal_user|WHERE|ORDER BY|LIMIT) )|(?<=UNION ALL) ")


async def test_the_users_page_is_read_by_the_statement_on_file(db: Database, world: World, ask: Ask) -> None:
    admin = await world.portal_admin()
    await world.user(first_name="Ada", last_name="Lovelace")

    with statements() as first:
        page = (await ask(PAGE, actor=admin)).data["users"]
    with statements() as behind:
        await ask(PAGE, actor=admin, after=page["edges"][0]["cursor"])

    expected = Path(__file__).with_name(f"users_page.{db.kind}.sql")
    found = f"-- The first page\n{_page_of(first)}\n-- The page behind a cursor\n{_page_of(behind)}"
    if os.environ.get(REWRITE):
        expected.write_text(found, encoding="utf-8")
    assert expected.read_text(encoding="utf-8") == found, (
        f"The users page is read in another way. If that is wanted: {REWRITE}=1 .venv/bin/pytest"
        f" {Path(__file__).relative_to(Path.cwd())}, and measure the page (docs/benchmarks.md)."
    )


def _page_of(sent: list[str]) -> str:
    """Return that statement of `sent` which reads a page, without its values and with one clause on each line."""
    (text,) = [text.partition(": [")[0] for text in sent if "page_span" in text]
    lines = [line for clause in CLAUSES.split(text) for line in _wrapped(clause)]
    return "\n".join(lines) + ";\n"


def _wrapped(clause: str) -> list[str]:
    indent = "" if clause.startswith(("UNION ALL", "SELECT")) else "  "
    return textwrap.wrap(clause, 110, initial_indent=indent, subsequent_indent=f"{indent}    ", break_long_words=False)
