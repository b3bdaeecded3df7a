"""Batches: the list, one batch with everything about it, and the decisions on it (F-02, R-024, R-031, R-049)."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from chengxin.accounts.actors import Actor
from chengxin.accounts.guards import actor_of, may, signed_in
from chengxin.accounts.models import Role
from chengxin.accounts.words import english
from chengxin.audit.actions import record as trace
from chengxin.collection import actions, evidence, jobs, receipts
from chengxin.collection.models import Batch, State
from chengxin.collection.queries import visible
from chengxin.collection.states import WORKING
from chengxin.design.filters import filter_tags
from chengxin.engine.readers import FileRefused
from chengxin.registry.packs import policies
from chengxin.workbench import batch_page
from chengxin.workbench.batch_list import table_of
from chengxin.workbench.forms import FilterForm, ReturnForm
from chengxin.workbench.labels import agency_label, item_label

PER_PAGE = 30


def _batch(actor: Actor, pk: int) -> Batch:
    return visible(actor).get(pk=pk)


@signed_in
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All batches that I may see, filtered and page by page."""
    packs = policies()
    mine = visible(actor_of(request))
    sources = [(s, agency_label(packs, s)) for s in sorted(set(mine.order_by().values_list("source_id", flat=True)))]
    items = [(i, item_label(packs, i)) for i in sorted(set(mine.order_by().values_list("item", flat=True)))]
    form = FilterForm(request.GET, sources=sources, items=items)
    page = Paginator(mine.filter(**form.lookups()), PER_PAGE).get_page(request.GET.get("page"))
    caption = _("共 %(n)s 个批次") % {"n": f"{page.paginator.count:,}"}
    shown = {
        "form": form,
        "tags": filter_tags(form, request.GET),
        "page": page,
        "table": table_of(packs, page.object_list, caption),
        "submits": bool(actor_of(request).organisations(Role.REPORTER)),
    }
    return render(request, "workbench/batches.html", shown)


@may("batch.see", of=_batch)
@require_safe
def show(request: HttpRequest, batch: Batch) -> HttpResponse:
    """Where the batch stands, what was found, what can be done."""
    return _page(request, batch, ReturnForm())


def _page(request: HttpRequest, batch: Batch, form: ReturnForm) -> HttpResponse:
    asked = {"rule": request.GET.get("rule", ""), "page": request.GET.get("page", "")}
    shown = batch_page.context(actor_of(request), batch, **asked)
    watching = batch.state in WORKING and request.GET.get("watch") != "0"
    answer = {**shown, "form": form, "watching": watching}
    return render(request, "workbench/batch.html", answer, status=422 if form.errors else 200)


@may("batch.see", of=_batch)
@require_safe
def progress(request: HttpRequest, batch: Batch) -> HttpResponse:
    """The part of the page that changes while the machine works, for htmx; once it is a person's turn, the whole page."""
    if batch.state not in WORKING:
        return HttpResponseClientRefresh()
    return render(request, "workbench/batch_progress.html", {**batch_page.standing(batch), "watching": True})


@may("batch.release", of=_batch)
@require_POST
def release(request: HttpRequest, batch: Batch) -> HttpResponse:
    """Let it into the register; a small file is stored at once."""

    def work() -> str:
        done = jobs.run_if_small(actions.release(actor_of(request), batch))
        return _("已放行并入库。") if done.state == State.STORED else _("已放行，正在排队入库。")

    return _decided(request, batch, work)


@may("batch.return", of=_batch)
@require_POST
def give_back(request: HttpRequest, batch: Batch) -> HttpResponse:
    """Give it back with a reason."""
    form = ReturnForm(request.POST)
    if not form.is_valid():
        return _page(request, batch, form)

    def work() -> str:
        actions.give_back(actor_of(request), batch, form.cleaned_data["reason"])
        return _("已退回，报送人会看到您写的原因。")

    return _decided(request, batch, work)


@may("batch.withdraw", of=_batch)
@require_POST
def withdraw(request: HttpRequest, batch: Batch) -> HttpResponse:
    """Take it back before anybody released it."""

    def work() -> str:
        actions.withdraw(actor_of(request), batch)
        return _("已撤回，里面没有一行入库。")

    return _decided(request, batch, work)


def _decided(request: HttpRequest, batch: Batch, work: Callable[[], str]) -> HttpResponse:
    try:
        messages.success(request, work())
    except actions.WrongState as late:
        messages.error(request, str(late))
    return redirect("batch", batch.pk)


@may("batch.see", of=_batch)
@require_safe
def receipt_csv(request: HttpRequest, batch: Batch) -> HttpResponseBase:
    """The receipt: one row a fault, its sentences in the reader's language."""
    _require_receipt(batch)
    path = receipts.table_of(batch, in_english=english())
    _trace(request, batch, "receipt.csv")
    return FileResponse(path.open("rb"), as_attachment=True, filename=f"{batch.number}.csv", content_type="text/csv")


@may("batch.see", of=_batch)
@require_safe
def receipt_xlsx(request: HttpRequest, batch: Batch) -> HttpResponseBase:
    """The submitter's own file again, with what is wrong in each row."""
    _require_receipt(batch)
    try:
        path = receipts.workbook_of(batch, in_english=english())
    except FileRefused as refusal:
        messages.error(request, refusal.message)
        return redirect("batch", batch.pk)
    _trace(request, batch, "receipt.xlsx")
    return FileResponse(path.open("rb"), as_attachment=True, filename=f"{batch.number}.xlsx")


def _require_receipt(batch: Batch) -> None:
    if not (evidence.folder_of(batch.pk) / "receipt.csv").exists():
        raise Http404(_("这一批还没有回执。"))


def _trace(request: HttpRequest, batch: Batch, file: str) -> None:
    """A receipt holds rows that are not public: who took it away is kept (design.md section 8)."""
    trace(actor_of(request).name, "batch.download", "batch", batch.pk, file=file)
