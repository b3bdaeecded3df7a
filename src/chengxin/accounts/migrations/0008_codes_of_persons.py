"""A natural person is an organisation of their own, under a keyed hash that is longer than a unified code."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_kept_codes")]

    operations = [
        migrations.AlterField("organisation", "code", models.CharField(blank=True, max_length=64)),
    ]
