"""The department's subjects: the roster under its models, and one subject with what the department may see (issue 5, 4).

The roster shows the department's own grades. Records of a subject are looked at by duty only: with a matter and a
purpose, and the subject sees that look (R-092, G-10).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from chengxin.accounts.actors import Actor
from chengxin.accounts.guards import actor_of, may, signed_in
from chengxin.audit.actions import record as trace
from chengxin.design.filters import filter_tags
from chengxin.design.shapes import Cell, Chart, Crumb, Series, Table
from chengxin.design.templatetags.chengxin import named
from chengxin.evaluation import looking
from chengxin.evaluation.models import CurrentGrade
from chengxin.evaluation.roster import Narrowed, counted, graded, in_force, models_of
from chengxin.policy.evaluation import unit_of
from chengxin.registry.models import Subject, SubjectKind
from chengxin.registry.packs import policies
from chengxin.registry.queries import find_subject
from chengxin.supervision.lists.queries import in_force as listed_on
from chengxin.supervision.packs import lists_on
from chengxin.workbench import department as desk
from chengxin.workbench import dept_subject_page as parts
from chengxin.workbench.dept_forms import RosterForm

PER_PAGE = 30
MOST = 50_000
"""So many rows are handed out as one file."""


class Roster:
    """The roster a reader asked for: which model, narrowed how."""

    def __init__(self, request: HttpRequest) -> None:
        self.packs, self.day = policies(), timezone.localdate()
        self.units = desk.units_of(actor_of(request), self.packs)
        self.models = [m for m in in_force(models_of(self.units, self.packs), self.day) if not m.draft]
        wanted = request.GET.get("model", "")
        self.model = next((m for m in self.models if m.id == wanted), self.models[0] if self.models else None)
        self.form = RosterForm(request.GET or {}, choices=self._choices())
        self.form.is_valid()
        given = self.form.cleaned_data
        self.list = given.get("list") or ""
        self.wanted = Narrowed(
            given.get("grade") or "",
            given.get("region") or "",
            desk.beginnings(self.packs, given.get("industry") or ""),
            given.get("since"),
            given.get("q") or "",
        )

    def _choices(self) -> dict[str, desk.Pairs]:
        lists = [
            (id, named(v.list)) for id, v in lists_on(self.day, self.packs).items() if v.list.department in self.units
        ]
        return {
            "model": [(m.id, named(m)) for m in self.models],
            "grade": [(g.id, named(g)) for g in self.model.grades] if self.model else [],
            "region": desk.cities(self.packs),
            "industry": desk.sections(self.packs),
            "list": lists,
        }

    def rows(self, *, every_grade: bool = False) -> Any:
        """The subjects, of all grades or of the one that was asked for."""
        assert self.model is not None
        wanted = self.wanted
        if every_grade:
            wanted = Narrowed("", wanted.region, wanted.industry, wanted.since, wanted.text)
        among = listed_on(self.day).filter(list=self.list).values("subject_id") if self.list else None
        return graded(self.model.id, wanted, among)

    def note(self, actor: Actor, rows: Iterable[CurrentGrade], purpose: str) -> None:
        """Tell those who stand on it that they were looked at (G-10)."""
        assert self.model is not None
        codes = [g.subject.code for g in rows]
        unit = unit_of(self.model, self.packs)
        looking.note_listed(actor, codes, purpose, f"evaluation {self.model.id}", unit)

    def chart(self) -> Chart:
        """How many have which grade, in the order of the model, under all other filters."""
        assert self.model is not None
        counts = counted(self.rows(every_grade=True))
        every = sum(counts.values())
        values = [counts.get(g.id, 0) for g in self.model.grades]
        worst = [named(g) for g in self.model.grades if g.common == "poor"]
        poor = sum(counts.get(g.id, 0) for g in self.model.grades if g.common == "poor")
        sentence = _("共 %(every)s 个主体，其中%(worst)s %(poor)s 个。") if worst else _("共 %(every)s 个主体。")
        return Chart(
            _("各等级的主体数"),
            sentence % {"every": every, "worst": "、".join(worst), "poor": poor},
            [named(g) for g in self.model.grades],
            [Series(_("主体数"), values)],
            unit=_("个"),
            corner=_("等级"),
        )


@signed_in
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Whom the department's models grade, the worst first."""
    roster = Roster(request)
    if roster.model is None:
        return render(request, "workbench/dept_subjects.html", {"model": None})
    page = Paginator(roster.rows(), PER_PAGE).get_page(request.GET.get("page"))
    roster.note(actor_of(request), page.object_list, looking.ROSTER)
    shown = {
        "model": roster.model,
        "form": roster.form,
        "tags": filter_tags(roster.form, request.GET, keep=("model",)),
        "chart": roster.chart(),
        "page": page,
        "table": _roster_table(roster, page.object_list),
        "export": request.GET.urlencode(),
    }
    return render(request, "workbench/dept_subjects.html", shown, status=422 if roster.form.errors else 200)


def _roster_table(roster: Roster, rows: Any) -> Table:
    model, packs = roster.model, roster.packs
    assert model is not None
    return Table(
        _("%(model)s评定的主体") % {"model": named(model)},
        desk.columns(
            _("主体"), _("代码"), _("等级"), _("得分"), _("地区"), _("自"), _("下次可能变动"), wide=(0,), number=(3,)
        ),
        [
            [
                Cell(g.subject.name, href=reverse("dept-subject", args=[g.subject.code])),
                g.subject.code,
                desk.grade_cell(model, g.grade),
                g.score.normalize(),
                desk.place(packs, g.subject.region),
                g.since,
                g.due or "—",
            ]
            for g in rows
        ],
        empty=_("没有符合条件的主体。去掉一两个条件再看。"),
    )


@signed_in
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The same roster as a file; who took it away is kept, and told to everybody on it."""
    roster = Roster(request)
    if roster.model is None or roster.form.errors:
        raise Http404(_("没有可以导出的名册。"))
    model, packs = roster.model, roster.packs
    rows = list(roster.rows()[:MOST])
    roster.note(actor_of(request), rows, looking.EXPORT)
    trace(
        actor_of(request).name, "evaluation.export", "evaluation", model.id, grade=roster.wanted.grade, count=len(rows)
    )
    headings = [_("主体"), _("代码"), _("等级"), _("得分"), _("地区"), _("行业"), _("自"), _("下次可能变动")]
    told = (
        [
            g.subject.name,
            g.subject.code,
            named(model.grade(g.grade)),
            g.score.normalize(),
            desk.place(packs, g.subject.region),
            desk.trade(packs, g.subject.industry),
            g.since,
            g.due or "",
        ]
        for g in rows
    )
    return desk.csv_file(f"{model.id}-{roster.day:%Y%m%d}", headings, told)


# -- one subject ----------------------------------------------------------------------------------------------------


def subject_of(actor: Actor, code: str, **_more: str) -> Subject:
    """The subject with this code; natural persons are looked up nowhere here (G-13)."""
    found = find_subject(code)
    if found is None or found.kind == SubjectKind.NATURAL_PERSON:
        raise Http404(_("登记库里没有这个主体。"))
    return found


@may("evaluation.why", of=subject_of)
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, subject: Subject) -> HttpResponse:
    """One subject: the department's grades, lists, measures and inspections; records once there is a reason to look."""
    actor, packs, day = actor_of(request), policies(), timezone.localdate()
    form = desk.ReasonForm(request.POST if request.method == "POST" else None, actor=actor, packs=packs, day=day)
    if request.method == "POST" and form.is_valid():
        desk.remember_reason(request, subject.code, form)
        return redirect(request.GET.get("next") if _ours(request, subject) else request.path)  # type: ignore[arg-type]
    shown = {
        "subject": subject,
        "form": form,
        "crumbs": [Crumb(_("本部门主体"), reverse("subjects-of-mine"))],
        "facts": parts.identity(packs, subject),
        **parts.affairs(actor, packs, subject, day),
        **parts.records(request, actor, packs, subject),
    }
    return render(request, "workbench/dept_subject.html", shown, status=422 if form.errors else 200)


def _ours(request: HttpRequest, subject: Subject) -> bool:
    """Whether `next` leads to a page of the workbench."""
    return request.GET.get("next", "").startswith(f"{reverse('workbench')}/")
