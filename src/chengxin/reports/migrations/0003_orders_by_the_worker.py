"""Orders that the worker takes up by itself: who holds one, and whether the machine's operator ordered it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reports", "0002_append_only")]
    operations = [
        migrations.AddField(model_name="order", name="lease_until", field=models.DateTimeField(blank=True, null=True)),
        migrations.AddField(model_name="order", name="by_operator", field=models.BooleanField(default=False)),
    ]
