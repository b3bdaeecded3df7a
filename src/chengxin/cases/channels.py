"""How a change reaches a receiver: a folder that both sides read, or an address that takes JSON (F15, R-237).

Sending is safe to repeat: a message is the same bytes under the same id every time, and receivers know it by its id.
"""

from __future__ import annotations

import base64
import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import orjson
from django.conf import settings

from chengxin.audit.keys import NoLog, sign
from chengxin.cases.models import Delivery, Receiver

TIMEOUT = 10
_AGAIN = (408, 425, 429)


class Unreachable(Exception):
    """The receiver does not answer now; try again later."""


class Declined(Exception):
    """The receiver has understood and refuses; trying again would not help."""


class Channel(Protocol):
    """What a way of delivery has to do."""

    def send(self, receiver: Receiver, delivery: Delivery) -> str:
        """Hand the message over; the receipt when the receiver gives it at once, else an empty text."""

    def receipts(self, receiver: Receiver) -> Iterator[tuple[int, str]]:
        """(change, receipt) of what the receiver has acknowledged by itself since."""


def body_of(delivery: Delivery) -> bytes:
    """The message as bytes: sorted keys, so that the same change is the same message."""
    return orjson.dumps(delivery.message, option=orjson.OPT_SORT_KEYS)


CONTEXT = "chengxin delivery"
"""What a delivery's signature covers before its bytes."""


def signature_of(body: bytes) -> str:
    """`<number of our key> <algorithm> <base64>`, over `CONTEXT`, a line end and the body (R-237, G-18). Raises
    `Unreachable` where the key is missing: an unsigned message must not go out."""
    try:
        made = sign(CONTEXT, body)
    except NoLog as missing:
        raise Unreachable(str(missing)) from missing
    return f"{made.key} {made.algorithm} {base64.b64encode(made.signature).decode()}"


class Folder:
    """`<address>/out/<change>.json` and `.sig` for the receiver to take, `<address>/in/<change>.json` with
    {"receipt": "…"} from it; the signature is there before the message is."""

    def send(self, receiver: Receiver, delivery: Delivery) -> str:
        out = self._place(receiver) / "out"
        body = body_of(delivery)
        try:
            out.mkdir(exist_ok=True)
            part = out / f".{delivery.change}.part"
            part.write_text(signature_of(body) + "\n", "ascii")
            os.replace(part, out / f"{delivery.change}.sig")
            part.write_bytes(body)
            os.replace(part, out / f"{delivery.change}.json")
        except OSError as error:
            raise Unreachable(str(error)) from error
        return ""

    def receipts(self, receiver: Receiver) -> Iterator[tuple[int, str]]:
        try:
            files = sorted((self._place(receiver) / "in").glob("*.json"))
        except Unreachable:
            return
        for file in files:
            try:
                said: Any = json.loads(file.read_text("utf-8"))
                yield int(file.stem), str(said["receipt"])
            except (OSError, ValueError, KeyError, TypeError):
                continue  # still being written, or no receipt: it stays and is looked at again

    def _place(self, receiver: Receiver) -> Path:
        """The folder that was named must be there; one of our own beside the data is made."""
        if receiver.address:
            place = Path(receiver.address)
            if not place.is_dir():
                raise Unreachable(f"{place} is not there")
            return place
        place = Path(settings.HOME) / "receivers" / receiver.pk
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        return place


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A receiver that moves has to be configured anew: nobody may send our messages elsewhere."""

    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        return None


class Http:
    """POST to the address; 2xx with {"receipt": "…"} acknowledges, 2xx without is only taken over."""

    def send(self, receiver: Receiver, delivery: Delivery) -> str:
        if urlsplit(receiver.address).scheme not in ("http", "https"):
            raise Declined(f"{receiver.address!r} is no http or https address")
        body = body_of(delivery)
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": f"{receiver.pk}-{delivery.change}",
            "Chengxin-Signature": signature_of(body),
        }
        request = urllib.request.Request(receiver.address, data=body, headers=headers, method="POST")  # noqa: S310
        try:
            with urllib.request.build_opener(_NoRedirect).open(request, timeout=TIMEOUT) as answer:
                return _receipt(answer.read(65536))
        except urllib.error.HTTPError as error:
            if error.code >= 500 or error.code in _AGAIN:
                raise Unreachable(f"HTTP {error.code}") from error
            raise Declined(f"HTTP {error.code}") from error
        except (urllib.error.URLError, TimeoutError, OSError) as error:
            raise Unreachable(str(error)) from error

    def receipts(self, receiver: Receiver) -> Iterator[tuple[int, str]]:
        return iter(())


def _receipt(body: bytes) -> str:
    try:
        said = json.loads(body or b"{}")
    except ValueError:
        return ""
    return str(said.get("receipt", "")) if isinstance(said, dict) else ""


CHANNELS: dict[str, Channel] = {"folder": Folder(), "http": Http()}
