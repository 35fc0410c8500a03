from typing import Any

from tortoise import migrations
from tortoise.migrations import operations as ops
from models.db.fields import KeyField
from models.db.partial_indexes import PartialIndex
from tortoise.fields.base import OnDelete
from uuid import uuid4
from tortoise import fields
from tortoise.indexes import Index

UPDATE_REFUSED = (
    "audit_event is only added to: an UPDATE may empty changes, reason or ticket of an erased user, all together and with"
    " the salt, and nothing else"
)
HEAD_REFUSED = "audit_chain grows: an UPDATE may raise sequence with hash, and a row is deleted with its provider only"
CHECKPOINT_REFUSED = "audit_checkpoint is only added to: a row is deleted once a later one of its chain replaces it"

KEPT = ("changes", "reason", "ticket", "salt")
_KEPT = "".join(f" - '{column}'" for column in KEPT)

POSTGRES = f"""
CREATE OR REPLACE FUNCTION audit_event_update_refused() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'restrict_violation', MESSAGE = '{UPDATE_REFUSED}';
END $body$;

DROP TRIGGER audit_event_update ON audit_event;

CREATE TRIGGER audit_event_update BEFORE UPDATE ON audit_event FOR EACH ROW
WHEN (
    (to_jsonb(NEW){_KEPT}) IS DISTINCT FROM (to_jsonb(OLD){_KEPT})
    OR (NEW.changes IS DISTINCT FROM OLD.changes AND NEW.changes IS DISTINCT FROM '[]'::jsonb)
    OR NEW.reason IS NOT NULL OR NEW.ticket IS NOT NULL OR NEW.salt IS NOT NULL
) EXECUTE FUNCTION audit_event_update_refused();

CREATE FUNCTION audit_chain_refused() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF NOT EXISTS (SELECT 1 FROM mssp m WHERE m.id = OLD.mssp_id) THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION USING ERRCODE = 'restrict_violation', MESSAGE = '{HEAD_REFUSED}';
END $body$;

CREATE TRIGGER audit_chain_update BEFORE UPDATE ON audit_chain FOR EACH ROW
WHEN (
    NEW.sequence < OLD.sequence OR (NEW.sequence = OLD.sequence AND NEW.hash IS DISTINCT FROM OLD.hash)
    OR NEW.id IS DISTINCT FROM OLD.id OR NEW.mssp_id IS DISTINCT FROM OLD.mssp_id
    OR NEW.earlier IS DISTINCT FROM OLD.earlier
) EXECUTE FUNCTION audit_chain_refused();

CREATE TRIGGER audit_chain_delete BEFORE DELETE ON audit_chain FOR EACH ROW
EXECUTE FUNCTION audit_chain_refused();

CREATE TRIGGER audit_chain_truncate BEFORE TRUNCATE ON audit_chain FOR EACH STATEMENT
EXECUTE FUNCTION audit_chain_refused();

CREATE FUNCTION audit_checkpoint_refused() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF NOT EXISTS (SELECT 1 FROM audit_chain c WHERE c.id = OLD.chain_id) OR EXISTS (
            SELECT 1 FROM audit_checkpoint n WHERE n.chain_id = OLD.chain_id
            AND (n.sequence > OLD.sequence OR (n.sequence = OLD.sequence AND n.at > OLD.at))
        ) THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION USING ERRCODE = 'restrict_violation', MESSAGE = '{CHECKPOINT_REFUSED}';
END $body$;

CREATE TRIGGER audit_checkpoint_change BEFORE UPDATE OR DELETE ON audit_checkpoint FOR EACH ROW
EXECUTE FUNCTION audit_checkpoint_refused();

CREATE TRIGGER audit_checkpoint_truncate BEFORE TRUNCATE ON audit_checkpoint FOR EACH STATEMENT
EXECUTE FUNCTION audit_checkpoint_refused();
"""

SQLITE = f"""
DROP TRIGGER audit_event_update;

CREATE TRIGGER audit_event_update BEFORE UPDATE ON audit_event
WHEN NEW.id IS NOT OLD.id OR NEW.at IS NOT OLD.at OR NEW.event IS NOT OLD.event OR NEW.actor_id IS NOT OLD.actor_id
    OR NEW.mssp_id IS NOT OLD.mssp_id OR NEW.portal_id IS NOT OLD.portal_id OR NEW.user_id IS NOT OLD.user_id
    OR NEW.operation_id IS NOT OLD.operation_id
    OR NEW.sequence IS NOT OLD.sequence OR NEW.hash IS NOT OLD.hash OR NEW.digest IS NOT OLD.digest
    OR (NEW.changes IS NOT OLD.changes AND NEW.changes IS NOT '[]')
    OR NEW.reason IS NOT NULL OR NEW.ticket IS NOT NULL OR NEW.salt IS NOT NULL
BEGIN SELECT RAISE(ABORT, '{UPDATE_REFUSED}'); END;

CREATE TRIGGER audit_chain_update BEFORE UPDATE ON audit_chain
WHEN NEW.sequence < OLD.sequence OR (NEW.sequence = OLD.sequence AND NEW.hash IS NOT OLD.hash)
    OR NEW.id IS NOT OLD.id OR NEW.mssp_id IS NOT OLD.mssp_id OR NEW.earlier IS NOT OLD.earlier
BEGIN SELECT RAISE(ABORT, '{HEAD_REFUSED}'); END;

CREATE TRIGGER audit_chain_delete BEFORE DELETE ON audit_chain
WHEN EXISTS (SELECT 1 FROM mssp m WHERE m.id = OLD.mssp_id)
BEGIN SELECT RAISE(ABORT, '{HEAD_REFUSED}'); END;

CREATE TRIGGER audit_checkpoint_update BEFORE UPDATE ON audit_checkpoint
BEGIN SELECT RAISE(ABORT, '{CHECKPOINT_REFUSED}'); END;

CREATE TRIGGER audit_checkpoint_delete BEFORE DELETE ON audit_checkpoint
WHEN EXISTS (SELECT 1 FROM audit_chain c WHERE c.id = OLD.chain_id) AND NOT EXISTS (
    SELECT 1 FROM audit_checkpoint n WHERE n.chain_id = OLD.chain_id
    AND (n.sequence > OLD.sequence OR (n.sequence = OLD.sequence AND n.at > OLD.at))
)
BEGIN SELECT RAISE(ABORT, '{CHECKPOINT_REFUSED}'); END;
"""

EARLIER = f"""
INSERT INTO audit_chain (id, mssp_id, sequence, hash, earlier)
SELECT COALESCE(e.portal_id, e.mssp_id), e.mssp_id, 0, '{"0" * 64}', COUNT(*) FROM audit_event e
GROUP BY e.mssp_id, e.portal_id
"""


async def refuse_changes(apps: Any, schema_editor: Any) -> None:
    is_postgres = schema_editor.client.capabilities.dialect == "postgres"
    await schema_editor.client.execute_script(POSTGRES if is_postgres else SQLITE)


class Migration(migrations.Migration):
    dependencies = [('models', '0025_access_of_previews')]

    initial = False

    operations = [
        ops.CreateModel(
            name='AuditChain',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('mssp', fields.ForeignKeyField('models.Mssp', source_field='mssp_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('sequence', fields.BigIntField(default=0)),
                ('hash', fields.TextField(default='0000000000000000000000000000000000000000000000000000000000000000', unique=False)),
                ('earlier', fields.BigIntField(default=0)),
            ],
            options={'table': 'audit_chain', 'app': 'models', 'indexes': [Index(fields=['mssp_id'])], 'pk_attr': 'id', 'table_description': 'A chain of the audit log. Each portal has one, and each provider has one for its events without a portal.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='AuditCheckpoint',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('chain', fields.ForeignKeyField('models.AuditChain', source_field='chain_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('sequence', fields.BigIntField()),
                ('hash', fields.TextField(unique=False)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('key', KeyField(generated=False, null=False, unique=False)),
                ('signature', fields.TextField(unique=False)),
            ],
            options={'table': 'audit_checkpoint', 'app': 'models', 'indexes': [Index(fields=['chain_id', 'sequence']), Index(fields=['at'])], 'pk_attr': 'id', 'table_description': 'A signed place of a chain. `key` is the public key that checks `signature`.'},
            bases=['Model'],
        ),
        ops.AddField(model_name='AuditEvent', name='sequence', field=fields.BigIntField(null=True)),
        ops.AddField(model_name='AuditEvent', name='hash', field=fields.TextField(null=True, unique=False)),
        ops.AddField(model_name='AuditEvent', name='digest', field=fields.TextField(null=True, unique=False)),
        ops.AddField(model_name='AuditEvent', name='salt', field=fields.TextField(null=True, unique=False)),
        ops.AddIndex(
            model_name='AuditEvent',
            index=Index(fields=['portal_id', 'sequence'], name='audit_event_portal_chain'),
        ),
        ops.AddIndex(
            model_name='AuditEvent',
            index=PartialIndex(fields=['mssp_id', 'sequence'], name='audit_event_mssp_chain', where='portal_id IS NULL'),
        ),
        ops.RunPython(refuse_changes),
        ops.RunSQL(EARLIER),
    ]
