"""Photos of an inspection: what an inspector saw, kept by hash with the result of a task (R-166).

A photo is drawn anew before it is kept: what comes out is a JPEG of at most `LONGEST` pixels a side and nothing else, so
that where and by which telephone it was taken is not in it, nor anything that only looks like an image.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Collection
from dataclasses import dataclass
from typing import BinaryIO

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop as _
from PIL import Image, ImageOps, UnidentifiedImageError

from chengxin.accounts.actors import Actor
from chengxin.accounts.rules import require
from chengxin.audit.actions import record as trace
from chengxin.registry import evidence
from chengxin.supervision.inspection.refusals import NotPossible
from chengxin.supervision.models import Task, TaskPhoto

MAX_BYTES = 20 << 20
MAX_PIXELS = 60_000_000
LONGEST = 2560
AT_MOST = 20
"""So many photos a task may have."""
FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
"""What is taken in; telephones make JPEG of their own formats when a page asks for these."""
ACCEPTED = ",".join(FORMATS.values())
_GPS = 0x8825
_QUALITY = 85


@dataclass(frozen=True)
class Drawn:
    """A photo as it is kept; `placed`: it said where it was taken, which is gone now."""

    content: bytes
    width: int
    height: int
    placed: bool


def draw(file: BinaryIO, name: str = "") -> Drawn:
    """The photo in `file`, drawn anew without anything but its pixels. Raises `NotPossible` naming the file and why."""
    data, called = file.read(MAX_BYTES + 1), name[-80:] or "—"
    if len(data) > MAX_BYTES:
        raise NotPossible(_("照片“%(name)s”超过 %(mb)s MB，请缩小以后再传。"), name=called, mb=MAX_BYTES >> 20)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=list(FORMATS)) as image:
                return _drawn(image, called)
    except UnidentifiedImageError:
        raise NotPossible(
            _("“%(name)s”不是 JPEG、PNG 或 WebP 照片。苹果手机的 HEIC 照片请在相机设置里选“兼容性最佳”后再拍。"),
            name=called,
        ) from None
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise NotPossible(_("照片“%(name)s”损坏或者不完整，打不开；请重拍一张。"), name=called) from None


def _drawn(image: Image.Image, name: str) -> Drawn:
    if image.width * image.height > MAX_PIXELS:
        raise NotPossible(
            _("照片“%(name)s”有 %(n)s 万像素，最多 %(most)s 万；请把相机调到较低的分辨率。"),
            name=name, n=image.width * image.height // 10_000, most=MAX_PIXELS // 10_000,
        )  # fmt: skip
    placed = bool(image.getexif().get_ifd(_GPS))
    image.draft("RGB", (LONGEST, LONGEST))  # a JPEG is decoded no larger than it is needed
    upright = ImageOps.exif_transpose(image)
    upright.thumbnail((LONGEST, LONGEST))
    plain = Image.new("RGB", upright.size, "white")
    layered = upright.convert("RGBA")
    plain.paste(layered, mask=layered.getchannel("A"))
    out = io.BytesIO()
    plain.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return Drawn(out.getvalue(), plain.width, plain.height, placed)


def add(actor: Actor, task: Task, drawn: Drawn) -> TaskPhoto:
    """Attach a photo to a task whose result has not gone to the register yet; the same photo twice is one.

    Raises `Denied`, and `NotPossible` for a result that was handed over, or too many photos.
    """
    require(actor, "inspection.work", task)
    _require_open(task)
    kept = evidence.keep(io.BytesIO(drawn.content))
    with transaction.atomic():
        Task.objects.select_for_update().get(pk=task.pk)
        there = photos_of(task)
        if (same := there.filter(sha256=kept.sha256).first()) is not None:
            return same
        if there.count() >= AT_MOST:
            raise NotPossible(_("一户最多 %(most)s 张照片；请先删去不要的。"), most=AT_MOST)
        made = TaskPhoto.objects.create(
            task=task, sha256=kept.sha256, size=kept.size, width=drawn.width, height=drawn.height, added_by=actor.name
        )
        trace(actor.name, "inspection.photo", "task", task.pk, sha256=kept.sha256, size=kept.size, photo=made.pk)
    return made


def remove(actor: Actor, photo: TaskPhoto) -> None:
    """Take a photo off its task while the result can still be corrected; that it was there stays on record."""
    require(actor, "inspection.work", photo.task)
    _require_open(photo.task)
    with transaction.atomic():
        removed = TaskPhoto.objects.filter(pk=photo.pk, removed_at=None)
        if removed.update(removed_by=actor.name, removed_at=timezone.now()):
            trace(actor.name, "inspection.photo-removed", "task", photo.task_id, photo=photo.pk, sha256=photo.sha256)


def photos_of(task: Task) -> QuerySet[TaskPhoto]:
    """The photos that stand with a task, in the order in which they were added."""
    return task.photos.filter(removed_at=None).order_by("pk")


def content_of(photo: TaskPhoto) -> bytes:
    """The JPEG as it was kept."""
    return evidence.place(photo.sha256).read_bytes()


def papers(files: Collection[str]) -> frozenset[str]:
    """Which of these files of the evidence store are photos of inspections: they are kept with the result."""
    return frozenset(TaskPhoto.objects.filter(sha256__in=files).values_list("sha256", flat=True))


def _require_open(task: Task) -> None:
    if task.batch:
        raise NotPossible(_("%(code)s 的结果已经报送，照片不能再改。"), code=task.code)
