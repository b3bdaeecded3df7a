"""Evidence on its way in: capped, sniffed and scanned, and only then kept by its hash."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.utils.translation import gettext as _

from chengxin.cases import scan
from chengxin.cases.errors import CaseRefused, StoreFailed
from chengxin.policy.procedures import Material, Procedure
from chengxin.registry import evidence

_BLOCK = 1 << 20


@dataclass(frozen=True)
class Upload:
    """A file that somebody hands in as a material of the procedure."""

    material: str
    file_name: str
    stream: BinaryIO


@dataclass(frozen=True)
class Kept:
    """A file that has been taken: ready to be attached."""

    material: str
    file_name: str
    media: str
    sha256: str
    size: int


def take(procedure: Procedure, upload: Upload) -> Kept:
    """Keep and examine a file. Raises `CaseRefused`, `StoreFailed`; what was refused is not kept."""
    material = procedure.material(upload.material)
    if material is None:
        known = "、".join(f"{m.id}（{m.label}）" for m in procedure.materials) or "—"
        raise CaseRefused(_("没有「%(name)s」这种材料；有：%(known)s。"), name=upload.material, known=known)
    try:
        with tempfile.NamedTemporaryFile(dir=_scratch()) as file:
            for block in capped(upload.stream, material):
                file.write(block)
            file.flush()
            media = scan.media_of(Path(file.name), material)
            file.seek(0)
            kept = evidence.keep(file)
    except OSError as error:
        said = _("材料没有存下：存储空间已满或者不可写（%(why)s）。请联系运行人员后重试。")
        raise StoreFailed(said, why=error.strerror) from error
    return Kept(material.id, upload.file_name[-255:], media, kept.sha256, kept.size)


def _scratch() -> Path:
    """Beside the evidence, readable by this service only: what is refused never gets into the store."""
    folder = Path(settings.HOME) / "incoming"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def capped(stream: BinaryIO, material: Material) -> Iterator[bytes]:
    size = 0
    while block := stream.read(_BLOCK):
        size += len(block)
        if size > material.max_mb << 20:
            raise CaseRefused(_("「%(material)s」超过 %(mb)d MB。"), material=material.label, mb=material.max_mb)
        yield block
    if not size:
        raise CaseRefused(_("「%(material)s」是空文件。"), material=material.label)
