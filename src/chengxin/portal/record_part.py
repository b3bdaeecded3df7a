"""The records of a subject's public page, drawn by functions instead of a template (docs/decisions/0008-portal-speed.md).

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
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from chengxin.design.templatetags.chengxin import named, told
from chengxin.policy.policies import Policies
from chengxin.portal.answers import way
from chengxin.portal.chapters import Chapter, Section
from chengxin.portal.guide import procedure_page

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
    def of(cls, day: date, ways: Mapping[str, str]) -> Page:
        """`ways` holds addresses that end with a number that no record has, in the place of the record's (`ways_of`)."""
        own, proof, repair = (escape(ways[name]) for name in ("own_record", "proof", "repair"))
        return cls(day, _words(get_language() or ""), own, proof, repair)


def ways_of(code: str, packs: Policies, day: date) -> dict[str, str]:
    """Where one goes on from a subject's page: its own space where there is one, the service guide for everybody else."""
    if not (code.isascii() and code.isalnum()):  # an old number whose characters an address writes otherwise
        return _ways_of(code)
    known, ways = _nobody.get(day, (None, {}))
    if known is not packs:
        ways = _ways_of(_NOBODY)
        if len(_nobody) >= _MOST_DAYS:
            _nobody.clear()
        _nobody[day] = packs, ways
    return {name: address.replace(_NOBODY, code) for name, address in ways.items()}


def _ways_of(code: str) -> dict[str, str]:
    guide, objection = reverse("guide"), procedure_page("objection")
    return {
        "json": reverse("subject-json", args=[code]),
        "objection": objection,
        "repair": procedure_page("repair"),
        "report": way("own-reports", code=code, then=guide),
        "own": way("own-profile", code=code, then=guide),
        "feedback": way("feedback", then=guide),
        "own_record": way("own-record", code=code, record=_NONE, then=objection),
        "proof": reverse("api:get_record_proof", args=[_NONE]),
    }


_NOBODY = "0CODE0OF0NOBODY0"
_nobody: dict[date, tuple[Policies, dict[str, str]]] = {}
"""The ways of a day from the page of nobody, for the packs that were asked last: an address costs more than a record."""
_MOST_DAYS = 8


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


def drawn_chapters(filled: Iterable[Chapter], page: Page) -> SafeString:
    """The chapters that have something, each with its sections and their records; long sections are folded."""
    return SafeString("".join(_chapter(c, page) for c in filled))


def _chapter(chapter: Chapter, page: Page) -> str:
    alone = len(chapter.sections) == 1
    sections = "".join(
        _section(section, alone and section.item.label == chapter.label, page)
        for section in chapter.sections
        if section.records
    )
    heading = f'<h2 id="c-{chapter.id}">{escape(named(chapter))}</h2>'
    return f'<section aria-labelledby="c-{chapter.id}">\n{heading}\n{sections}</section>\n'


def _section(section: Section, hidden: bool, page: Page) -> str:
    """A heading that says the same as the chapter's is only for who listens."""
    number = f'<span class="soft small">{_("共 %(n)s 条") % {"n": len(section.records)}}</span>'
    heading = f"<h3{_HIDDEN if hidden else ''}>{escape(named(section.item))} {number}</h3>"
    opened = "".join(drawn(r, page) for r in section.open)
    return f"{heading}\n{opened}{_folded(section, page) if section.rest else ''}\n"


_HIDDEN = ' class="out-of-sight"'


def _folded(section: Section, page: Page) -> str:
    said = ngettext("另外 %(n)s 条", "另外 %(n)s 条", section.rest) % {"n": section.rest}
    records = "".join(drawn(r, page) for r in section.folded)
    return f'<details class="more"><summary>{said}</summary>{records}</details>'


def _tags(record: Mapping[str, Any], words: Words) -> str:
    tags = ""
    if record["severity"]:
        tone = _TONES.get(record["severity"], "warn")
        tags += f'<span class="tag {tone}">{words.severity % {"degree": escape(record["severity_label"])}}</span>\n'
    if record["standing"] == "disputed":
        tags += f'<span class="tag warn">{escape(record["standing_label"])}</span>\n'
    return tags


def _fields(fields: Iterable[Mapping[str, Any]], words: Words) -> str:
    english, masked = words.english, f' <span class="soft small">{words.masked}</span>'
    drawn = ""
    for field in fields:
        value = field["value"]
        text = escape(value if type(value) is str and value else told(value))
        label = _label((english and field["label_en"]) or field["label"], bool(field.get("english")))
        drawn += f"{label}{text}{masked if field['masked'] else ''}</dd></div>\n"
    return drawn


@lru_cache(maxsize=8192)
def _label(label: str, english: bool = False) -> str:
    """The beginning of a field's line: there are so many labels as the catalogue has fields, and a page shows hundreds."""
    return f'<div><dt>{escape(label)}</dt><dd lang="{"en" if english else "zh-Hans"}">'


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
