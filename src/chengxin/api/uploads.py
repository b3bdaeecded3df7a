"""A file on its way in: a multipart form, or the bare file with the rest in headers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, BinaryIO, cast
from urllib.parse import unquote

from django.http import HttpRequest

from chengxin.api.errors import Problem, malformed, too_large
from chengxin.api.words import INVALID
from chengxin.collection import uploads

KEY = "Idempotency-Key"
ITEM, SOURCE, NAME = "Chengxin-Item", "Chengxin-Source", "Chengxin-File-Name"
SLUG = r"^[a-z][a-z0-9_-]{0,59}$"
_KEY = re.compile(r"[\x21-\x7e]{1,100}")
_FORM_ROOM = 1024 * 1024
"""What a form may have around its file."""


@dataclass(frozen=True)
class Upload:
    item: str
    source: str
    file_name: str
    file: BinaryIO


def idempotency_key(request: HttpRequest) -> str:
    """Raises `Problem` without one: a client that retries must not submit twice (G-20)."""
    key = request.headers.get(KEY, "")
    if not _KEY.fullmatch(key):
        raise Problem("idempotency-key-missing")
    return key


def upload(request: HttpRequest) -> Upload:
    """Raises `Problem`: too large, without a file, or without saying what it is and whose."""
    size, form = _length(request), request.content_type == "multipart/form-data"
    if size > uploads.MAX_BYTES + (_FORM_ROOM if form else 0):
        raise too_large(uploads.MAX_BYTES)
    if not size:
        raise malformed("没有文件，或没有写明 Content-Length", "there is no file, or no Content-Length")
    return _of_form(request) if form else _of_body(request)


def _length(request: HttpRequest) -> int:
    text = request.META.get("CONTENT_LENGTH") or "0"
    return int(text) if str(text).isascii() and str(text).isdigit() else 0


def _of_form(request: HttpRequest) -> Upload:
    file = request.FILES.get("file")
    if uploads.was_too_large(request):
        raise too_large(uploads.MAX_BYTES)
    if file is None or file.file is None:
        raise _incomplete({"form.file": None})
    said = {"form.item": request.POST.get("item"), "form.source": request.POST.get("source")}
    item, source = _slugs(said)
    return Upload(item, source, file.name or "", cast(BinaryIO, file.file))


def _of_body(request: HttpRequest) -> Upload:
    said = {f"header.{ITEM}": request.headers.get(ITEM), f"header.{SOURCE}": request.headers.get(SOURCE)}
    item, source = _slugs(said)
    name = unquote(request.headers.get(NAME, ""))
    return Upload(item, source, "".join(c for c in name if c.isprintable()), cast(BinaryIO, request))


def _slugs(said: dict[str, str | None]) -> tuple[str, str]:
    """Item and source, as they were given."""
    wrong = {place: text for place, text in said.items() if not text or not re.fullmatch(SLUG, text)}
    if wrong:
        raise _incomplete(wrong)
    item, source = said.values()
    return str(item), str(source)


def _incomplete(wrong: dict[str, Any]) -> Problem:
    details = []
    for place, text in wrong.items():
        code = "string_pattern_mismatch" if text else "missing"
        message, message_en = INVALID[code]
        told = {"message": message.format(pattern=SLUG), "message_en": message_en.format(pattern=SLUG)}
        details.append({"field": place, "code": code, **told})
    return Problem("invalid", count=len(details), details=details)
