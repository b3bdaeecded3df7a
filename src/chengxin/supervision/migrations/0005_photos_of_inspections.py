"""Photos that an inspector attaches to the result of a task."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("supervision", "0004_entered_in_the_register")]
    operations = [
        migrations.CreateModel(
            name="TaskPhoto",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sha256", models.CharField(max_length=64)),
                ("size", models.IntegerField()),
                ("width", models.IntegerField()),
                ("height", models.IntegerField()),
                ("added_by", models.CharField(max_length=150)),
                ("added_at", models.DateTimeField(auto_now_add=True)),
                ("removed_by", models.CharField(blank=True, default="", max_length=150)),
                ("removed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "task",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="photos", to="supervision.task"
                    ),
                ),
            ],
            options={"indexes": [models.Index(fields=["sha256"], name="task_photo_by_file")]},
        ),
    ]
