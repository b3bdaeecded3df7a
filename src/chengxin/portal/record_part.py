"""One record of a subject's public page, drawn by a function instead of a template (docs/decisions/0008-portal-speed.md).

A page shows a thousand values; drawn by templates they were half of what a page costs. Every value passes `escape`, every
word is translated once a language, and tests/portal/test_record_part.py feeds it markup in each place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from html import escape
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from chengxin.design.templatetags.chengxin import told
from chengxin.portal.answers import way

_TONES = {"serious": "bad"}


@dataclass(frozen=True)
class Words:
    """The words around a record, in one language."""

    english: bool
    severity: str
    source: str
    day: str
    until: str
    always: str
    number: str
    more: str
    basis: str
    standing: str
    received: str
    batch: str
    evidence: str
    proof: str
    repair: str
    now: str
    comma: str
    stop: str
    show: str
    object: str
    repair_now: str
    repair_from: str
    repair_not_yet: str
    masked: str


@lru_cache(maxsize=8)
def _words(language: str) -> Words:
    return Words(
        english=language.startswith("en"),
        severity=_("失信程度：%(degree)s"), source=_("信源单位："), day=_("日期："), until=_("公示至："), always=_("长期"),
        number=_("编号："), more=_("全部内容、出处和办法"), basis=_("归集依据"), standing=_("现状"), received=_("收到"),
        batch=_("批次 %(batch)s 第 %(row)s 行"), evidence=_("存证"),
        proof=_("这一版在日志里的证明（JSON）"), repair=_("怎样修复"),
        now=_("现在就可以申请。"), comma=_("；"), stop=_("。"), show=_("申请时要说明或者附上："), object=_("对这条信息提出异议"),
        repair_now=_("怎样修复：现在可以申请"), repair_from=_("怎样修复：%(day)s 起可以申请"),
        repair_not_yet=_("怎样修复：条件还不具备"), masked=_("（已遮盖）"),
    )  # fmt: skip


@dataclass(frozen=True)
class Page:
    """What is the same for all records of a page: the subject's code, the day, and where one goes on from a record."""

    day: date
    words: Words
    own: str
    proof: str
    repair: str

    @classmethod
    def of(cls, code: str, day: date, ways: Mapping[str, str]) -> Page:
        """Addresses are made once, with a number that no record has in the place of the record's."""
        own = way("own-record", code=code, record=_NONE, then=ways["objection"])
        proof = reverse("api:get_record_proof", args=[_NONE])
        return cls(day, _words(get_language() or ""), escape(own), escape(proof), escape(ways["repair"]))


_NONE = 0


def drawn(record: Mapping[str, Any], page: Page) -> SafeString:
    """A record of `chapters.Section` as the page shows it: HTML in which every value is escaped."""
    words, number, title = page.words, record["id"], escape(told(record["title"]))
    return SafeString(
        f'<article class="record" id="r{number}" aria-labelledby="t{number}">\n'
        f'<header>\n<h4 id="t{number}" lang="zh-Hans">{title}</h4>\n{_tags(record, words)}</header>\n'
        f'<dl class="facts plain">{_fields(record["main"], words)}</dl>\n'
        f'<div class="about">\n{_about(record, words)}</div>\n'
        f"<details>\n<summary>{words.more}</summary>\n"
        f'<dl class="facts">{_fields(record["other"], words)}{_origin(record, page)}</dl>\n</details>\n'
        f"{_ways(record, title, page)}</article>\n"
    )


def _tags(record: Mapping[str, Any], words: Words) -> str:
    tags = ""
    if record["severity"]:
        tone = _TONES.get(record["severity"], "warn")
        tags += f'<span class="tag {tone}">{words.severity % {"degree": escape(record["severity_label"])}}</span>\n'
    if record["standing"] == "disputed":
        tags += f'<span class="tag warn">{escape(record["standing_label"])}</span>\n'
    return tags


def _fields(fields: Iterable[Mapping[str, Any]], words: Words) -> str:
    masked = f' <span class="soft small">{words.masked}</span>'
    return "".join(
        f"<div><dt>{escape((words.english and f['label_en']) or f['label'])}</dt>"
        f'<dd lang="zh-Hans">{escape(told(f["value"]))}{masked if f["masked"] else ""}</dd></div>\n'
        for f in fields
    )


def _about(record: Mapping[str, Any], words: Words) -> str:
    decided = record["decided_on"]
    until = f'<span class="day">{record["public_until"]}</span>' if record["public_until"] else words.always
    return (
        f'<span>{words.source}<span lang="zh-Hans">{escape(record["source_name"])}</span></span>\n'
        + (f'<span>{words.day}<span class="day">{decided}</span></span>\n' if decided else "")
        + f"<span>{words.until}{until}</span>\n"
        f'<span>{words.number}<span class="code">{record["id"]}-{record["version"]}</span></span>\n'
    )


def _origin(record: Mapping[str, Any], page: Page) -> str:
    words, batch = page.words, record["batch_number"]
    came = f" · {words.batch % {'batch': escape(batch), 'row': escape(str(record['row']))}}" if batch else ""
    received = f"{timezone.localtime(record['recorded_at']):%Y-%m-%d %H:%M}"
    repair = record["repair"]
    return (
        f'<div><dt>{words.basis}</dt><dd lang="zh-Hans">{escape(record["basis"])}</dd></div>\n'
        f"<div><dt>{words.standing}</dt><dd>{escape(record['standing_label'])}</dd></div>\n"
        f'<div><dt>{words.received}</dt><dd><span class="day">{received}</span>{came}</dd></div>\n'
        f'<div><dt>{words.evidence}</dt><dd><a href="{_at(page.proof, record["change"])}">{words.proof}</a></dd></div>\n'
        + (f"<div><dt>{words.repair}</dt><dd>{_repair(repair, words)}</dd></div>\n" if repair else "")
    )


def _repair(outlook: Any, words: Words) -> str:
    """When it can be repaired, what is missing, and what only the applicant can show."""
    if outlook.open_now:
        said = words.now
    else:
        said = words.comma.join(escape(u.remedy_en if words.english else u.remedy) for u in outlook.unmet) + words.stop
    if outlook.to_show:
        shown = words.comma.join(escape(c.label_en if words.english else c.label) for c in outlook.to_show)
        said += f"\n{words.show}{shown}{words.stop}"
    return said


def _ways(record: Mapping[str, Any], title: str, page: Page) -> str:
    words, repair = page.words, record["repair"]
    about = f'<span class="out-of-sight" lang="zh-Hans">{title}</span>'
    ways = f'<a href="{_at(page.own, record["id"])}">{words.object}{about}</a>'
    if repair:
        if repair.open_now:
            when = words.repair_now
        elif repair.earliest and repair.earliest > page.day:
            when = words.repair_from % {"day": repair.earliest}
        else:
            when = words.repair_not_yet
        ways += f' · <a href="{page.repair}">{when}{about}</a>'
    return f'<p class="no-print small">{ways}</p>\n'


def _at(address: str, number: int) -> str:
    """The address made for nobody, for this record; one that leads elsewhere stays as it is."""
    return f"{address[: -len(str(_NONE))]}{number}" if address.endswith(f"/{_NONE}") else address
