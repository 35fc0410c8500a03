from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0017_index_of_status_time')]

    initial = False

    operations = [
        ops.AddIndex(model_name='PortalUser', index=Index(fields=['portal_id', 'category', 'kind', 'id'])),
    ]
