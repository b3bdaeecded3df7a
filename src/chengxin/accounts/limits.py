"""How often: requests counted in fixed windows, one counter a key or address (R-077; anchors.md, table "API").

The counters live in the database and in no cache, so that every process of an installation counts together. On
PostgreSQL they are an unlogged table (one upsert, nothing is lost that matters when it is emptied by a crash). On SQLite
they are a file of their own beside the register: in the same file every read would have to wait for the single writer,
seconds long while a batch is merged. A counter that cannot be reached lets the request through and says so in the log.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import logging
import secrets
import sqlite3
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest

log = logging.getLogger(__name__)
_FILE = "limits.sqlite3"
_UPSERT = """
    INSERT INTO accounts_rate_window (bucket, ends, hits) VALUES ({0}, {0}, 1)
    ON CONFLICT (bucket) DO UPDATE SET ends = excluded.ends,
        hits = CASE WHEN accounts_rate_window.ends = excluded.ends THEN accounts_rate_window.hits + 1 ELSE 1 END
    RETURNING hits"""
_SWEEP = "DELETE FROM accounts_rate_window WHERE ends < {0}"
_SWEEP_EVERY = 500
UNKNOWN = "unknown"
"""Instead of the address of who comes by a socket of this machine."""
"""One request in so many also removes the counters of windows that are over."""


@dataclass(frozen=True)
class Rate:
    """So many requests in so many seconds; no requests means no limit."""

    requests: int
    seconds: int

    @classmethod
    def parse(cls, text: str) -> Rate:
        """`600/60` is 600 requests a minute. Raises `ValueError`."""
        requests, _, seconds = text.partition("/")
        rate = cls(int(requests), int(seconds or 60))
        if rate.requests < 0 or rate.seconds < 1:
            raise ValueError(f"{text!r} is no rate; write requests/seconds, for example 600/60")
        return rate


@dataclass(frozen=True)
class Used:
    """Where a counter stands after a request: `wait` is the seconds until the window is over."""

    rate: Rate
    hits: int
    wait: int

    @property
    def exceeded(self) -> bool:
        return 0 < self.rate.requests < self.hits

    @property
    def headers(self) -> dict[str, str]:
        """What the client is told (draft-ietf-httpapi-ratelimit-headers); nothing where there is no limit."""
        if not self.rate.requests:
            return {}
        told = {
            "RateLimit-Limit": str(self.rate.requests),
            "RateLimit-Remaining": str(max(0, self.rate.requests - self.hits)),
            "RateLimit-Reset": str(self.wait),
            "RateLimit-Policy": f"{self.rate.requests};w={self.rate.seconds}",
        }
        return {**told, "Retry-After": str(self.wait)} if self.exceeded else told


def count(who: str, rate: Rate) -> Used:
    """Count one request of `who` (a key, a person, an address; kept as a keyed hash only) against `rate`."""
    now = time.time()
    ends = (int(now) // rate.seconds + 1) * rate.seconds
    wait = max(1, round(ends - now))
    if not rate.requests:
        return Used(rate, 0, wait)
    try:
        return Used(rate, _hit(_bucket(f"{who} {rate.seconds}"), ends), wait)
    except (sqlite3.Error, DatabaseError, OSError):
        log.warning("requests cannot be counted", exc_info=True)
        return Used(rate, 1, wait)


def ip_of(request: HttpRequest) -> str | None:
    """The same where only an address will do: the first of an IPv6 network, None for who comes by a local socket."""
    address = address_of(request).partition("/")[0]
    return None if address == UNKNOWN else address


def address_of(request: HttpRequest) -> str:
    """The network address a request comes from, as far as our own proxies vouch for it; of IPv6 the /64 network."""
    found = request.META.get("REMOTE_ADDR", "")
    passed = [a.strip() for a in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if a.strip()]
    if settings.PROXIES and len(passed) >= settings.PROXIES:
        found = passed[-settings.PROXIES]
    try:
        address = ipaddress.ip_address(found)
    except ValueError:
        return UNKNOWN
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((int(address), 64), strict=False))


def _bucket(who: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), who.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:32]


def _hit(bucket: str, ends: int) -> int:
    sweep = secrets.randbelow(_SWEEP_EVERY) == 0
    if connection.vendor == "postgresql":
        with connection.planned_cursor() as cursor:  # type: ignore[attr-defined]  # of registry/postgresql
            cursor.execute(_UPSERT.format("%s"), [bucket, ends])
            hits = cursor.fetchone()[0]
            if sweep:
                cursor.execute(_SWEEP.format("%s"), [int(time.time())])
        return int(hits)
    side = _side_file(Path(settings.HOME) / _FILE)
    hits = side.execute(_UPSERT.format("?"), [bucket, ends]).fetchone()[0]
    if sweep:
        side.execute(_SWEEP.format("?"), [int(time.time())])
    return int(hits)


_open = threading.local()


def _side_file(path: Path) -> sqlite3.Connection:
    """This thread's connection to the counters; every statement is a transaction of its own."""
    if getattr(_open, "path", None) != path:
        if getattr(_open, "path", None) is not None:
            _open.connection.close()
            _open.path = None
        made = sqlite3.connect(path, timeout=1, isolation_level=None)
        made.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
            "CREATE TABLE IF NOT EXISTS accounts_rate_window"
            " (bucket TEXT PRIMARY KEY, ends INTEGER NOT NULL, hits INTEGER NOT NULL) WITHOUT ROWID"
        )
        _open.connection, _open.path = made, path
    connection: sqlite3.Connection = _open.connection
    return connection
