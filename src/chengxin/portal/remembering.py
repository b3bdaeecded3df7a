"""Drawn pages that are kept for the next visitor, each under the mark of its content (S-11).

A page is found again only by its ETag, and that is made anew for every request from all that the page depends on: the
subject's rows and records, its lists and grades, the packs, the day, the language. So a kept page cannot outlive a repair, an
objection or the end of its publicity by one request, in whichever process the change was made. Only what every visitor sees
is kept: answers to people who bring a session or a message are drawn for them.
"""

from __future__ import annotations

import threading
import zlib
from collections import OrderedDict
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse


class Kept:
    """Up to so many bytes of packed pages in this process; what was asked for least lately goes first."""

    def __init__(self) -> None:
        self._pages: OrderedDict[tuple[str, str], tuple[str, bytes]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, key: tuple[str, str]) -> tuple[str, bytes] | None:
        """Content type and packed content."""
        with self._lock:
            found = self._pages.get(key)
            if found:
                self._pages.move_to_end(key)
            return found

    def put(self, key: tuple[str, str], kind: str, packed: bytes, limit: int) -> None:
        with self._lock:
            if key in self._pages or len(packed) > limit:
                return
            self._pages[key] = kind, packed
            self._bytes += len(packed)
            while self._bytes > limit:
                _key, (_kind, old) = self._pages.popitem(last=False)
                self._bytes -= len(old)

    def clear(self) -> None:
        with self._lock:
            self._pages.clear()
            self._bytes = 0


KEPT = Kept()


def remembered(request: HttpRequest, etag: str, draw: Callable[[], HttpResponse]) -> HttpResponse:
    """The page under this mark and address, drawn now unless it was kept; `draw` answers with status 200."""
    limit = settings.PAGE_MEMORY
    if not limit or request.COOKIES.keys() - _of_everybody():
        return draw()
    key = (etag, request.get_full_path())
    if found := KEPT.get(key):
        kind, packed = found
        return HttpResponse(zlib.decompress(packed), content_type=kind)
    response = draw()
    KEPT.put(key, response.headers["Content-Type"], zlib.compress(response.content, 1), limit)
    return response


def _of_everybody() -> set[str]:
    """Cookies that do not make a visitor somebody: the mark knows the language, the page has no form of a session."""
    return {settings.LANGUAGE_COOKIE_NAME}
