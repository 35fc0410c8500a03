"""A list over several portals, merged from the first rows of each: no row of another portal is read.

A provider's index would lead past the rows of all its other portals. Each portal's own index leads to its first rows, so
a page reads as many rows of each portal as it shows, and sorts these.
"""

from __future__ import annotations

from dataclasses import dataclass

from models.db.sql import Sql, is_postgres, sql
from rules.access import Actor, Role


@dataclass(frozen=True, slots=True)
class Branches:
    """What is merged: the rows of `source` for which `which` holds, each with the listed rows for which `joins` holds."""

    source: str
    which: Sql
    joins: str

    def first_rows(self, columns: str, source: str, where: Sql, ordered: tuple[str, str], key: str, limit: int) -> Sql:
        """Return the query for the first `limit` rows of `source` over all branches.

        `ordered` is the order by the columns, and by their names in `columns`; `key` is a column that is unique.
        """
        by_column, by_name = ordered
        within = f" FROM {source} WHERE {self.joins} AND " + where + f" ORDER BY {by_column} LIMIT {limit}"
        if is_postgres():
            each = f"SELECT {columns}" + within
            merged = f"SELECT m.* FROM {self.source} CROSS JOIN LATERAL (" + each + ") AS m WHERE " + self.which
            return merged + f" ORDER BY {by_name} LIMIT {limit}"
        # SQLite knows no LATERAL. CROSS JOIN keeps the order of its loops.
        merged = f"SELECT {columns} FROM {self.source} CROSS JOIN {source} WHERE " + self.which
        return merged + f" AND {key} IN (SELECT {key}" + within + f") ORDER BY {by_column} LIMIT {limit}"


def assigned(actor: Actor, portal_id: str) -> Branches | None:
    """Return a technician's portals as the branches of a list whose rows name their portal in that column; a door.

    None for other actors: their rows are one range of an index.
    """
    if actor.role is not Role.MSSP_TECHNICIAN:
        return None
    which = sql("r.staff_id = ? AND q.mssp_id = ?", actor.id, actor.mssp_id)
    source = "technician_assignment r JOIN portal q ON q.id = r.portal_id"
    return Branches(source, which, f"{portal_id} = r.portal_id")
