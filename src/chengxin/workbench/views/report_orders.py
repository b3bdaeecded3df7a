"""Many reports at once (批量出具): a list of subjects is ordered, the worker issues, the page tells how far it is (R-121)."""

from __future__ import annotations

import tempfile
import zipfile
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from chengxin.accounts.actors import Actor
from chengxin.accounts.guards import actor_of, may
from chengxin.accounts.refusals import Refusal
from chengxin.accounts.rules import Denied
from chengxin.accounts.words import people
from chengxin.audit.actions import record as trace
from chengxin.cases.starting import resolve
from chengxin.design.shapes import Cell, Column, Count, Crumb, Fact, Progress, Table
from chengxin.design.templatetags.chengxin import named
from chengxin.policy.reports import Report as Template
from chengxin.policy.reports import templates
from chengxin.registry.packs import policies
from chengxin.registry.queries import names_of
from chengxin.reports import actions, looking, queries
from chengxin.reports.asking import PURPOSE_LENGTH
from chengxin.reports.models import Order, OrderLine, Report
from chengxin.workbench.list_form import ListForm
from chengxin.workbench.report_file import as_pdf

PER_PAGE = 50
_EVERY = 4
"""Seconds after which the page of an order that is worked off asks again."""
_TOLD = 20


class OrderForm(ListForm):
    """Which report, to which end, and of whom."""

    template = forms.ChoiceField(
        label=gettext_lazy("哪一种报告"), widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("请选择哪一种报告。")},
    )  # fmt: skip
    purpose = forms.CharField(
        label=gettext_lazy("用途"), max_length=PURPOSE_LENGTH, widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("写在每一份报告的出具记录里，主体看得到，例如：行业协会公益报告。"),
        error_messages={"required": gettext_lazy("请写明用途，主体看得到这句话。")},
    )  # fmt: skip
    authorisation = forms.CharField(
        label=gettext_lazy("授权书编号"), required=False, max_length=PURPOSE_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("完整版等报告由窗口代主体出具，要有主体的授权书；依职权出具的不用填。"),
    )  # fmt: skip
    language = forms.ChoiceField(label=gettext_lazy("语言"), choices=[("zh", "中文"), ("en", "English")], initial="zh")
    field_order = ("template", "purpose", "authorisation", "language")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = templates(policies(), timezone.localdate())
        offered = [t for t in found if t.about == "subject" and {"duty", "counter"} & set(t.askers)]
        self.fields["template"].choices = [(t.id, named(t)) for t in offered]  # type: ignore[attr-defined]
        self.codes: list[str] = []

    def clean(self) -> dict[str, Any]:
        """Whom nobody knows is told before anything is ordered."""
        cleaned = super().clean()
        if not self.errors:
            self._resolve()
        return cleaned

    def _resolve(self) -> None:
        found = resolve(self.lines)
        if found.unknown:
            who = "、".join(x[:40] for x in found.unknown[:_TOLD])
            self.add_error(
                self.field,
                _("登记库不认得其中 %(n)s 个：%(who)s。请改正或者删去。") % {"n": len(found.unknown), "who": who},
            )
        if found.several:
            who = "、".join(name for name, _codes in found.several[:_TOLD])
            self.add_error(self.field, _("这些名称有几个主体同名，请改用代码：%(who)s。") % {"who": who})
        self.codes = found.codes


def anything(_actor: Actor, **_captured: Any) -> None:
    """What belongs to no unit."""


def order_of(_actor: Actor, pk: int) -> Order:
    return Order.objects.get(pk=pk)


def line_of(_actor: Actor, pk: int, place: int) -> Report:
    line = OrderLine.objects.select_related("report").exclude(report=None).get(order_id=pk, place=place)
    assert line.report is not None
    return line.report


@may("report.issue-many", of=anything)
@require_safe
def index(request: HttpRequest, _target: None) -> HttpResponse:
    """What was ordered, the newest first."""
    page = Paginator(Order.objects.order_by("-pk"), PER_PAGE).get_page(request.GET.get("page"))
    labels, who = _labels(), people(o.ordered_by for o in page)
    columns = [
        Column(_("编号"), number=True), Column(_("报告"), wide=True), Column(_("用途"), wide=True), Column(_("提出")),
        Column(_("主体"), number=True), Column(_("已出具"), number=True), Column(_("状态")),
    ]  # fmt: skip
    rows = [
        [Cell(o.pk, reverse("report-order", args=[o.pk])), labels.get(o.template, o.template), o.purpose or "—",
         Cell(who[o.ordered_by], note=f"{timezone.localtime(o.ordered_at):%Y-%m-%d %H:%M}"), o.total, o.done, _state(o)]
        for o in page
    ]  # fmt: skip
    table = Table(_("批量出具的单子"), columns, rows, empty=_("还没有批量出具过报告。"))
    return render(request, "workbench/report_orders.html", {"table": table, "page": page})


@may("report.issue-many", of=anything)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, _target: None) -> HttpResponse:
    """Order: the list is read at once, the reports are made by the worker."""
    form = OrderForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        try:
            made = actions.order(
                actor_of(request),
                given["template"],
                form.codes,
                purpose=given["purpose"],
                authorisation=given["authorisation"],
                language=given["language"],
            )
        except Denied:
            raise
        except Refusal as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("已收下，后台正在逐份出具。"))
            return redirect("report-order", made.pk)
    shown = {"form": form, "crumbs": [_home()]}
    return render(request, "workbench/report_order_new.html", shown, status=422 if form.errors else 200)


@may("report.issue-many", of=order_of)
@require_safe
def show(request: HttpRequest, order: Order) -> HttpResponse:
    """How far an order has come; its reports, and who got none and why."""
    lines = order.lines.select_related("report").order_by("place")
    if request.GET.get("refused"):
        lines = lines.exclude(problem="")
    page = Paginator(lines, PER_PAGE).get_page(request.GET.get("page"))
    working, watch = order.finished_at is None, request.GET.get("watch") != "0"
    looking.note_lines(actor_of(request), order, [x.subject_code for x in page])
    answer = render(request, "workbench/report_order.html", {
        "order": order, "working": working, "watch": watch, "page": page, "crumbs": [_home()], "facts": _facts(order),
        "progress": Progress(_("正在出具（份）"), order.done + order.failed, order.total),
        "counts": [Count(_("主体"), order.total), Count(_("已出具"), order.done, "good" if order.done else ""),
                   Count(_("没有出具"), order.failed, "bad" if order.failed else "", "?refused=1" if order.failed else "")],
        "table": _lines(order, list(page)), "seconds": _EVERY, "only_refused": bool(request.GET.get("refused")),
    })  # fmt: skip
    if working and watch:
        answer["Refresh"] = str(_EVERY)
    return answer


@may("report.issue-many", of=line_of)
@require_safe
def pdf(request: HttpRequest, made: Report) -> HttpResponse:
    """One of the reports, seal included; taking it is on record."""
    return as_pdf(request, made)


@may("report.issue-many", of=order_of)
@require_safe
def whole(request: HttpRequest, order: Order) -> HttpResponseBase:
    """All of them in one ZIP, as far as they are made; taking it is on record, and a look at each subject."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  (the answer closes it)
    taken = []
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:  # a PDF does not get smaller
        for made, path in queries.files_of(order):
            taken.append(made)
            archive.write(path, f"{made.number}-{made.subject_code}.pdf")
    file.seek(0)
    trace(actor_of(request).name, "report.download", "report-order", order.pk, file="zip", channel="page")
    looking.note_order(actor_of(request), order, taken)
    return FileResponse(file, as_attachment=True, filename=f"reports-{order.pk}.zip")


def _lines(order: Order, lines: list[OrderLine]) -> Table:
    names = names_of(x.subject_code for x in lines)
    columns = [
        Column(_("序号"), number=True), Column(_("主体"), wide=True), Column(_("报告编号")), Column(_("结果"), wide=True),
    ]  # fmt: skip
    rows = []
    for x in lines:
        name = Cell(names.get(x.subject_code, x.subject_code), note=x.subject_code)
        if x.report:
            href = reverse("report-order-pdf", args=[order.pk, x.place])
            rows.append([x.place, name, Cell(x.report.number, href), Cell(_("已出具"), tone="good")])
        elif x.problem:
            rows.append([x.place, name, "—", Cell(_("没有出具"), tone="bad", note=x.problem)])
        else:
            rows.append([x.place, name, "—", Cell(_("等待"), tone="")])
    return Table(_("逐个主体的结果"), columns, rows, empty=_("没有这样的主体。"))


def _facts(order: Order) -> list[Fact]:
    who = people([order.ordered_by])[order.ordered_by]
    finished = f"{timezone.localtime(order.finished_at):%Y-%m-%d %H:%M}" if order.finished_at else "—"
    return [
        Fact(_("报告"), _labels().get(order.template, order.template)), Fact(_("用途"), order.purpose or "—"),
        Fact(_("提出"), f"{who} · {timezone.localtime(order.ordered_at):%Y-%m-%d %H:%M}"), Fact(_("办完"), finished),
    ]  # fmt: skip


def _labels() -> dict[str, str]:
    return {t.id: named(t) for t in policies().of(Template)}


def _state(order: Order) -> Cell:
    if order.finished_at is None:
        return Cell(_("正在出具"), tone="info")
    return (
        Cell(_("办完，%(n)s 个没有出具") % {"n": order.failed}, tone="warn")
        if order.failed
        else Cell(_("办完"), tone="good")
    )


def _home() -> Crumb:
    return Crumb(_("批量出具"), reverse("report-orders"))
