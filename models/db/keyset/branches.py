"""A list that is merged from the first rows of each of its branches: no row of another branch is read.

An index of all rows would lead past the rows that the list leaves out. Each branch's own index leads to its first rows,
so a page reads as many rows of each branch as it shows, and sorts these.
"""

from __future__ import annotations

from dataclasses import dataclass

from models.db.sql import Sql, is_postgres


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
