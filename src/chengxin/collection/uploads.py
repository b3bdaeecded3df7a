"""Files on their way in over the web: written to disk piece by piece, and no further than the limit (F-02)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler
from django.http import HttpRequest

from chengxin.engine.readers import Limits

MAX_BYTES = Limits().max_bytes
"""The one limit of all channels: what a reader would refuse need not be taken in."""


class LimitedUpload(TemporaryFileUploadHandler):
    """Django's handler for files on disk, which stops writing when a file turns out too large.

    The rest is read and thrown away, because a browser only shows an answer when it was allowed to finish sending.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        settings.PRIVATE.mkdir(parents=True, exist_ok=True, mode=0o700)
        super().new_file(*args, **kwargs)
        self.taken = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.taken += len(raw_data)
        if self.taken > MAX_BYTES:
            self.request.upload_too_large = True  # type: ignore[union-attr]
            raise StopUpload(connection_reset=False)
        super().receive_data_chunk(raw_data, start)


def was_too_large(request: HttpRequest) -> bool:
    return bool(getattr(request, "upload_too_large", False))
