"""Recovery codes of before are kept as what a right one leads to; they cannot be read back, so there is no way back."""

from typing import Any

from django.db import migrations

from chengxin.accounts.telephones import KEPT, kept_code


def keep(apps: Any, _editor: Any) -> None:
    tokens = apps.get_model("otp_static", "StaticToken").objects
    for token in tokens.select_related("device").iterator():
        if len(token.token) < KEPT:
            tokens.filter(pk=token.pk).update(token=kept_code(token.token, token.device.user_id))


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_sealed_telephones"),
        ("otp_static", "0003_add_timestamps"),
    ]

    operations = [
        migrations.CreateModel(
            name="Spare",
            fields=[],
            options={"proxy": True, "indexes": [], "constraints": []},
            bases=("otp_static.staticdevice",),
        ),
        migrations.RunPython(keep, migrations.RunPython.noop),
    ]
