"""A list that is merged from branches, such as one branch for each portal of a technician.

The rows of a branch are one range of an index. A query reads at most one page of rows from each branch, and sorts these
rows. A single range for the whole list would also contain rows that are not in the list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from models.db.dialect import limit
from models.db.sql import Sql, all_of, is_postgres


@dataclass(frozen=True, slots=True)
class Branches:
    """The branches of a merged list, as parts of a SQL statement.

    - `source`: a table expression with one row for each branch, such as the portals.
    - `which`: the condition on these rows, such as the portals assigned to a technician.
    - `joins`: the condition that a row of the list belongs to a branch, such as `u.portal_id = p.id`.
    """

    source: str
    which: Sql
    joins: str

    @classmethod
    def of(cls, alias: str, columns: Sequence[str], values: Sequence[Sequence[Any]]) -> Branches:
        """Return branches of a list: one for each item of `values`, with the rows that have its values in `columns`.

        For example, `of("u", ["status"], [["'ACTIVE'"], ["'STAGED'"]])` returns two branches: the rows with the status
        ACTIVE, and those with the status STAGED. `alias` is the alias of the list's table. `values` holds SQL literals,
        and must not be empty.
        """
        names = ", ".join(f"{value} AS {name}" for name, value in zip(columns, values[0], strict=True))
        others = "".join(" UNION ALL SELECT " + ", ".join(map(str, row)) for row in values[1:])
        joins = " AND ".join(f"{alias}.{name} = b.{name}" for name in columns)
        return cls(f"(SELECT {names}{others}) AS b", Sql("1=1"), joins)

    def each(self, others: Branches) -> Branches:
        """Return one branch for each pair of branches of `self` and `others`: the rows that belong to both."""
        which = all_of([self.which, others.which])
        return Branches(f"{self.source} CROSS JOIN {others.source}", which, f"{self.joins} AND {others.joins}")

    def first_rows(
        self, columns: str, source: str | Sql, where: Sql, ordered: tuple[str, str], key: str, most: int
    ) -> Sql:
        """Return the query for the first `most` rows of the merged list that meet `where`.

        - `source`: the table of the list.
        - `columns`: the columns to select.
        - `ordered`: the ORDER BY terms twice: with the columns of the table, and with the output names of `columns`.
        - `key`: a unique column of the table.
        """
        by_column, by_name = ordered
        in_branch = ", ".join(
            term for term in by_column.split(", ") if not term.startswith("b.")
        )  # others are constant
        within = " FROM " + source + f" WHERE {self.joins} AND " + where + f" ORDER BY {in_branch}" + limit(most)
        if is_postgres():
            each = f"SELECT {columns}" + within
            merged = f"SELECT m.* FROM {self.source} CROSS JOIN LATERAL (" + each + ") AS m WHERE " + self.which
            return merged + f" ORDER BY {by_name}" + limit(most)
        # SQLite has no LATERAL. CROSS JOIN makes SQLite keep the order of the tables.
        merged = f"SELECT {columns} FROM {self.source} CROSS JOIN " + source + " WHERE " + self.which
        return merged + f" AND {key} IN (SELECT {key}" + within + f") ORDER BY {by_column}" + limit(most)
