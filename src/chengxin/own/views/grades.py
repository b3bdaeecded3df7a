"""The subject's grades, why they are so, what would change them, and how they came about (R-154)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from chengxin.accounts.guards import may
from chengxin.accounts.refusals import Refusal
from chengxin.accounts.rules import allow
from chengxin.audit.actions import record as trace
from chengxin.design.shapes import Cell, Chart, Column, Crumb, Event, Fact, Series, Table
from chengxin.design.words import grade_tone, labelled
from chengxin.evaluation import verifying
from chengxin.evaluation.public import own_grades, told_to_subject
from chengxin.evaluation.queries import why
from chengxin.own import speaking
from chengxin.own.pages import named, page
from chengxin.own.speaking import Place
from chengxin.policy.evaluation import Evaluation, model_of
from chengxin.registry.packs import policies

_POINTS_SHOWN = 24
"""So many grades of the past are drawn."""


def _of_model(actor: Any, code: str, model: str) -> Place:
    found = speaking.subject_place(actor, code)
    if found.subject is None or not told_to_subject(model, timezone.localdate()):
        raise Http404
    return speaking.with_thing(found, model)


@may("own.look", of=speaking.subject_place)
@require_safe
def grades(request: HttpRequest, here: Place) -> HttpResponse:
    """Every grade the subject has now."""
    found = own_grades(here.subject, timezone.localdate()) if here.subject else []
    columns = (Column(_("评价"), wide=True), Column(_("等级")), Column(_("含义"), wide=True), Column(_("自")),
               Column(_("评价机关"), wide=True))  # fmt: skip
    rows = [
        [Cell(named(g, "model_label"), href=reverse("own-grade", args=[here.code, g["model"]])),
         Cell(named(g, "grade_label"), tone=grade_tone(g["common"])), g["meaning"], g["since"], g["authority"]]
        for g in found
    ]  # fmt: skip
    return page(request, "grades", here, {"table": Table(_("现在的信用评价等级"), columns, rows)})


@may("own.look", of=_of_model)
@require_safe
def grade(request: HttpRequest, here: Place) -> HttpResponse:
    """One grade with everything behind it; the look is on record."""
    assert here.subject is not None
    told = why(here.subject.code, here.thing)
    if told is None:
        raise Http404
    trace(here.actor.name, "evaluation.look", "subject", told["code"], model=told["model"], channel="page")
    model = next(m for m in policies().of(Evaluation) if m.id == told["model"] and m.version == told["version"])
    outlook, indicators = told["outlook"], _indicators(told, here)
    return page(request, "grade", here, {
        "told": told,
        "crumbs": [Crumb(_("信用评价"), reverse("own-grades", args=[here.code]))],
        "label": named(told, "model_label"),
        "grade": named(told, "grade_label"),
        "tone": grade_tone(told["common"]),
        "decided_by": named(told["decided_by"]) if told["decided_by"] else "",
        "facts": _facts(told),
        "indicators": [i for i in indicators if i["points"] != "0"],
        "light": [i for i in indicators if i["points"] == "0"],
        "quiet": sum(1 for i in told["indicators"] if not _weighs(i)),
        "changes": _changes(outlook, here, model) if outlook else None,
        "course": _course(outlook, model, told["grade"]) if outlook else [],
        "current": outlook["current"] if outlook else True,
        "history": _history(told, model),
        "chart": _chart(told),
        "review": _review_page(here, model),
        "under_review": bool(told["waiting"] and told["waiting"]["application"]),
        "verified": _verified(told),
    })  # fmt: skip


class ReviewForm(forms.Form):
    """Why the subject wants its grade reviewed."""

    reason = forms.CharField(
        label=gettext_lazy("申请复评的理由"), max_length=2000, widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("写明哪一项评得不对、事实是什么。复评期间等级照常有效。不超过 2000 字。"),
        error_messages={"required": gettext_lazy("请写明申请复评的理由。")},
    )  # fmt: skip


def _of_review(actor: Any, code: str, model: str) -> Place:
    """A grade whose model knows a review on application. Raises `Http404`."""
    here = _of_model(actor, code, model)
    if model_of(policies(), model, timezone.localdate()).on_application is None:
        raise Http404
    return here


@may("own.answer", of=_of_review)
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, here: Place) -> HttpResponse:
    """The subject asks that its grade be reviewed (复评)."""
    assert here.subject is not None
    model = model_of(policies(), here.thing, timezone.localdate())
    step = model.on_application
    assert step is not None
    form = ReviewForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            verifying.apply(here.actor, model, here.subject, form.cleaned_data["reason"])
        except Refusal as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("复评申请已经送到评价机关，办完会在这里看到结果和理由。"))
            return redirect("own-grade", here.code, here.thing)
    grade = reverse("own-grade", args=[here.code, here.thing])
    return page(request, "grade_review", here, {
        "form": form, "label": named(model), "who": step.who, "days": step.working_days,
        "crumbs": [Crumb(_("信用评价"), reverse("own-grades", args=[here.code])), Crumb(named(model), grade)],
    }, status=422 if form.errors else 200)  # fmt: skip


def _review_page(here: Place, model: Evaluation) -> str:
    """Where a review is applied for; nowhere where the plan knows none, or to whom the mandate does not extend."""
    if model.on_application is None or not allow(here.actor, "own.answer", here):
        return ""
    return reverse("own-grade-review", args=[here.code, model.id])


def _verified(told: Mapping[str, Any]) -> list[Event]:
    """The steps of verification and review that were taken, with their reasons."""
    return [Event(s["day"], labelled(named(s, "step_label"), s["outcome_label"]), s["reason"]) for s in told["steps"]]


def _facts(told: Mapping[str, Any]) -> list[Fact]:
    return [
        Fact(_("评价机关"), told["authority"]), Fact(_("现在的得分"), _number(told["score"]), code=True),
        Fact(_("起始分"), _number(told["start"]), code=True), Fact(_("取得这个等级的日期"), told["since"]),
        Fact(_("评价办法"), _("%(version)s 版") % {"version": told["version"]}), Fact(_("依据"), told["basis"]),
    ]  # fmt: skip


def _weighs(indicator: Mapping[str, Any]) -> bool:
    return bool(indicator["points"] or indicator["records"])


def _indicators(told: Mapping[str, Any], here: Place) -> list[dict[str, Any]]:
    """The indicators that moved the score, the heaviest first, each with the records behind it."""
    found = sorted((i for i in told["indicators"] if _weighs(i)), key=lambda i: -abs(i["points"] or 0))
    return [
        {
            "label": named(i), "explain": i["explain"], "basis": i["basis"], "points": _signed(i["points"]),
            "tone": "bad" if (i["points"] or 0) < 0 else "good" if i["points"] else "",
            "records": [_record(r, here) for r in i["records"]],
        }
        for i in found
    ]  # fmt: skip


def _record(record: Mapping[str, Any], here: Place) -> dict[str, Any]:
    href = reverse("own-record", args=[here.code, record["id"]])
    return {**record, "item_label": named(policies().versions(record["item"])[-1]), "href": href}


def _changes(outlook: Mapping[str, Any], here: Place, model: Evaluation) -> Table:
    """Record by record: when it ceases to count by itself, and what repair would do."""
    columns = (Column(_("信息"), wide=True), Column(_("到期后不再计入"), wide=True), Column(_("到那时"), wide=True),
               Column(_("可以申请修复")), Column(_("如果现在修复"), wide=True))  # fmt: skip
    rows = [
        [
            Cell(r["title"] or str(r["id"]), href=reverse("own-record", args=[here.code, r["id"]])),
            r["lapses_on"] or _("不会自动到期"),
            _answer(r["then"], model) if r["then"] else "—",
            (r["repair_from"].isoformat() if r["repair_from"] else "—")
            if r["nature"] == "adverse"
            else _("不需要修复"),
            _answer(r["if_repaired"], model) if r["nature"] == "adverse" else "—",
        ]
        for r in outlook["records"]
    ]
    return Table(_("每一条信息对等级的影响"), columns, rows)


def _answer(answer: Mapping[str, Any], model: Evaluation) -> str:
    return _("%(grade)s（%(score)s 分）") % {
        "grade": named(model.grade(answer["grade"])) if answer["grade"] else _("不评级"),
        "score": _number(answer["score"]),
    }


def _course(outlook: Mapping[str, Any], model: Evaluation, now: str) -> list[Event]:
    """How time alone moves the grade, or the score within it, if nothing else happens."""
    events, before = [], now
    for move in outlook["course"]:
        words = _("仍是%(answer)s") if move["grade"] == before else _("变为%(answer)s")
        events.append(Event(move["day"], words % {"answer": _answer(move, model)}, tone=_tone(model, move["grade"])))
        before = move["grade"]
    return events


def _history(told: Mapping[str, Any], model: Evaluation) -> list[Event]:
    labels = {g.id: named(g) for g in model.grades}
    return [
        Event(h["day"], labels.get(h["grade"], h["grade"]) or _("不在评价范围内"),
              _("%(score)s 分，%(version)s 版") % {"score": _number(h["score"]), "version": h["version"]},
              tone=_tone(model, h["grade"]))
        for h in told["history"]
    ]  # fmt: skip


def _chart(told: Mapping[str, Any]) -> Chart | None:
    """The score over time, where there is a course to draw."""
    past = [h for h in reversed(told["history"]) if h["grade"]][-_POINTS_SHOWN:]
    if len(past) < 3:
        return None
    first, last = past[0], past[-1]
    sentence = _("从 %(from)s 的 %(a)s 分到 %(to)s 的 %(b)s 分。") % {
        "from": first["day"].isoformat(), "a": _number(first["score"]), "to": last["day"].isoformat(),
        "b": _number(last["score"]),
    }  # fmt: skip
    days = [h["day"].isoformat() for h in past]
    return Chart(
        _("得分的变化"), sentence, days, [Series(_("得分"), [h["score"] for h in past])], "line", _("分"), _("日期")
    )


def _tone(model: Evaluation, grade: str) -> Any:
    return grade_tone(model.grade(grade).common) if grade else ""


def _number(value: float) -> str:
    return f"{value:g}"


def _signed(points: float | None) -> str:
    return f"{points:+g}" if points else "0"
