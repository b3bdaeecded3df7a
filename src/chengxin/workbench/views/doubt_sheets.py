"""Many doubts at once: take the list, fill it in beside the originals, send it back, every row is answered (R-051)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from chengxin.accounts.guards import actor_of, ask_first, signed_in
from chengxin.collection import doubt_sheet, settling
from chengxin.collection.actions import NotAccepted
from chengxin.collection.doubts import Doubt
from chengxin.design.shapes import Cell, Column, Count, Crumb, Table
from chengxin.policy.policies import Policies
from chengxin.registry.models import Record
from chengxin.registry.packs import policies
from chengxin.registry.queries import doubts_of
from chengxin.workbench.forms import SheetForm
from chengxin.workbench.views.doubts import reader_of

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class _Any:
    """Something that a unit has submitted and this person has not: what the rule is asked about before there is a file."""

    source_id: str
    submitted_by: str = ""


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def sheet(request: HttpRequest) -> HttpResponse:
    """The three steps; after a file was sent, what became of every row."""
    actor = actor_of(request)
    units = settling.deciding_units(actor)
    ask_first(request, "doubt.settle", _Any(units[0]))
    form = SheetForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    shown: dict[str, Any] = {}
    if form.is_bound and form.is_valid():
        try:
            rows, sha256 = settling.read(cast(BinaryIO, form.cleaned_data["file"]))
            answers = settling.decide_all(actor, rows, channel="page", sha256=sha256)
        except NotAccepted as refused:
            form.add_error("file", str(refused))
        else:
            shown = _answered(answers)
    shown |= {
        "form": form, "count": doubts_of(units).count(), "most": settling.MAX_ROWS,
        "crumbs": [Crumb(_("存疑的信息"), reverse("doubts"))],
    }  # fmt: skip
    return render(request, "workbench/doubts_sheet.html", shown, status=422 if form.errors else 200)


@signed_in
@require_safe
def sheet_csv(request: HttpRequest) -> HttpResponse:
    """The open doubts of my units as CSV; each is a look that its subject sees."""
    packs, doubts = _taken(request)
    content = "".join(doubt_sheet.csv(packs, doubts))
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=_named("csv"))


@signed_in
@require_safe
def sheet_xlsx(request: HttpRequest) -> HttpResponse:
    """The same as XLSX, where the verdict is chosen from a list."""
    packs, doubts = _taken(request)
    return HttpResponse(doubt_sheet.xlsx(packs, doubts), content_type=_XLSX, headers=_named("xlsx"))


def _taken(request: HttpRequest) -> tuple[Policies, list[Doubt]]:
    actor, packs = actor_of(request), policies()
    open_ones: QuerySet[Record] = doubts_of(settling.deciding_units(actor))
    return packs, doubt_sheet.take(actor, packs, list(open_ones[: settling.MAX_ROWS]), reader_of(actor))


def _named(ending: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="doubts.{ending}"'}


def _answered(answers: Sequence[settling.Answer]) -> dict[str, Any]:
    """The counts, and every row: what was refused first, with why."""
    n = settling.counted(answers)
    counts = [
        Count(_("已确认"), n["confirmed"], "good" if n["confirmed"] else ""), Count(_("已撤回"), n["withdrawn"]),
        Count(_("以前已经这样处理"), n["same"]), Count(_("没有处理"), n["refused"], "bad" if n["refused"] else ""),
    ]  # fmt: skip
    columns = [Column(_("行"), number=True), Column(_("存疑编号")), Column(_("结果")), Column(_("说明"), wide=True)]
    ordered = sorted(answers, key=lambda a: (a.outcome != "refused", a.row))
    words: dict[str, Cell] = {
        "confirmed": Cell(_("已确认"), tone="good"), "withdrawn": Cell(_("已撤回"), tone="info"),
        "same": Cell(_("以前已经这样处理"), tone=""), "refused": Cell(_("没有处理"), tone="bad"),
    }  # fmt: skip
    rows = [[a.row, a.doubt or "—", words[a.outcome], str(a.refusal or "—")] for a in ordered]
    return {
        "counts": counts,
        "refused": n["refused"],
        "answers": Table(_("每一行的结果"), columns, rows, show_caption=True),
    }
