from typing import Any

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.fields.base import OnDelete

DELETE_REFUSED = "audit_event is only added to: its rows are deleted with their provider, and not otherwise"

POSTGRES = f"""
ALTER TABLE audit_event DROP CONSTRAINT {{audit_event}};
ALTER TABLE bulk_outcome DROP CONSTRAINT {{bulk_outcome}};

CREATE OR REPLACE FUNCTION audit_event_delete_refused() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF NOT EXISTS (SELECT 1 FROM mssp m WHERE m.id = OLD.mssp_id) THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION USING ERRCODE = 'restrict_violation', MESSAGE = '{DELETE_REFUSED}';
END $body$;
"""

SQLITE = f"""
DROP TRIGGER audit_event_delete;

CREATE TRIGGER audit_event_delete BEFORE DELETE ON audit_event
WHEN EXISTS (SELECT 1 FROM mssp m WHERE m.id = OLD.mssp_id)
BEGIN SELECT RAISE(ABORT, '{DELETE_REFUSED}'); END;
"""

CONSTRAINT = """
SELECT c.conname AS name FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)
WHERE c.contype = 'f' AND a.attname = 'portal_id' AND c.conrelid = CAST('{table}' AS regclass)
"""


async def let_logs_outlive_portals(apps: Any, schema_editor: Any) -> None:
    client = schema_editor.client
    if client.capabilities.dialect != "postgres":
        await client.execute_script(SQLITE)
        return
    names = {}
    for table in ("audit_event", "bulk_outcome"):
        (row,) = await client.execute_query_dict(CONSTRAINT.format(table=table))
        names[table] = '"' + row["name"] + '"'
    await client.execute_script(POSTGRES.format(**names))


class Migration(migrations.Migration):
    dependencies = [('models', '0022_failed_sign_ins')]

    initial = False

    operations = [
        ops.AlterField(
            model_name='AuditEvent',
            name='portal',
            field=fields.ForeignKeyField('models.Portal', source_field='portal_id', null=True, db_constraint=False, to_field='id', on_delete=OnDelete.NO_ACTION),
        ),
        ops.AlterField(
            model_name='BulkOutcome',
            name='portal',
            field=fields.ForeignKeyField('models.Portal', source_field='portal_id', null=True, db_constraint=False, to_field='id', on_delete=OnDelete.NO_ACTION),
        ),
        ops.RunPython(let_logs_outlive_portals),
    ]
