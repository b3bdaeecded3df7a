"""What a bulletin says, in the reader's language: sections of a sentence and a table, made from the snapshot alone.

The page, the PDF and the workbook all show these, so that they cannot say different things (R-349).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from chengxin.accounts.words import english
from chengxin.collection.board import region_said
from chengxin.collection.models import Bulletin

Figures = Mapping[str, Any]


@dataclass(frozen=True)
class Head:
    """The heading of a column: `kind` is text, number or share (of 1)."""

    label: str
    kind: str = "text"


@dataclass(frozen=True)
class Section:
    """A part of the bulletin: what it says in one sentence, and the table behind it."""

    id: str
    title: str
    sentence: str
    heads: Sequence[Head] = ()
    rows: Sequence[Sequence[Any]] = field(default_factory=tuple)


def figures(bulletin: Bulletin) -> Figures:
    """The snapshot as it was written down."""
    found: Figures = json.loads(bulletin.snapshot)
    return found


def title(month: str) -> str:
    """The title of the bulletin of a month."""
    year, number = month.split("-")
    return _("%(year)s 年 %(month)s 月信用信息归集和“双公示”通报") % {"year": year, "month": int(number)}


def sections(said: Figures) -> list[Section]:
    """The whole bulletin, part by part."""
    makers: tuple[Callable[[Figures], Section], ...] = (
        _overview, _double_publicity, _sources, _items, _regions, _faults, _suspects, _doubts, _reminders,
    )  # fmt: skip
    return [make(said) for make in makers]


def percent(value: float | None) -> str:
    return "—" if value is None else f"{value:.1%}"


def _overview(said: Figures) -> Section:
    now, before, goal = said["total"], said["before"], said["goals"]["intake"]
    met = now["intake"] is not None and now["intake"] >= goal
    sentence = _(
        "本月 %(sources)s 个信源单位报送 %(reported)s 行，入库 %(stored)s 行，入库率 %(intake)s，%(verdict)s。"
        "上月报送 %(before)s 行，入库率 %(was)s。本月依职权、经授权等查询非公开信息 %(looks)s 次。"
    ) % {
        "sources": len(said["sources"]), "reported": f"{now['reported']:,}", "stored": f"{now['stored']:,}",
        "intake": percent(now["intake"]), "before": f"{before['reported']:,}", "was": percent(before["intake"]),
        "verdict": _("达到 %(goal)s 的目标") % {"goal": f"{goal:.0%}"} if met
        else _("没有达到 %(goal)s 的目标") % {"goal": f"{goal:.0%}"},
        "looks": f"{sum(said['looks'].values()):,}",
    }  # fmt: skip
    heads = (
        Head(_("月份")),
        Head(_("上报（行）"), "number"),
        Head(_("入库（行）"), "number"),
        Head(_("入库率"), "share"),
    )
    rows = [(m["month"], m["reported"], m["stored"], _share(m["stored"], m["reported"])) for m in said["trend"]]
    return Section("overview", _("总体情况"), sentence, heads, rows)


def _double_publicity(said: Figures) -> Section:
    rows = said["double_publicity"]
    late = sum(r["late"] for r in rows)
    sentence = _("行政许可和行政处罚由 %(sources)s 个单位报送 %(reported)s 行，其中迟报 %(late)s 行。") % {
        "sources": len(rows), "reported": f"{sum(r['reported'] for r in rows):,}", "late": f"{late:,}",
    } if rows else _("本月没有报送行政许可和行政处罚。")  # fmt: skip
    heads = (
        Head(_("信源单位")), Head(_("上报（行）"), "number"), Head(_("入库率"), "share"), Head(_("迟报（行）"), "number"),
        Head(_("及时率"), "share"),
    )  # fmt: skip
    told = [(_name(r), r["reported"], r["intake"], r["late"], r["timeliness"]) for r in rows]
    return Section("double-publicity", _("“双公示”报送情况"), sentence, heads, told)


def _sources(said: Figures) -> Section:
    rows, goal = said["sources"], said["goals"]["intake"]
    below = [r for r in rows if r["intake"] is not None and r["intake"] < goal]
    sentence = _("先比入库率，相同的再比合规率、及时率；%(below)s 个单位入库率低于 %(goal)s。") % {
        "below": len(below), "goal": f"{goal:.0%}",
    }  # fmt: skip
    heads = (Head(_("名次"), "number"), Head(_("信源单位")), *_rate_heads())
    return Section("sources", _("各信源单位排名"), sentence, heads, [(r["place"], _name(r), *_rates(r)) for r in rows])


def _items(said: Figures) -> Section:
    rows = said["items"]
    sentence = _("本月报送了 %(items)s 项目录。") % {"items": len(rows)}
    heads = (Head(_("目录项")), *_rate_heads())
    return Section("items", _("各目录项"), sentence, heads, [(_name(r), *_rates(r)) for r in rows])


def _regions(said: Figures) -> Section:
    rows = said["regions"]
    sentence = _("按主体所在的设区市统计本月入库的行政许可和行政处罚。")
    heads = (Head(_("地区")), Head(_("条数"), "number"))
    told = [(region_said(r["code"], r["name"]) or (r["code"] or _("地区不明")), r["count"]) for r in rows]
    return Section("regions", _("各地区“双公示”"), sentence, heads, told)


def _faults(said: Figures) -> Section:
    levels = {"reject": _("不予入库"), "doubt": _("存疑"), "warn": _("提醒")}
    heads = (Head(_("目录项")), Head(_("问题和改法")), Head(_("结果")), Head(_("行数"), "number"))
    rows = [(_in(r, "item"), _in(r, "words"), levels.get(r["level"], r["level"]), r["count"]) for r in said["faults"]]
    sentence = _("违反最多的校验规则，供各单位对照改进。") if rows else _("本月没有发现问题。")
    return Section("faults", _("最常见的问题"), sentence, heads, rows)


def _suspects(said: Figures) -> Section:
    rows = [(r["source"], r["item"], _in(r, "reason")) for r in said["suspects"]]
    heads = (Head(_("信源单位")), Head(_("目录项")), Head(_("原因")))
    sentence = (
        _("下列 %(n)s 处需要信源单位核实：确有漏报的补报，没有发生的写明。") % {"n": len(rows)}
        if rows else _("本月没有发现疑似漏报、迟报的情况。")
    )  # fmt: skip
    return Section("suspects", _("疑似漏报、迟报"), sentence, heads, rows)


def _doubts(said: Figures) -> Section:
    rows = [(_name(r), r["count"]) for r in said["doubts"]]
    heads = (Head(_("信源单位")), Head(_("存疑（条）"), "number"))
    total = sum(n for _who, n in rows)
    sentence = _("截至生成通报时还有 %(n)s 条存疑，确认或更正之前不公示、不共享。") % {"n": f"{total:,}"}
    return Section("doubts", _("存疑信息"), sentence, heads, rows)


def _reminders(said: Figures) -> Section:
    r = said["reminders"]
    sentence = (
        _(
            "本月催报、督办 %(asked)s 件（其中督办 %(supervised)s 件），已回复 %(answered)s 件，已补报或改正 %(made_good)s 件，"
            "已办结 %(closed)s 件，逾期未回复 %(overdue)s 件。"
        )
        % r
    )
    return Section("reminders", _("催报和督办"), sentence)


def _rate_heads() -> tuple[Head, ...]:
    return (
        Head(_("上报（行）"), "number"), Head(_("入库（行）"), "number"), Head(_("入库率"), "share"),
        Head(_("合规率"), "share"), Head(_("及时率"), "share"),
    )  # fmt: skip


def _rates(r: Figures) -> tuple[Any, ...]:
    return (r["reported"], r["stored"], r["intake"], r["compliance"], r["timeliness"])


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _name(row: Figures) -> str:
    return _in(row, "name")


def _in(row: Figures, key: str) -> str:
    """A word in the reader's language, as far as the snapshot has it."""
    in_english = english()
    return str((in_english and row.get(f"{key}_en")) or row[key])
