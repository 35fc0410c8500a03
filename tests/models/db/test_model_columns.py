"""The columns of rows, inserts and updates are those of the models, and the models match the database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

import pytest

from models import tables
from models.db.model_columns import columns_of, table_name
from models.db.rows import RowMapper, cells_of
from models.db.sql import fetch, sql
from models.db.writes import insert_rows, update_rows
from models.tables import HousekeepingTask, Mssp, Portal, PortalUser, StaffMember
from rules.access import Role
from tests.support.databases import Database, on_postgres

MODELS = [getattr(tables, name) for name in tables.__all__]
STORED = """
SELECT a.attname, format_type(a.atttypid, NULL), NOT a.attnotnull FROM pg_attribute a
WHERE a.attrelid = CAST(? AS text)::regclass AND a.attnum > 0 AND NOT a.attisdropped
"""
DEFAULTS = (True, 15, ["FIRST_NAME", "EMAIL"], None)
LONG_AGO = datetime(2001, 2, 3, tzinfo=UTC)
TYPE_NAMES = {"timestamp with time zone": "TIMESTAMPTZ", "integer": "INT", "boolean": "BOOL"}


@on_postgres
async def test_every_model_declares_the_columns_that_the_database_has(db: Database) -> None:
    declared = {
        (table_name(model), name, column.sql_type.split()[0], column.is_nullable)
        for model in MODELS
        for name, column in columns_of(model).items()
    }

    stored = {
        (table, name, TYPE_NAMES.get(kind, kind.upper()), is_nullable)
        for table in map(table_name, MODELS)
        for name, kind, is_nullable in map(cells_of, await fetch(sql(STORED, table)))
    }

    assert declared == stored


class Misnamed(NamedTuple):
    nickname: str


class Mistyped(NamedTuple):
    version: str


class NeverNull(NamedTuple):
    email: str


class OtherDefault(NamedTuple):
    locked_for_good: bool = True


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (Misnamed, "Misnamed.nickname: PortalUser has no such column"),
        (Mistyped, "Mistyped.version: <class 'str'> does not fit"),
        (NeverNull, "NeverNull.email: <class 'str'> does not fit"),
        (OtherDefault, "OtherDefault.locked_for_good: the default is not the column's, False"),
    ],
)
def test_a_row_that_differs_from_its_table_is_refused_at_import(row: type[NamedTuple], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        RowMapper(row, PortalUser, "u")


def test_a_field_without_a_column_needs_an_expression() -> None:
    with pytest.raises(TypeError, match="Misnamed: no table and no expression for nickname"):
        RowMapper(Misnamed)


async def test_an_insert_that_leaves_out_a_required_column_is_refused(db: Database) -> None:
    with pytest.raises(TypeError, match="a new row of housekeeping_task needs known_since"):
        await insert_rows(HousekeepingTask, ["name"], [{"name": "a task"}])


async def test_an_insert_writes_the_defaults_of_the_columns_that_are_left_out(db: Database) -> None:
    mssp, portal = [{"id": UUID(int=n), "name": "Acme"} for n in (1, 2)]
    await insert_rows(Mssp, list(mssp), [mssp])

    row = {**portal, "mssp_id": mssp["id"], "slug": "acme", "name_key": "acme"}
    await insert_rows(Portal, list(row), [row])

    stored = await Portal.get(slug="acme")
    assert (stored.is_active, stored.lockout_minutes, stored.required_user_fields, stored.max_admins) == DEFAULTS


async def test_an_update_writes_null_where_a_row_has_no_value(db: Database) -> None:
    mssp = {"id": UUID(int=1), "name": "Acme"}
    await insert_rows(Mssp, list(mssp), [mssp])
    member = {"id": UUID(int=2), "mssp_id": mssp["id"], "name": "Nora", "email": "nora@acme.test"}
    member |= {
        "email_key": "nora@acme.test",
        "name_key": "nora",
        "role": Role.MSSP_ADMIN,
        "password_hash": "x",
        "added_at": LONG_AGO,
    }
    await insert_rows(StaffMember, list(member), [member])

    await update_rows(StaffMember, ["name", "password_hash"], [{"id": member["id"], "name": "Ann"}])

    (stored,) = await StaffMember.all().values_list("name", "password_hash", "added_at")
    assert stored == ("Ann", None, LONG_AGO)
