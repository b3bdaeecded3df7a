"""Cases (办件): the queue with its clocks, one case in full, its evidence and letters (R-228, R-234, R-245, W-18, W-19)."""

from __future__ import annotations

from urllib.parse import quote

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chengxin.accounts.actors import Actor
from chengxin.accounts.guards import actor_of, signed_in
from chengxin.cases import looking, pdf, queries, result_tables
from chengxin.cases.errors import CaseRefused
from chengxin.cases.models import Case, Letter
from chengxin.design.filters import filter_tags
from chengxin.design.shapes import Crumb
from chengxin.workbench import case_page, case_queue

PER_PAGE = 30
INLINE = ("image/png", "image/jpeg", "image/gif", "application/pdf")
"""What a browser may show by itself: its type was found by content when it was taken (`cases.scan`)."""


def case_for(actor: Actor, number: str) -> Case:
    """The case with that number, for somebody who may see it; for all others it does not exist."""
    found = queries.visible(actor).select_related("record__subject", "parent").filter(number=number).first()
    if found is None:
        raise Http404(_("没有编号为「%(number)s」的办件，或者它不归您办理。") % {"number": number})
    return found


@signed_in
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """What waits for me, what is late, what waits for others; narrowed by procedure, state, unit and day."""
    actor, today = actor_of(request), timezone.localdate()
    which = request.GET.get("which", case_queue.MINE)
    which = which if which in case_queue.WHICH else case_queue.MINE
    form = case_queue.QueueForm(request.GET, seen=queries.visible(actor))
    rows = form.narrowed(case_queue.rows_of(actor, which, today), today)
    page = Paginator(rows.select_related("record__subject"), PER_PAGE).get_page(request.GET.get("page"))
    looking.note_lines(actor, page.object_list)
    shown = {
        "tabs": case_queue.tabs(actor, which, today),
        "form": form,
        "tags": filter_tags(form, request.GET),
        "table": case_queue.table(list(page.object_list), which, today),
        "page": page,
        "which": which,
        "notices": case_queue.notices(actor, today),
        "empty": case_queue.empty_words(which, form.narrows),
    }
    return render(request, "workbench/case_queue.html", shown)


@signed_in
@require_safe
def show(request: HttpRequest, number: str) -> HttpResponse:
    """One case: what is asked and shown for it, the record as it is held, what may be done and why not, clocks, letters."""
    actor = actor_of(request)
    case = case_for(actor, number)
    if case.record is None:  # of a record the look says more: which fields were seen (case_record)
        looking.note(actor, case)
    return render(request, "workbench/case.html", case_page.context(actor, case, timezone.localdate()))


@signed_in
@require_safe
def evidence(request: HttpRequest, number: str, attachment: int) -> HttpResponseBase:
    """A piece of evidence: shown where it cannot do anything, else only to be saved. Each look is on record (G-10)."""
    try:
        kept, lies = looking.evidence(actor_of(request), number, attachment)
    except CaseRefused as refused:
        raise Http404(str(refused)) from refused
    if not lies.exists():
        raise Http404(_("这份材料的文件不在了，请联系运行人员。"))
    inline = kept.media in INLINE and "save" not in request.GET
    media = kept.media if inline else "application/octet-stream"
    return FileResponse(lies.open("rb"), as_attachment=not inline, filename=kept.file_name, content_type=media)


@signed_in
@require_safe
def result_table(request: HttpRequest, number: str, attachment: int, form: str) -> HttpResponse:
    """The result of a batch query or a credit review to reckon with; the same look as at the sealed file (R-113, G-10)."""
    try:
        name, content = looking.result_table(actor_of(request), number, attachment, form)
    except CaseRefused as refused:
        raise Http404(str(refused)) from refused
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=result_tables.MEDIA[form], headers=headers)


@signed_in
@require_safe
def letter(request: HttpRequest, number: str, letter: str) -> HttpResponse:
    """A letter (文书) as PDF: the same bytes each time. Each look is on record (G-10)."""
    actor = actor_of(request)
    found = looking.letter(actor, case_for(actor, number), letter)
    if found is None:
        raise Http404(_("这个办件没有这份文书。"))
    return pdf_response(found, "en" if "en" in request.GET else "zh")


def pdf_response(letter: Letter, language: str) -> HttpResponse:
    """Raises `CaseRefused` where no Chinese font is at hand."""
    name = quote(f"{letter.number}.pdf")
    headers = {"Content-Disposition": f"inline; filename*=UTF-8''{name}"}
    return HttpResponse(pdf.render(letter, language), content_type="application/pdf", headers=headers)


def crumbs_of(case: Case | None = None) -> list[Crumb]:
    """The way back to the queue, and to a case."""
    way = [Crumb(_("办件"), reverse("cases"))]
    return way if case is None else [*way, Crumb(case.number, reverse("case", args=[case.number]))]
