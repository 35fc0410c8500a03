from typing import Any

from tortoise import migrations
from tortoise.migrations import operations as ops
from models.db.partial_indexes import PartialIndex
from tortoise import fields
from tortoise.indexes import Index

UPDATE_REFUSED = (
    "audit_event is only added to: an UPDATE may empty changes, reason or ticket of an erased user, and nothing else"
)

POSTGRES = f"""
CREATE OR REPLACE FUNCTION audit_event_update_refused() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'restrict_violation', MESSAGE = '{UPDATE_REFUSED}';
END $body$;

DROP TRIGGER audit_event_update ON audit_event;

CREATE TRIGGER audit_event_update BEFORE UPDATE ON audit_event FOR EACH ROW
WHEN (
    (to_jsonb(NEW) - 'changes' - 'reason' - 'ticket') IS DISTINCT FROM (to_jsonb(OLD) - 'changes' - 'reason' - 'ticket')
    OR (NEW.changes IS DISTINCT FROM OLD.changes AND NEW.changes IS DISTINCT FROM '[]'::jsonb)
    OR (NEW.reason IS DISTINCT FROM OLD.reason AND NEW.reason IS NOT NULL)
    OR (NEW.ticket IS DISTINCT FROM OLD.ticket AND NEW.ticket IS NOT NULL)
) EXECUTE FUNCTION audit_event_update_refused();
"""

SQLITE = f"""
DROP TRIGGER audit_event_update;

CREATE TRIGGER audit_event_update BEFORE UPDATE ON audit_event
WHEN NEW.id IS NOT OLD.id OR NEW.at IS NOT OLD.at OR NEW.event IS NOT OLD.event OR NEW.actor_id IS NOT OLD.actor_id
    OR NEW.mssp_id IS NOT OLD.mssp_id OR NEW.portal_id IS NOT OLD.portal_id OR NEW.user_id IS NOT OLD.user_id
    OR NEW.operation_id IS NOT OLD.operation_id
    OR (NEW.changes IS NOT OLD.changes AND NEW.changes IS NOT '[]')
    OR (NEW.reason IS NOT OLD.reason AND NEW.reason IS NOT NULL)
    OR (NEW.ticket IS NOT OLD.ticket AND NEW.ticket IS NOT NULL)
BEGIN SELECT RAISE(ABORT, '{UPDATE_REFUSED}'); END;
"""


async def let_tickets_be_emptied(apps: Any, schema_editor: Any) -> None:
    is_postgres = schema_editor.client.capabilities.dialect == "postgres"
    await schema_editor.client.execute_script(POSTGRES if is_postgres else SQLITE)


class Migration(migrations.Migration):
    dependencies = [('models', '0018_index_of_kind')]

    initial = False

    operations = [
        ops.AddField(model_name='AuditEvent', name='ticket', field=fields.TextField(null=True, unique=False)),
        ops.AddIndex(
            model_name='AuditEvent',
            index=PartialIndex(fields=['mssp_id', 'ticket', 'id'], name='audit_event_ticket', where='ticket IS NOT NULL'),
        ),
        ops.AddIndex(
            model_name='AuditEvent',
            index=PartialIndex(fields=['portal_id', 'ticket', 'id'], name='audit_event_portal_ticket', where='ticket IS NOT NULL'),
        ),
        ops.RunPython(let_tickets_be_emptied),
        ops.AddField(model_name='BulkOperation', name='ticket', field=fields.TextField(null=True, unique=False)),
        ops.AddField(model_name='Portal', name='reason_required', field=fields.BooleanField(null=True, default=False)),
        ops.RunSQL("UPDATE portal SET reason_required = FALSE"),
    ]
