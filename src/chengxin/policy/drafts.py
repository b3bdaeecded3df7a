"""A rule before its words are filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from chengxin.policy.fields import Field
from chengxin.policy.packs import CodeTable
from chengxin.policy.schema import Level, Stage

Parts = Mapping[str, tuple[str, str]]
Rows = tuple[Mapping[str, str], ...]
Tables = Mapping[str, CodeTable]


@dataclass(frozen=True)
class Draft:
    """A rule before its words are filled in; empty words mean those of the kind's template.

    `parts` maps a placeholder to its Chinese and English text.
    """

    id: str
    kind: str
    test: str = ""
    fields: tuple[str, ...] = ()
    label: str = ""
    label_en: str = ""
    parts: Parts = field(default_factory=dict)
    level: Level | None = None
    stage: Stage | None = None
    found: str | None = None
    basis: str = ""
    message: str = ""
    message_en: str = ""
    expected: str = ""
    expected_en: str = ""
    good: Rows = ()
    bad: Rows = ()
    start: date | None = None
    end: date | None = None
    checked_on: date | None = None


def draft_of(f: Field, kind: str, test: str, **more: object) -> Draft:
    """A draft about one field, called after its constraint."""
    given = {"id": f"{f.id}.{kind}", "fields": (f.id,), "label": f.label, "label_en": f.label_en, **more}
    return Draft(kind=kind, test=test, **given)  # type: ignore[arg-type]
