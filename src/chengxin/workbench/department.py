"""What the department's pages share: whose desk it is, why one looks, words for grades, regions and industries, CSV.

A person sees the affairs of the units in which they work; a steward those of all (R-023). Whatever they do there is
asked of the rules once more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chengxin.accounts.actors import Actor
from chengxin.accounts.models import Role
from chengxin.accounts.rules import Denied
from chengxin.design.shapes import Cell, Column
from chengxin.design.templatetags.chengxin import named
from chengxin.design.words import grade_tone
from chengxin.policy.evaluation import Evaluation
from chengxin.policy.policies import Policies
from chengxin.policy.queries import Queries
from chengxin.registry.disclosure import Audience
from chengxin.registry.looks import Ask
from chengxin.standards.cells import csv_lines

Pairs = list[tuple[str, str]]
STAFF = (Role.REPORTER, Role.AUDITOR, Role.INSPECTOR)
_REASONS = "looks"
_KEPT = 30
"""So many reasons of looks are remembered in one session."""


def units_of(actor: Actor, packs: Policies) -> list[str]:
    """The units whose affairs this actor sees. Raises `Denied` for somebody who works in none."""
    if actor.operator or actor.organisations(Role.STEWARD):
        return [a.id for a in packs.agencies]
    found = sorted(actor.organisations(*STAFF))
    if not found:
        raise Denied(_("这里供部门的报送、审核和检查人员使用；您还没有在哪个部门任职，请联系安全管理员授权。"))
    return found


def desks_of(actor: Actor) -> list[str]:
    """The units for which this actor may look something up: where they hold any of these roles themselves."""
    return sorted(actor.organisations(*STAFF, Role.STEWARD))


# -- why somebody looks -------------------------------------------------------------------------------------------


class ReasonForm(forms.Form):
    """On what basis records that are not public are looked at (依职权查询, R-092): asked once for each subject."""

    unit = forms.ChoiceField(label=gettext_lazy("为哪个单位查看"))
    matter = forms.ChoiceField(
        label=gettext_lazy("办理什么事项"),
        error_messages={"required": gettext_lazy("请选择办理什么事项：没有事项，就没有查看的依据。")},
    )
    purpose = forms.CharField(
        label=gettext_lazy("查看的目的"),
        help_text=gettext_lazy("例如：核对本月抽查对象的处罚是否整改。主体在“谁查过我”里看得到。"),
        max_length=200,
        error_messages={"required": gettext_lazy("请写明查看的目的，主体看得到这句话。")},
    )

    def __init__(self, *args: Any, actor: Actor, packs: Policies, day: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        desks = desks_of(actor)
        unit, matter = self.fields["unit"], self.fields["matter"]
        unit.choices = [(u, agency(packs, u)) for u in desks]  # type: ignore[attr-defined]
        if len(desks) == 1:
            unit.widget = forms.HiddenInput()
            self.initial.setdefault("unit", desks[0])
        matter.choices = [("", _("请选择")), *matters(packs, day, desks)]  # type: ignore[attr-defined]


def matters(packs: Policies, day: date, desks: Sequence[str]) -> Pairs:
    """The matters of the packs in which one of these units may look up records."""
    files = [q for q in packs.of(Queries) if q.effective.holds(day)]
    found = [m for q in files for m in q.matters]
    return [(m.id, named(m)) for m in found if not m.departments or set(desks) & set(m.departments)]


def remember_reason(request: HttpRequest, code: str, form: ReasonForm) -> None:
    """Keep the reason for the rest of the session, so that the pages about this subject need not ask again."""
    kept = dict(request.session.get(_REASONS, {}))
    kept.pop(code, None)
    kept[code] = {k: form.cleaned_data[k] for k in ("unit", "matter", "purpose")}
    request.session[_REASONS] = dict(list(kept.items())[-_KEPT:])


def reason_for(request: HttpRequest, code: str, items: Iterable[str] = ()) -> Ask | None:
    """The look that the remembered reason allows; None when none has been given."""
    kept = request.session.get(_REASONS, {}).get(code)
    if not kept:
        return None
    return Ask(Audience.DUTY, kept["purpose"], kept["matter"], kept["unit"], frozenset(items))


def forget_reason(request: HttpRequest, code: str) -> None:
    """Forget a reason that turned out to be none."""
    kept = dict(request.session.get(_REASONS, {}))
    kept.pop(code, None)
    request.session[_REASONS] = kept


# -- words --------------------------------------------------------------------------------------------------------


def agency(packs: Policies, unit: str) -> str:
    """The name of a unit in the reader's language."""
    found = next((a for a in packs.agencies if a.id == unit), None)
    return named(found) if found else unit


def grade_cell(model: Evaluation, grade: str) -> Cell:
    """A grade as a tag with its words."""
    found = model.grade(grade)
    return Cell(named(found), tone=grade_tone(found.common))


def cities(packs: Policies) -> Pairs:
    """First four digits and name of the cities of the platform's own province, else of all cities."""
    home = {a.region[:2] for a in packs.agencies if a.region}
    table = packs.tables.get("regions")
    rows = table.rows if table else ()
    return [
        (r.code[:4], named(r)) for r in rows if r.code.endswith("00") and r.code[2:4] != "00" and r.code[:2] in home
    ]


def place(packs: Policies, code: str) -> str:
    """The name of a region, or its code."""
    return _row(packs, "regions", code)


def sections(packs: Policies) -> Pairs:
    """The sections of industries (门类)."""
    table = packs.tables.get("industries")
    return [(r.code, named(r)) for r in (table.rows if table else ()) if len(r.code) == 1]


def trade(packs: Policies, code: str) -> str:
    """The name of an industry's section: of C26 by its letter, of 2611 by its division."""
    found = packs.tables.get("industries")
    division = next((r.parent for r in found.rows if r.code == code[:2]), "") if found and code[:1].isdigit() else ""
    return _row(packs, "industries", division or code[:1])


def section(packs: Policies, code: str) -> str:
    """The name of a section or division of industries by its very code."""
    return _row(packs, "industries", code)


def beginnings(packs: Policies, section: str) -> tuple[str, ...]:
    """How the codes of a section begin: its letter, and the two digits of each of its divisions."""
    found = packs.tables.get("industries")
    return (section, *(r.code for r in found.rows if r.parent == section)) if found and section else ()


def _row(packs: Policies, table: str, code: str) -> str:
    found = packs.tables.get(table)
    row = found.by_code.get(code) if found else None
    return named(row) if row else code


# -- lists and files ------------------------------------------------------------------------------------------------


def csv_file(name: str, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """A table to take away, for spreadsheets: UTF-8 with its mark, and no cell that would run as a formula."""
    response = HttpResponse("".join(csv_lines(headings, rows)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def problem(form: forms.Form, refusal: object) -> forms.Form:
    """The form with the refusal of the room below as its error."""
    form.add_error(None, str(refusal))
    return form


def columns(*labels: str, wide: Sequence[int] = (), number: Sequence[int] = ()) -> list[Column]:
    """The columns of a table by their labels; `wide` and `number` are places, counted from 0."""
    return [Column(label, number=n in number, wide=n in wide) for n, label in enumerate(labels)]
