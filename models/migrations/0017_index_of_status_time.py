from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0016_names_of_deleted_users')]

    initial = False

    operations = [
        ops.AddIndex(model_name='PortalUser', index=Index(fields=['portal_id', 'category', 'status_changed_at', 'id'])),
    ]
