"""How the platform runs: workers, queue, daily work, seals, store and disk, for the system's administrator (R-359, R-361)."""

from __future__ import annotations

import platform
import shutil
import sqlite3
from datetime import datetime, timedelta
from typing import Any

import django
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chengxin import __version__
from chengxin.accounts.guards import may
from chengxin.audit.models import Checkpoint, Event
from chengxin.collection import running
from chengxin.design.shapes import Cell, Column, Count, Fact, Table
from chengxin.registry.packs import policies
from chengxin.workbench.trail_words import meaning
from chengxin.workbench.views.people import anything

_LATE = timedelta(days=2)
"""Daily work has missed a day for certain; a worker that started late in the day is not yet at fault."""
_RUNS = 60
"""So many runs of the daily work are looked through for the last time that a piece of it was done."""
_GIGA = 1 << 30
_FULL = 0.9
"""Of the disk; from here on it is time to make room."""


@may("system.operate", of=anything)
@require_safe
def show(request: HttpRequest, _target: None) -> HttpResponse:
    """Everything at a glance: what is well, what is late, what stopped."""
    queue, workers = running.queue(), running.workers()
    alive = any(w.alive for w in workers) or queue.working > 0
    shown = {
        "alive": alive, "queue": queue, "counts": _counts(queue, alive), "workers": _workers(workers),
        "stopped": running.stopped(), "daily": _daily(), "facts": _facts(),
    }  # fmt: skip
    return render(request, "workbench/admin_running.html", shown)


def _counts(queue: running.Queue, alive: bool) -> list[Count]:
    return [
        Count(_("后台进程"), _("在运行") if alive else _("没有运行"), "good" if alive else "bad"),
        Count(_("等待处理的批次"), queue.waiting, "warn" if queue.late else ""),
        Count(_("正在处理"), queue.working),
        Count(_("因故障停下"), queue.stopped, "bad" if queue.stopped else ""),
    ]


def _workers(found: list[running.Worker]) -> Table:
    rows = [
        [w.name, w.seen, Cell(_("在运行"), tone="good") if w.alive else Cell(_("没有应答"), tone="warn")] for w in found
    ]
    columns = [Column(_("进程")), Column(_("最近应答")), Column(_("状态"))]
    return Table(_("后台进程"), columns, rows, empty=_("一天之内没有后台进程应答。请运行 chengxin worker。"))


def _daily() -> Table:
    """When each piece of regular work was last done, whether or not there was anything to do.

    `system.daily` says of each run which pieces were done; one that fails is missing from it, and grows old here.
    """
    runs = list(Event.objects.filter(action="system.daily").order_by("-pk")[:_RUNS])
    rows = [
        _line(words, next((run.at for run in runs if name in run.detail.get("done", ())), None))
        for name, words in _pieces().items()
    ]
    backup = Event.objects.filter(action="system.backup").order_by("-pk").first()
    newest = Checkpoint.objects.order_by("-pk").first()
    rows.append(_line(meaning("system.backup"), backup.at if backup else None))
    # Each day's work is an event to be sealed, so a checkpoint that is older than that says that nobody seals.
    rows.append(_line(_("日志封存"), newest.at if newest else None))
    return Table(_("例行工作"), [Column(_("工作")), Column(_("最近一次")), Column(_("状态"))], rows)


def _line(words: str, last: datetime | None) -> list[Any]:
    if last is None:
        return [words, _("还没有"), Cell(_("还没有"), tone="warn")]
    late = timezone.now() - last > _LATE
    return [words, last, Cell(_("较久没有"), tone="warn") if late else Cell(_("正常"), tone="good")]


def _pieces() -> dict[str, str]:
    """The pieces of the daily work that matter to people, by their names in `cli.following`."""
    return {
        "register": _("公示期满和保存期满"), "evidence": _("报送原件到期删除"), "evaluation": _("信用评价"),
        "supervision": _("名单、措施和预警"), "cases": _("办件期限"), "deliveries": _("修复结果送达"),
        "looks": _("查询记录清理"), "open data": _("开放数据"),
    }  # fmt: skip


def _facts() -> list[Fact]:
    disk = shutil.disk_usage(settings.HOME)
    full = disk.used / disk.total > _FULL
    said = {"free": disk.free / _GIGA, "total": disk.total / _GIGA}
    words = _("剩 %(free).1f GB，共 %(total).1f GB") % said
    return [
        Fact(_("平台版本"), __version__, code=True),
        Fact(_("规则集"), policies().digest[:12], code=True),
        Fact(_("Python"), platform.python_version(), code=True),
        Fact(_("Django"), django.get_version(), code=True),
        Fact(_("数据库"), _database(), code=True),
        Fact(_("数据库大小"), _size()),
        Fact(_("磁盘"), _("%(disk)s——快满了，请腾出空间") % {"disk": words} if full else words),
        Fact(_("数据文件夹"), str(settings.HOME), code=True),
        Fact(_("对外地址"), settings.PUBLIC_URL, href=reverse("home")),
    ]


def _database() -> str:
    name = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}.get(connection.vendor, connection.vendor)
    version: Any = sqlite3.sqlite_version_info if connection.vendor == "sqlite" else ()
    if connection.vendor == "postgresql":
        number = connection.pg_version  # type: ignore[attr-defined]  # of PostgreSQL's wrapper
        version = (number // 10000, number % 10000)
    return f"{name} {'.'.join(str(part) for part in version)}"


def _size() -> str:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_database_size(current_database())")
        else:
            cursor.execute("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
        size = int(cursor.fetchone()[0])
    return f"{size / _GIGA:.2f} GB" if size > _GIGA // 10 else f"{size / (1 << 20):.1f} MB"
