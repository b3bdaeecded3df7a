"""Auditors ask who did something, and what was done: both without reading the whole trail."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0005_looks")]

    operations = [
        migrations.AddIndex("event", models.Index(fields=["actor", "-id"], name="events_of_actor")),
        migrations.AddIndex("event", models.Index(fields=["action", "-id"], name="events_of_action")),
    ]
