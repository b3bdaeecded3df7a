"""Secrets of telephones that were enrolled before are sealed with the store's key; anew installed stores have none."""

from typing import Any

from django.db import migrations

from chengxin.accounts.telephones import is_plain, plain, sealed


def seal(apps: Any, _editor: Any) -> None:
    devices = apps.get_model("otp_totp", "TOTPDevice").objects
    for device in devices.all().iterator():
        if is_plain(device.key):
            devices.filter(pk=device.pk).update(key=sealed(bytes.fromhex(device.key), device.user_id))


def unseal(apps: Any, _editor: Any) -> None:
    devices = apps.get_model("otp_totp", "TOTPDevice").objects
    for device in devices.all().iterator():
        if not is_plain(device.key):
            devices.filter(pk=device.pk).update(key=plain(device.key, device.user_id))


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_one_person"),
        ("otp_totp", "0003_add_timestamps"),
    ]

    operations = [
        migrations.CreateModel(
            name="Telephone",
            fields=[],
            options={"proxy": True, "indexes": [], "constraints": []},
            bases=("otp_totp.totpdevice",),
        ),
        migrations.RunPython(seal, unseal),
    ]
