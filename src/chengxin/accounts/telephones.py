"""How the secret of a telephone stands in the database: sealed with the store's key, bound to its person (domain.md 8.2)."""

from __future__ import annotations

import base64
from binascii import hexlify, unhexlify

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


def _context(user: int) -> bytes:
    return f"otp_totp_totpdevice.key of user {user}".encode()
