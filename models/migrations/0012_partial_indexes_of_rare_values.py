from tortoise import migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from models.db.partial_indexes import PartialIndex


class Migration(migrations.Migration):
    dependencies = [('models', '0011_who_began_a_change_of_email')]

    initial = False

    operations = [
        ops.RemoveIndex(
            model_name='PortalUser',
            name=None,
            fields=['portal_id', 'pending_email_key'],
        ),
        ops.RemoveIndex(
            model_name='PortalUser',
            name=None,
            fields=['portal_id', 'username_look'],
        ),
        ops.AddIndex(
            model_name='PortalUser',
            index=PartialIndex(fields=['portal_id', 'pending_email_key'], name='portal_user_pending_email', where='pending_email_key IS NOT NULL'),
        ),
        ops.AddIndex(
            model_name='PortalUser',
            index=PartialIndex(fields=['portal_id', 'username_look'], name='portal_user_username_look', where='username_look IS NOT NULL'),
        ),
        # The options come last: AddIndex adds to the list of indexes, and 0006 has left one in the list twice.
        ops.AlterModelOptions(
            name='PortalUser',
            options={'table': 'portal_user', 'app': 'models', 'unique_together': (('portal', 'username_key'), ('portal', 'email_key')), 'indexes': [Index(fields=['portal_id', 'last_name_sort', 'first_name_sort', 'id']), Index(fields=['portal_id', 'category', 'last_name_sort', 'first_name_sort', 'id']), Index(fields=['mssp_id', 'last_name_sort', 'first_name_sort', 'id']), Index(fields=['mssp_id', 'category', 'last_name_sort', 'first_name_sort', 'id']), Index(fields=['portal_id', 'last_sign_in_sort', 'id']), Index(fields=['portal_id', 'added_at', 'id']), PartialIndex(fields=['portal_id', 'pending_email_key'], name='portal_user_pending_email', where='pending_email_key IS NOT NULL'), PartialIndex(fields=['portal_id', 'username_look'], name='portal_user_username_look', where='username_look IS NOT NULL'), PartialIndex(fields=['portal_id', 'status', 'status_changed_at', 'id'], name='portal_user_waiting', where="status = 'LOCKED_OUT' OR status = 'PROVISIONED' OR status = 'DEACTIVATED'"), PartialIndex(fields=['portal_id', 'idle_since', 'id'], name='portal_user_idle', where="category = 'ENABLED'"), PartialIndex(fields=['portal_id', 'idle_warned_at', 'id'], name='portal_user_warned', where='idle_warned_at IS NOT NULL')], 'pk_attr': 'id', 'table_description': 'A user of one portal.'},
        ),
    ]
