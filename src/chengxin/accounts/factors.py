"""The second factor: a time-based code from a telephone (RFC 6238), and recovery codes for the day it is lost."""

from __future__ import annotations

from base64 import b32encode
from io import BytesIO

import segno
from django.db import transaction
from django_otp import match_token
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from chengxin.accounts.models import User

_RECOVERY = 8


def enrolled(user: User) -> bool:
    """Whether the person has a telephone that has shown a right code once."""
    return bool(TOTPDevice.objects.filter(user=user, confirmed=True).exists())


def begin(user: User) -> TOTPDevice:
    """A telephone that is yet to show its first right code; the same one until then."""
    device = TOTPDevice.objects.filter(user=user, confirmed=False).first()
    return device or TOTPDevice.objects.create(user=user, name="totp", confirmed=False)


def qr(device: TOTPDevice) -> str:
    """The QR code of a telephone's key, an SVG image."""
    out = BytesIO()
    segno.make(device.config_url, error="m").save(out, kind="svg", scale=5, border=2, xmldecl=False, svgns=True)
    return out.getvalue().decode()


def typed_key(device: TOTPDevice) -> str:
    """The key for typing, as authenticator applications want it: Base32 in groups of four."""
    text = b32encode(device.bin_key).decode().rstrip("=")
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


@transaction.atomic
def finish(user: User, code: str) -> list[str] | None:
    """Take the new telephone into use if the code is its own; returns fresh recovery codes, or None for a wrong code."""
    device = begin(user)
    if not device.verify_token(code):
        return None
    TOTPDevice.objects.filter(user=user).exclude(pk=device.pk).delete()
    device.confirmed = True
    device.save()
    StaticDevice.objects.filter(user=user).delete()
    spare = StaticDevice.objects.create(user=user, name="recovery")
    codes = [StaticToken.random_token() for _ in range(_RECOVERY)]
    StaticToken.objects.bulk_create(StaticToken(device=spare, token=code) for code in codes)
    return codes


def check(user: User, code: str) -> str:
    """`totp` or `recovery` for a right code, each good once; an empty text for a wrong one. Slows down guessing."""
    device = match_token(user, code.strip().replace(" ", ""))
    if device is None:
        return ""
    return "recovery" if isinstance(device, StaticDevice) else "totp"
