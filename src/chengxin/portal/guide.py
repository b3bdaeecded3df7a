"""The guide (服务指南): what one can do, what it takes, how long and by whom, all of it from the procedures in force (R-242).

Nothing is written here by hand: a procedure that a pack brings is in the guide the same day, one that ends is gone.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from chengxin.accounts.guards import public
from chengxin.accounts.models import CITIZENS, Role
from chengxin.accounts.words import english
from chengxin.cases.packs import in_force, repair_rules, serving
from chengxin.design.shapes import Card, Column, Crumb, Fact, Table
from chengxin.policy.policies import UnknownPolicy
from chengxin.policy.procedures import Ask, Clock, Procedure, Step, Who
from chengxin.policy.repair import Condition
from chengxin.policy.schema import basis_text
from chengxin.registry.packs import policies

FOR_ALL = {"anyone", *CITIZENS}
_OPEN = public("how things are done is for everybody (R-242)")


@_OPEN
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Everything one can do oneself, then what departments and the centre do."""
    day = timezone.localdate()
    found = sorted((p for p in policies().of(Procedure) if p.effective.holds(day)), key=lambda p: p.id)
    own = [_card(p) for p in found if _opened_by_all(p)]
    theirs = [_card(p) for p in found if not _opened_by_all(p)]
    return render(request, "portal/content_guide.html", {"own": own, "theirs": theirs, "day": day})


@_OPEN
@require_safe
def show(request: HttpRequest, procedure: str) -> HttpResponse:
    """One procedure: who, what, how long, where it leads."""
    day = timezone.localdate()
    try:
        found = in_force(procedure, day)
    except UnknownPolicy as unknown:
        raise Http404(_("没有这项服务，或者它现在不办理。")) from unknown
    shown = {
        "procedure": found,
        "crumbs": [Crumb(_("服务指南"), reverse("guide"))],
        "own": _opened_by_all(found),
        "start": _start(found),
        "openers": _people(found.opening.who),
        "asks": _asks(found),
        "materials": _materials(found),
        "conditions": _conditions(found, day),
        "clocks": _clocks(found),
        "deciders": _deciders(found),
        "states": _states(found),
        "facts": _facts(found),
        "assumed": [c for c in found.clocks if c.assumed],
    }
    return render(request, "portal/content_procedure.html", shown)


def said(thing: Any, name: str = "label") -> str:
    """A name or sentence of a pack in the reader's language."""
    other = getattr(thing, f"{name}_en", "") if english() else ""
    return str(other or getattr(thing, name))


def procedure_page(what: str) -> str:
    """The page of the guide on the procedure that serves "repair", "objection" or "message"; the guide where none does."""
    found = serving(what, timezone.localdate())
    return reverse("guide-procedure", args=[found.id]) if found else reverse("guide")


def _opened_by_all(procedure: Procedure) -> bool:
    return any(who.role in FOR_ALL for who in procedure.opening.who)


def _card(procedure: Procedure) -> Card:
    parts = [_("%(who)s提出") % {"who": _("、").join(_people(procedure.opening.who))}]
    days = [c.working_days for c in procedure.clocks if c.working_days]
    if days:
        parts.append(ngettext("各环节最长 %(n)d 个工作日", "各环节最长 %(n)d 个工作日", max(days)) % {"n": max(days)})
    return Card(said(procedure), _("；").join(parts), reverse("guide-procedure", args=[procedure.id]))


def _start(procedure: Procedure) -> str:
    """Where one begins: the page of messages, or one's own space."""
    if procedure.serves == "message":
        return reverse("feedback")
    if not _opened_by_all(procedure):
        return ""
    try:
        return reverse("own")
    except NoReverseMatch:
        return reverse("sign-in")


def _people(who: Iterable[Who]) -> list[str]:
    words = dict(Role.choices) | {"anyone": _("任何人"), "system": _("系统")}
    return list(dict.fromkeys(str(words.get(w.role, w.role)) for w in who))


def _asks(procedure: Procedure) -> list[tuple[str, str]]:
    """What is filled in at the beginning, and what of it may be left out."""
    opening = procedure.opening
    mine = procedure.answerable(opening)
    return [(said(a), _hint(a, a.id in opening.needs.asks)) for a in procedure.asks if a.id in mine]


def _hint(ask: Ask, required: bool) -> str:
    words = [_("必填") if required else _("可不填")]
    if ask.choices:
        in_english = english() and ask.choices_en
        words.append(
            _("从中选择：%(choices)s") % {"choices": _("、").join(ask.choices_en if in_english else ask.choices)}
        )
    elif ask.must:
        words.append(_("须为：%(must)s") % {"must": ask.must})
    elif ask.type == "text":
        words.append(_("不超过 %(n)d 字") % {"n": ask.max_length})
    return _("，").join(words)


def _materials(procedure: Procedure) -> Table:
    kinds = {"pdf": _("PDF"), "image": _("图片"), "table": _("表格"), "document": _("文档")}
    needed = {m for s in procedure.steps for m in s.needs.materials} | {
        m for s in procedure.steps for w in s.who for m in w.needs
    }
    rows = [
        [said(m), _("、").join(kinds[t] for t in m.types), m.max_mb, _("办理时必须有") if m.id in needed else _("有就提交")]
        for m in procedure.materials
    ]  # fmt: skip
    columns = [Column(_("材料")), Column(_("格式")), Column(_("最大（MB）"), number=True), Column(_("是否必须"))]
    return Table(_("材料"), columns, rows, empty=_("不需要提交材料。"))


def _conditions(procedure: Procedure, day: date) -> tuple[Condition, ...]:
    """The conditions of repair, where a step of this procedure asks for them."""
    if not any("repair-conditions" in s.guards for s in procedure.steps):
        return ()
    try:
        return tuple(repair_rules(day).conditions)
    except UnknownPolicy:
        return ()


def _clocks(procedure: Procedure) -> Table:
    rows = [[said(c), _length(c), _("、").join(_starts(procedure, c)), _people([c.owner])[0]] for c in procedure.clocks]
    columns = [Column(_("期限")), Column(_("多久")), Column(_("从何时起")), Column(_("由谁办理"))]
    return Table(_("办理期限"), columns, rows, empty=_("没有规定期限。"))


def _length(clock: Clock) -> str:
    if clock.working_days is None:
        return _("到填写的日期为止")
    words = ngettext("%(n)d 个工作日", "%(n)d 个工作日", clock.working_days) % {"n": clock.working_days}
    return _("%(days)s（暂按此执行）") % {"days": words} if clock.assumed else words


def _starts(procedure: Procedure, clock: Clock) -> list[str]:
    return [_("「%(step)s」之日") % {"step": said(s)} for s in procedure.steps if s.id in clock.start]


def _deciders(procedure: Procedure) -> list[tuple[str, str]]:
    """The steps that are decisions, and by whom: never by whoever asked."""
    return [(said(s), _("、").join(_people(s.who))) for s in procedure.steps if s.decision and not _system(s)]


def _system(step: Step) -> bool:
    return all(who.role == "system" for who in step.who)


def _states(procedure: Procedure) -> Table:
    rows = [[said(s), said(s, "sees"), _("办结") if s.end else _("还在办")] for s in procedure.states]
    columns = [Column(_("办到哪一步")), Column(_("您会看到"), wide=True), Column(_("是否办结"))]
    return Table(_("办理过程中的状态"), columns, rows)


def _facts(procedure: Procedure) -> list[Fact]:
    unit = policies().agency_name(procedure.handler)
    return [
        Fact(_("办理单位"), unit),
        Fact(_("依据"), basis_text(procedure.basis)),
        Fact(_("制定机关"), procedure.authority),
        Fact(_("现行版本"), procedure.version, code=True),
        Fact(_("自何日起施行"), procedure.effective.start),
    ]
