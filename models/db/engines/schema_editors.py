"""Tortoise's schema editors, which create and change tables, with three corrections.

- New tables get their constraints.
- Rebuilt tables keep their indexes.
- A relation with `db_constraint=False` gets no foreign key.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Any, cast

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.fields.relational import ForeignKeyFieldInstance
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.migrations.schema_editor import BasePostgresSchemaEditor, BaseSchemaEditor, SqliteSchemaEditor
from tortoise.migrations.schema_editor.data import ModelSqlData
from tortoise.models import Model


def schema_editor(connection: BaseDBAsyncClient) -> BaseSchemaEditor:
    """Return the schema editor for the connection's database. Use one transaction for all calls of the editor."""
    editor = PostgresEditor if connection.capabilities.dialect == "postgres" else SqliteEditor
    return editor(connection, atomic=True)


def _without_reference(model: type[Model], column: str, definition: str) -> str:
    """Return the column's definition, without REFERENCES if the relation has `db_constraint=False`."""
    relation = cast(ForeignKeyFieldInstance[Model], model._meta.fields_map[column].reference)
    return definition if relation.db_constraint else definition.partition(" REFERENCES ")[0]


class PostgresEditor(BasePostgresSchemaEditor):
    def _get_fk_field_definition(self, model: type[Model], key_field_name: str) -> str:
        return _without_reference(model, key_field_name, super()._get_fk_field_definition(model, key_field_name))

    async def create_model(self, model: type[Model]) -> None:
        await super().create_model(model)
        for constraint in model._meta.constraints or ():  # Tortoise does not create the constraints
            await self.add_constraint(model, constraint)


class SqliteEditor(SqliteSchemaEditor):
    """Tortoise's SQLite editor, which creates a unique index for each unique constraint.

    Unlike a constraint, an index can be dropped and survives a rebuild of its table.
    """

    _checks: tuple[CheckConstraint, ...] = ()
    _without_reference: AbstractSet[str | None] = frozenset()

    def _get_fk_field_definition(self, model: type[Model], key_field_name: str) -> str:
        return _without_reference(model, key_field_name, super()._get_fk_field_definition(model, key_field_name))

    async def _run_sql(self, sql: str) -> None:
        # Tortoise would split the script at every semicolon, also inside triggers and string literals.
        await self.client.execute_script(sql)

    async def create_model(self, model: type[Model]) -> None:
        await super().create_model(model)
        for fields in model._meta.unique_together:
            await self.add_constraint(model, UniqueConstraint(fields=tuple(fields)))
        for constraint in model._meta.constraints or ():
            if isinstance(constraint, UniqueConstraint):
                await self.add_constraint(model, constraint)

    def _get_model_sql_data(self, model: type[Model]) -> ModelSqlData:
        meta = model._meta
        unique_together, meta.unique_together = meta.unique_together, ()
        self._checks = tuple(c for c in meta.constraints or () if isinstance(c, CheckConstraint))
        try:
            return super()._get_model_sql_data(model)
        finally:
            meta.unique_together, self._checks = unique_together, ()

    def _get_inner_statements(self) -> list[str]:
        return [self.CHECK_CONSTRAINT_CREATE_TEMPLATE.format(name=c.name, check=c.check) for c in self._checks]

    async def add_constraint(self, model: Any, constraint: Any) -> None:
        if isinstance(constraint, CheckConstraint):
            await self._remake_table(model)
            return
        columns = self._resolve_fields_to_columns(model, constraint.fields)
        named = UniqueConstraint(fields=tuple(columns), name=constraint.name)
        await self._run_sql(
            self.UNIQUE_INDEX_CREATE_TEMPLATE.format(
                index_name=self._constraint_name_for_model(model, named),
                table_name=self.quote(model._meta.db_table),
                fields=", ".join(self.quote(column) for column in columns),
                extra=f" WHERE {constraint.condition}" if constraint.condition else "",
            )
        )

    async def _alter_field(self, model: Any, old_field: Any, new_field: Any) -> None:
        column = new_field.source_field or new_field.model_field_name
        index = Index(fields=(column,))
        if old_field.index and not new_field.index:
            await self.remove_index(model, index)
        await super()._alter_field(model, old_field, new_field)
        if new_field.index and not old_field.index:
            await self.add_index(model, index)

    def _get_fk_reference_string(self, constraint_name: str, db_field: str, *args: Any, **kwargs: Any) -> str:
        if db_field in self._without_reference:
            return ""
        return super()._get_fk_reference_string(constraint_name, db_field, *args, **kwargs)

    async def _remake_table(
        self, model: Any, create_field: Any = None, delete_field: Any = None, alter_fields: Any = None
    ) -> None:
        # SQLite drops indexes and triggers with the old table. Create them again for the new table.
        table = model._meta.db_table
        kept = await self.client.execute_query_dict(
            "SELECT type, name, sql FROM sqlite_master WHERE tbl_name = ? AND type <> 'table' AND sql IS NOT NULL",
            [table],
        )
        columns = {row["name"]: await self._columns(row["name"]) for row in kept if row["type"] == "index"}
        relations = [f for f in model._meta.fields_map.values() if isinstance(f, ForeignKeyFieldInstance)]
        self._without_reference = {f.source_field for f in relations if not f.db_constraint}
        try:
            await super()._remake_table(model, create_field, delete_field, alter_fields)
        finally:
            self._without_reference = set()
        present = await self._columns(table)
        for row in kept:
            # SQLite treats a quoted name that is no column as a string literal, and would index the literal.
            if columns.get(row["name"], set()) <= present:
                await self._run_sql(row["sql"])

    async def _columns(self, name: str) -> set[str]:
        rows = await self.client.execute_query_dict(
            "SELECT name FROM pragma_table_info(?) UNION SELECT name FROM pragma_index_info(?)", [name, name]
        )
        return {row["name"] for row in rows if row["name"]}
