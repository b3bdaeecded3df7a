"""Lists everything in a pack that is marked as assumed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from chengxin.policy.packs import Agency
from chengxin.policy.policies import Assumption
from chengxin.policy.schema import Noted


def assumptions_of(file: str, pack: BaseModel, where: str = "") -> Iterator[Assumption]:
    """Every `assumed = true` and `code_assumed = true` below `pack`, with its note."""
    if isinstance(pack, Noted) and pack.assumed:
        yield Assumption(file, where or "(the whole file)", pack.note or "")
    if isinstance(pack, Agency) and pack.code_assumed:
        yield Assumption(file, f"{where}.code", pack.note or f"invented code of {pack.name}")
    for name, info in type(pack).model_fields.items():
        yield from _below(file, getattr(pack, name), f"{where}.{info.alias or name}".lstrip("."))


def _below(file: str, value: object, where: str) -> Iterator[Assumption]:
    if isinstance(value, BaseModel):
        yield from assumptions_of(file, value, where)
    elif isinstance(value, tuple):
        for number, part in enumerate(value):
            if isinstance(part, BaseModel):
                yield from _below(file, part, f"{where} {getattr(part, 'id', getattr(part, 'code', number))}")
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield from _below(file, part, f"{where}.{key}")
