"""Files of an application that has not been sent yet (save and return, F-26): examined as they come, kept apart, forgotten.

They lie beside the evidence and never in it, because nobody has handed them in. Whoever writes a draft names it by a token
that nobody can guess; a day after its last file the whole draft is deleted.
"""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from chengxin.cases import scan
from chengxin.cases.attaching import Upload, capped
from chengxin.cases.errors import CaseRefused, StoreFailed
from chengxin.policy.procedures import Procedure

KEPT_SECONDS = 24 * 3600
_TOKEN = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Waiting:
    """A file that waits to be sent."""

    material: str
    file_name: str
    media: str
    size: int


def put(token: str, procedure: Procedure, upload: Upload) -> Waiting:
    """Take a file into a draft, in the place of an earlier one. Raises `CaseRefused`, `StoreFailed`."""
    material = procedure.material(upload.material)
    if material is None:
        raise CaseRefused(_("没有这种材料。"))
    try:
        folder = _folder(token)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        sweep()
        coming = folder / f"{material.id}.coming"
        try:
            with coming.open("wb") as file:
                for block in capped(upload.stream, material):
                    file.write(block)
            media, size = scan.media_of(coming, material), coming.stat().st_size
            coming.replace(folder / material.id)
        finally:
            coming.unlink(missing_ok=True)
    except OSError as error:
        said = _("材料没有存下：存储空间已满或者不可写（%(why)s）。请联系运行人员后重试。")
        raise StoreFailed(said, why=error.strerror) from error
    return Waiting(material.id, upload.file_name[-255:], media, size)


def uploads(token: str, files: Mapping[str, Mapping[str, Any]]) -> tuple[Upload, ...]:
    """The files of a draft, ready to be sent. Raises `CaseRefused` when one of them is gone."""
    found = []
    for material, said in files.items():
        place = _folder(token) / material
        if not place.is_file():
            raise CaseRefused(_("草稿里的材料已经过期，请重新上传。"))
        found.append(Upload(material, str(said["file_name"]), place.open("rb")))
    return tuple(found)


def forget(token: str, material: str = "") -> None:
    """Delete a draft, or one file of it."""
    if material:
        (_folder(token) / Path(material).name).unlink(missing_ok=True)
    else:
        shutil.rmtree(_folder(token), ignore_errors=True)


def sweep() -> None:
    """Delete the drafts that nobody has touched for a day."""
    before, place = time.time() - KEPT_SECONDS, _place()
    for folder in place.iterdir() if place.is_dir() else ():
        if folder.stat().st_mtime < before:
            shutil.rmtree(folder, ignore_errors=True)


def told(waiting: Waiting) -> dict[str, Any]:
    """As plain data, for a session."""
    return asdict(waiting)


def _place() -> Path:
    return Path(settings.HOME) / "drafts"


def _folder(token: str) -> Path:
    if not _TOKEN.fullmatch(token):
        raise CaseRefused(_("这份草稿不存在或者已经过期，请重新填写。"))
    return _place() / token
