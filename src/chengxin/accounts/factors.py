"""The second factor: a time-based code from a telephone (RFC 6238), and recovery codes for the day it is lost."""

from __future__ import annotations

import logging
import secrets
from base64 import b32encode
from io import BytesIO

import segno
from django.db import transaction
from django_otp.plugins.otp_static.models import StaticToken

from chengxin.accounts.models import Spare, Telephone, User
from chengxin.accounts.telephones import kept_code, sealed
from chengxin.standards.sealing import SealError

log = logging.getLogger(__name__)
_RECOVERY = 8
_SECRET_BYTES = 20
"""As long as the hash of its codes (RFC 4226, section 4)."""


def enrolled(user: User) -> bool:
    """Whether the person has a telephone that has shown a right code once."""
    return bool(Telephone.objects.filter(user=user, confirmed=True).exists())


def begin(user: User) -> Telephone:
    """A telephone that is yet to show its first right code; the same one until then."""
    device = Telephone.objects.filter(user=user, confirmed=False).first()
    if device is not None:
        return device
    kept = sealed(secrets.token_bytes(_SECRET_BYTES), user.pk)
    return Telephone.objects.create(user=user, name="totp", confirmed=False, key=kept)


def qr(device: Telephone) -> str:
    """The QR code of a telephone's key, an SVG image."""
    out = BytesIO()
    segno.make(device.config_url, error="m").save(out, kind="svg", scale=5, border=2, xmldecl=False, svgns=True)
    return out.getvalue().decode()


def typed_key(device: Telephone) -> str:
    """The key for typing, as authenticator applications want it: Base32 in groups of four."""
    text = b32encode(device.bin_key).decode().rstrip("=")
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


@transaction.atomic
def finish(user: User, code: str) -> list[str] | None:
    """Take the new telephone into use if the code is its own; returns fresh recovery codes, or None for a wrong code."""
    device = begin(user)
    if not device.verify_token(code):
        return None
    Telephone.objects.filter(user=user).exclude(pk=device.pk).delete()
    device.confirmed = True
    device.save()
    Spare.objects.filter(user=user).delete()
    spare = Spare.objects.create(user=user, name="recovery")
    codes = [StaticToken.random_token() for _ in range(_RECOVERY)]
    StaticToken.objects.bulk_create(StaticToken(device=spare, token=kept_code(code, user.pk)) for code in codes)
    return codes


def check(user: User, code: str) -> str:
    """`totp` or `recovery` for a right code, each good once; an empty text for a wrong one. Slows down guessing."""
    given = code.strip().replace(" ", "")
    with transaction.atomic():
        for kind, devices in (("totp", Telephone.objects), ("recovery", Spare.objects)):
            for device in devices.devices_for_user(user, confirmed=True).select_for_update():
                if _fits(device, given):
                    return kind
    return ""


def _fits(device: Telephone | Spare, code: str) -> bool:
    try:
        return bool(device.verify_token(code))
    except SealError:  # the store's key is not the one it was: recovery codes still let people in
        log.exception("the secret of telephone %s cannot be opened", device.pk)
        return False


def forget(user: User) -> None:
    """No telephone and no recovery codes any more: the person enrols anew."""
    Telephone.objects.filter(user=user).delete()
    Spare.objects.filter(user=user).delete()
