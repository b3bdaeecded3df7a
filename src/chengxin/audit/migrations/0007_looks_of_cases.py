"""A look says which case it belongs to: one at a draft is shown to the subject when the case is (cases.looking)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0006_reading")]

    operations = [
        migrations.AddField(
            "look", "case", models.CharField(blank=True, db_default="", default="", max_length=40),
        ),
    ]  # fmt: skip
