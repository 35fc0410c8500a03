from typing import Any

from tortoise import migrations
from tortoise.migrations import operations as ops

UPDATE_REFUSED = "audit_event is only added to: an UPDATE may empty changes or reason of an erased user, and nothing else"
DELETE_REFUSED = "audit_event is only added to: its rows are deleted with their portal or provider, and not otherwise"

POSTGRES = f"""
CREATE FUNCTION audit_event_update_refused() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'restrict_violation', MESSAGE = '{UPDATE_REFUSED}';
END $body$;

CREATE TRIGGER audit_event_update BEFORE UPDATE ON audit_event FOR EACH ROW
WHEN (
    (to_jsonb(NEW) - 'changes' - 'reason') IS DISTINCT FROM (to_jsonb(OLD) - 'changes' - 'reason')
    OR (NEW.changes IS DISTINCT FROM OLD.changes AND NEW.changes IS DISTINCT FROM '[]'::jsonb)
    OR (NEW.reason IS DISTINCT FROM OLD.reason AND NEW.reason IS NOT NULL)
) EXECUTE FUNCTION audit_event_update_refused();

CREATE FUNCTION audit_event_delete_refused() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF NOT EXISTS (SELECT 1 FROM mssp m WHERE m.id = OLD.mssp_id) THEN
            RETURN OLD;
        END IF;
        IF OLD.portal_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM portal p WHERE p.id = OLD.portal_id) THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION USING ERRCODE = 'restrict_violation', MESSAGE = '{DELETE_REFUSED}';
END $body$;

CREATE TRIGGER audit_event_delete BEFORE DELETE ON audit_event FOR EACH ROW
EXECUTE FUNCTION audit_event_delete_refused();

CREATE TRIGGER audit_event_truncate BEFORE TRUNCATE ON audit_event FOR EACH STATEMENT
EXECUTE FUNCTION audit_event_delete_refused();
"""

SQLITE = f"""
CREATE TRIGGER audit_event_update BEFORE UPDATE ON audit_event
WHEN NEW.id IS NOT OLD.id OR NEW.at IS NOT OLD.at OR NEW.event IS NOT OLD.event OR NEW.actor_id IS NOT OLD.actor_id
    OR NEW.mssp_id IS NOT OLD.mssp_id OR NEW.portal_id IS NOT OLD.portal_id OR NEW.user_id IS NOT OLD.user_id
    OR NEW.operation_id IS NOT OLD.operation_id
    OR (NEW.changes IS NOT OLD.changes AND NEW.changes IS NOT '[]')
    OR (NEW.reason IS NOT OLD.reason AND NEW.reason IS NOT NULL)
BEGIN SELECT RAISE(ABORT, '{UPDATE_REFUSED}'); END;

CREATE TRIGGER audit_event_delete BEFORE DELETE ON audit_event
WHEN EXISTS (SELECT 1 FROM mssp m WHERE m.id = OLD.mssp_id)
    AND (OLD.portal_id IS NULL OR EXISTS (SELECT 1 FROM portal p WHERE p.id = OLD.portal_id))
BEGIN SELECT RAISE(ABORT, '{DELETE_REFUSED}'); END;
"""


async def refuse_changes(apps: Any, schema_editor: Any) -> None:
    is_postgres = schema_editor.client.capabilities.dialect == "postgres"
    await schema_editor.client.execute_script(POSTGRES if is_postgres else SQLITE)


class Migration(migrations.Migration):
    dependencies = [('models', '0009_limited_tries')]

    initial = False

    operations = [
        ops.RunPython(refuse_changes),
    ]
