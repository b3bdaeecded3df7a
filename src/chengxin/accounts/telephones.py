"""How second factors stand in the database, bound to their person (domain.md 8.2): the secret of a telephone sealed with the
store's key, a recovery code as a keyed hash, since nobody has to read it back."""

from __future__ import annotations

import base64
from binascii import hexlify, unhexlify

from django.utils.crypto import salted_hmac

from chengxin.accounts.store_key import sealer


def sealed(secret: bytes, user: int) -> str:
    """A secret as it is kept: base64 of the sealed value; 20 bytes become 68 characters of the column's 80."""
    return base64.b64encode(sealer().seal(secret, _context(user))).decode()


def opened(kept: str, user: int) -> bytes:
    """The secret behind what is kept. Raises `SealError` for another person's, an altered one, or a key that is gone."""
    return sealer().unseal(base64.b64decode(kept), _context(user))


def is_plain(kept: str) -> bool:
    """Whether this is the hexadecimal text of before 0006; a sealed value is never that (its first byte is 1, not hex)."""
    try:
        unhexlify(kept.encode())
    except ValueError:
        return False
    return True


def plain(kept: str, user: int) -> str:
    """The text that django-otp itself would keep."""
    return hexlify(opened(kept, user)).decode()


KEPT = 16
"""Characters that are kept of a code: django-otp's column takes no more; 80 bits, keyed, of a code that has 40."""


def kept_code(code: str, user: int) -> str:
    """What a recovery code is kept as; the installation's secret key is the key."""
    made = salted_hmac("chengxin.accounts.recovery-code", f"{user} {code}", algorithm="sha256").digest()
    return base64.b32encode(made).decode().lower()[:KEPT]


def _context(user: int) -> bytes:
    return f"otp_totp_totpdevice.key of user {user}".encode()
