"""The log that proves the trail: its newest checkpoint, key and witnesses, and a check of its newest part (R-361, R-366)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from chengxin.accounts.guards import actor_of
from chengxin.audit import keys
from chengxin.audit.actions import record as trace
from chengxin.audit.models import Checkpoint, Event, Leaf, Log, LogKey, Witness
from chengxin.audit.recent import Recent, verify_newest
from chengxin.design.shapes import Cell, Column, Count, Fact, Table
from chengxin.workbench.views.auditing import guard, tabs

_MANY = 10_000
"""Rows that are counted before the page says "more than"."""


@guard
@require_http_methods(["GET", "HEAD", "POST"])
def log(request: HttpRequest, _target: None) -> HttpResponse:
    """How the log stands: newest checkpoint, key, witnesses, what waits; `POST` verifies its newest part."""
    checked: Recent | None = None
    if request.method == "POST":
        checked = verify_newest()
        if checked is not None:
            sound = "sound" if checked.sound else "tampered"
            trace(actor_of(request).name, "log.verify", "log", checked.size, result=sound, leaves=checked.leaves)
    found = Log.objects.first()
    newest = Checkpoint.objects.order_by("-pk").first()
    shown = {
        "tabs": tabs("log"), "log": found, "newest": newest, "checked": checked,
        "counts": _counts(newest), "facts": _log_facts(found, newest), "witnesses": _witnesses(newest),
        "checkpoints": _checkpoints(),
    }  # fmt: skip
    return render(request, "workbench/audit_log.html", shown)


def _counts(newest: Checkpoint | None) -> list[Count]:
    size = newest.size if newest else 0
    sealed = Leaf.objects.filter(kind="event").order_by("-ref").values_list("ref", flat=True).first() or 0
    waiting = Event.objects.filter(pk__gt=sealed)[: _MANY + 1].count()
    said: Any = waiting if waiting <= _MANY else _("%(n)d 以上") % {"n": _MANY}
    return [
        Count(_("已封存条目"), size),
        Count(_("检查点"), Checkpoint.objects.count()),
        Count(_("待封存操作"), said, tone="warn" if waiting > _MANY else ""),
    ]


def _log_facts(log: Log | None, newest: Checkpoint | None) -> list[Fact]:
    if log is None or newest is None:
        return []
    key = LogKey.objects.filter(since__gte=0, until=None).order_by("-number").first()
    facts = [
        Fact(_("日志名称"), log.origin, code=True),
        Fact(_("杂凑算法"), log.suite.upper(), code=True),
        Fact(_("最新检查点"), newest.at),
        Fact(_("根"), bytes(newest.root).hex(), code=True),
    ]
    if key is not None:
        facts.append(Fact(_("签名密钥"), f"{key.number} · {key.algorithm}", code=True))
        facts.append(Fact(_("公钥指纹（SHA-256）"), keys.fingerprint(bytes(key.public)), code=True))
    return facts


def _witnesses(newest: Checkpoint | None) -> Table:
    told = {w.address: w for w in Witness.objects.filter(address__in=settings.WITNESSES)}
    rows = []
    for address in settings.WITNESSES:
        known = told.get(address)
        up_to_date = bool(known and newest and known.size >= newest.size)
        words = (
            _("联系不上：%(why)s") % {"why": known.trouble} if known and known.trouble
            else _("已知道最新检查点") if up_to_date else _("等待送达")
        )  # fmt: skip
        tone: Any = "bad" if known and known.trouble else "good" if up_to_date else "warn"
        rows.append([address, Cell(words, tone=tone), known.size if known else 0, (known and known.told_at) or "—"])
    columns = [Column(_("见证方")), Column(_("状态")), Column(_("已知条目"), number=True), Column(_("最近应答"))]
    return Table(_("见证方"), columns, rows)


def _checkpoints() -> Table:
    rows = [[c.at, c.size, bytes(c.root).hex()[:16] + "…"] for c in Checkpoint.objects.order_by("-pk")[:10]]
    return Table(_("最近的检查点"), [Column(_("时间")), Column(_("条目"), number=True), Column(_("根"))], rows)
