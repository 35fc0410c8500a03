from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0012_partial_indexes_of_rare_values')]

    initial = False

    operations = [
        ops.RemoveIndex(model_name='PortalUser', name=None, fields=['portal_id', 'last_sign_in_sort', 'id']),
        ops.RemoveIndex(model_name='PortalUser', name=None, fields=['portal_id', 'added_at', 'id']),
        ops.AddIndex(model_name='PortalUser', index=Index(fields=['portal_id', 'category', 'first_name_sort', 'id'])),
        ops.AddIndex(model_name='PortalUser', index=Index(fields=['portal_id', 'category', 'last_name_sort', 'id'])),
        ops.AddIndex(model_name='PortalUser', index=Index(fields=['portal_id', 'category', 'username_sort', 'id'])),
        ops.AddIndex(model_name='PortalUser', index=Index(fields=['portal_id', 'category', 'email_sort', 'id'])),
        ops.AddIndex(model_name='PortalUser', index=Index(fields=['portal_id', 'category', 'last_sign_in_sort', 'id'])),
        ops.AddIndex(model_name='PortalUser', index=Index(fields=['portal_id', 'category', 'added_at', 'id'])),
        ops.AddIndex(model_name='PortalUser', index=Index(fields=['portal_id', 'category', 'modified_at', 'id'])),
        ops.AddIndex(model_name='PortalUser', index=Index(fields=['portal_id', 'status_rank', 'role_rank', 'id'])),
    ]
