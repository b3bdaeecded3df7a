"""Who looked at what is not public about the subject: who, for whom, on which basis, why, what, when (R-093, G-10)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from chengxin.accounts.guards import may
from chengxin.audit.models import Look
from chengxin.cases.looking import looks_at
from chengxin.design.filters import filter_tags
from chengxin.design.shapes import Cell, Column, Table
from chengxin.own import speaking
from chengxin.own.lookbook import as_csv, bases, lines
from chengxin.own.pages import page
from chengxin.own.speaking import Place

_A_PAGE = 20
_FIELDS = 6
"""So many fields of a look are named in the list."""


class Filter(forms.Form):
    """Which looks to list."""

    basis = forms.ChoiceField(label=gettext_lazy("依据"), required=False)
    since = forms.DateField(
        label=gettext_lazy("从"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label=gettext_lazy("到"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, natural: bool, **more: Any) -> None:
        super().__init__(*args, **more)
        every = _("全部（不含本人）") if natural else _("全部（不含本单位自己）")
        said = [("", every), *bases(natural=natural).items(), ("refused", _("没有依据、被拒绝的"))]
        self.fields["basis"].choices = said  # type: ignore[attr-defined]

    def narrow(self, rows: QuerySet[Look]) -> QuerySet[Look]:
        """The rows that were asked for; what was not understood narrows nothing."""
        self.is_valid()
        given: dict[str, Any] = self.cleaned_data
        basis = given.get("basis") or ""
        if basis == "refused":
            rows = rows.exclude(refused="")
        elif basis:
            rows = rows.filter(audience=basis, refused="")
        else:
            rows = rows.exclude(audience="self")
        since, until = given.get("since"), given.get("until")
        rows = rows.filter(at__date__gte=since) if since else rows
        return rows.filter(at__date__lte=until) if until else rows


@may("own.look", of=speaking.subject_place)
@require_safe
def looks(request: HttpRequest, here: Place) -> HttpResponse:
    """The looks as a list with filters; the subject's own are left out unless asked for."""
    asked = Filter(request.GET, natural=here.natural)
    part = Paginator(asked.narrow(looks_at(here.held_code)), _A_PAGE).get_page(request.GET.get("page"))
    columns = (
        Column(_("时间")), Column(_("谁"), wide=True), Column(_("依据")), Column(_("目的"), wide=True),
        Column(_("看了什么"), wide=True),
    )  # fmt: skip
    rows = [
        [line["at"], line["who"], _basis(line),
         line["purpose"], _seen(line)]
        for line in lines(part.object_list, natural=here.natural)
    ]  # fmt: skip
    query = request.GET.copy()
    query.pop("page", None)
    return page(request, "looks", here, {
        "table": Table(_("查询记录"), columns, rows), "filter": asked, "page": part, "tags": filter_tags(asked, request.GET),
        "csv": f"{reverse('own-looks-csv', args=[here.code])}?{query.urlencode()}",
    }, status=422 if asked.errors else 200)  # fmt: skip


@may("own.look", of=speaking.subject_place)
@require_safe
def looks_csv(request: HttpRequest, here: Place) -> StreamingHttpResponse:
    """The same list as a file, every row of it."""
    rows = Filter(request.GET, natural=here.natural).narrow(looks_at(here.held_code))
    response = StreamingHttpResponse(as_csv(lines(rows, natural=here.natural)), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="looks-{here.code}-{timezone.localdate()}.csv"'
    return response


def _seen(line: dict[str, Any]) -> Cell:
    """What was seen, with the fields as far as they fit; the file names them all."""
    fields = line["fields"]
    few = _("、").join(fields[:_FIELDS])
    more = _("等 %(n)d 个栏目") % {"n": len(fields)} if len(fields) > _FIELDS else ""
    return Cell(line["refused"] or line["what"], note="" if line["refused"] or not fields else few + more)


def _basis(line: dict[str, Any]) -> Cell:
    """On which basis; a look that was refused says so first."""
    note = _("：").join(t for t in (line["basis"] if line["refused"] else "", line["number"]) if t)
    return Cell(_("被拒绝") if line["refused"] else line["basis"], tone="bad" if line["refused"] else "", note=note)
