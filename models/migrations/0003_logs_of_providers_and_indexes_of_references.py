from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0002_onboarding_and_account_security')]

    initial = False

    operations = [
        ops.CreateModel(
            name='OperationPortal',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('portal', fields.ForeignKeyField('models.Portal', source_field='portal_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('operation', fields.ForeignKeyField('models.BulkOperation', source_field='operation_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
            ],
            options={'table': 'operation_portal', 'app': 'models', 'unique_together': (('portal', 'operation'),), 'indexes': [Index(fields=['operation_id'])], 'pk_attr': 'id', 'table_description': "One portal that an operation touched; an operation of a portal's admin has that portal in any case."},
            bases=['Model'],
        ),
        ops.RunSQL(
            "INSERT INTO operation_portal (portal_id, operation_id)"
            " SELECT DISTINCT c.portal_id, c.operation_id FROM bulk_outcome c WHERE c.portal_id IS NOT NULL"
            " UNION SELECT u.portal_id, o.id FROM bulk_operation o JOIN portal_user u ON u.id = o.actor_id"
        ),
        ops.AddField(
            model_name='AuditEvent',
            name='mssp',
            field=fields.ForeignKeyField('models.Mssp', source_field='mssp_id', null=True, db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE),
        ),
        ops.RunSQL("UPDATE audit_event SET mssp_id = (SELECT p.mssp_id FROM portal p WHERE p.id = audit_event.portal_id)"),
        ops.AlterField(
            model_name='AuditEvent',
            name='mssp',
            field=fields.ForeignKeyField('models.Mssp', source_field='mssp_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE),
        ),
        ops.AddIndex(
            model_name='AuditEvent',
            index=Index(fields=['mssp_id', 'id']),
        ),
        ops.AddIndex(
            model_name='IdempotencyKey',
            index=Index(fields=['operation_id']),
        ),
        ops.AddIndex(
            model_name='OutboxMail',
            index=Index(fields=['portal_id']),
        ),
        ops.AddIndex(
            model_name='OutboxMail',
            index=Index(fields=['staff_id']),
        ),
        ops.AddIndex(
            model_name='StaffMember',
            index=Index(fields=['mssp_id']),
        ),
        ops.AddIndex(
            model_name='TechnicianAssignment',
            index=Index(fields=['portal_id']),
        ),
    ]
