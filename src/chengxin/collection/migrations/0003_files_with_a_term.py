from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("collection", "0002_mending_reminders_bulletins")]

    operations = [
        migrations.AddField(model_name="batch", name="file_gone_on", field=models.DateField(blank=True, null=True)),
    ]
