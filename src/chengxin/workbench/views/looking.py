"""Looking somebody up with a basis (依据查询) and the check at a counter (办事核查): refused without a basis, only what the
basis allows, every look on record for the subject (R-092 to R-099, R-187, G-09, G-10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from chengxin.accounts.actors import Actor
from chengxin.accounts.guards import actor_of, may, signed_in
from chengxin.accounts.models import Organisation
from chengxin.accounts.persons import ID_CARD, person_code
from chengxin.accounts.rules import Denied
from chengxin.accounts.words import english, worded
from chengxin.design.shapes import Cell, Column, Fact, Tab, Table
from chengxin.design.templatetags.chengxin import named, told
from chengxin.policy.queries import Queries
from chengxin.registry.authorising import usable_by
from chengxin.registry.disclosure import Audience
from chengxin.registry.looks import Ask, NoBasis, Seen, look, units_for
from chengxin.registry.models import Subject, SubjectKind
from chengxin.registry.packs import policies
from chengxin.registry.queries import find_subject
from chengxin.standards.masking import mask_name
from chengxin.standards.text import clean_code
from chengxin.supervision.measures.asking import ask as check_at_counter
from chengxin.supervision.measures.queries import Checked
from chengxin.supervision.packs import measures_on
from chengxin.workbench.labels import agency_label

MODES = (Audience.AUTHORISED, Audience.DUTY, Audience.SHARING)


class QueryForm(forms.Form):
    """Who is asked about, on which basis, to which end; for which of the asker's units where there are several."""

    code = forms.CharField(
        label=gettext_lazy("统一社会信用代码"), max_length=64,
        error_messages={"required": gettext_lazy("请填写要查询的主体的统一社会信用代码。")},
    )  # fmt: skip
    purpose = forms.CharField(
        label=gettext_lazy("查询的目的"), max_length=200,
        error_messages={"required": gettext_lazy("请写明查询的目的，信用主体可以看到。")},
    )  # fmt: skip
    unit = forms.ChoiceField(label=gettext_lazy("为哪个单位查询"))

    def __init__(self, *args: Any, mode: str, units: list[str], day: date, person: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        pairs = _names(units)
        self.fields["unit"].choices = pairs  # type: ignore[attr-defined]
        self.fields["unit"].initial = units[0]
        if len(units) == 1:
            self.fields["unit"].widget = forms.HiddenInput()
        self.fields["basis"] = _basis_field(mode, units, day)
        if mode == Audience.AUTHORISED:
            self.fields["purpose"].help_text = _("要与授权书上写的目的一字不差。")
        if person:
            self._of_person()
        self.order_fields(["unit", "basis", "code", "name", "id_type", "id_number", "purpose"])

    def _of_person(self) -> None:
        """A person is asked about by name, kind of document and number together: a name alone finds nobody (R-069)."""
        del self.fields["code"]
        plain = forms.TextInput(attrs={"autocomplete": "off"})
        types = policies().codes("id_types").rows
        self.fields["name"] = forms.CharField(label=_("姓名"), max_length=60, widget=plain)
        self.fields["id_type"] = forms.ChoiceField(
            label=_("证件类型"), choices=[(r.code, named(r)) for r in types if r.code == ID_CARD]
        )
        self.fields["id_number"] = forms.CharField(label=_("证件号码"), max_length=40, widget=plain)

    def clean(self) -> dict[str, Any]:
        """Name and number that say nothing are told where they were typed."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        for name in ("name", "id_number"):
            if name in given and clean_code(given[name]) is None:
                self.add_error(name, _("请填写完整。"))
        return given

    def subject_code(self) -> str:
        """The code that is asked about; of a person the keyed hash, which is all that is kept of what was typed."""
        given = self.cleaned_data
        if "code" in given:
            return str(given["code"])
        return person_code(given["name"], given["id_number"], given["id_type"])


def _names(units: list[str]) -> list[tuple[str, str]]:
    known = {o.pk: o.name for o in Organisation.objects.filter(pk__in=units)}
    return [(u, known.get(u, agency_label(policies(), u))) for u in units]


def _basis_field(mode: str, units: list[str], day: date) -> forms.Field:
    if mode == Audience.AUTHORISED:
        missing = {"required": _("请填写授权书编号：没有信用主体的授权不能查询。")}
        return forms.CharField(
            label=_("授权书编号"),
            max_length=20,
            error_messages=missing,
            help_text=_("例如 SQ20261121a1b2c3d4，授权书上有。"),
        )
    files = [q for q in policies().of(Queries) if q.effective.holds(day)]
    if mode == Audience.DUTY:
        label, none = _("办理的事项"), _("请选择办理的事项：依职权查询要有法定的事项。")
        found = [
            (m.id, named(m)) for q in files for m in q.matters if not m.departments or set(units) & set(m.departments)
        ]
    else:
        label, none = _("共享协议"), _("请选择共享协议：没有协议不能按共享查询。")
        found = [(a.id, named(a)) for q in files for a in q.agreements if a.grantee in units]
    return forms.ChoiceField(label=label, choices=[("", _("请选择")), *found], error_messages={"required": none})


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def query(request: HttpRequest) -> HttpResponse:
    """Ask, and see what the basis allows. The answer comes with the question and is nowhere else: going back asks anew."""
    actor, day = actor_of(request), timezone.localdate()
    modes = _modes(actor)
    asked = request.GET.get("mode", "")
    mode = asked if asked in modes else next(iter(modes))
    units = modes[mode]
    person = request.GET.get("who") == "person"
    initial = {k: request.GET[k] for k in ("code", "purpose", "basis") if k in request.GET}
    bound = request.POST if request.method == "POST" else None
    form = QueryForm(bound, mode=mode, units=units, day=day, person=person, initial=initial)
    if bound is not None and form.is_valid():
        answer = _look(actor, form, Audience(mode))
        if answer is not None:
            return render(request, "workbench/query_answer.html", answer)
    shown = {
        "form": form,
        "mode": mode,
        "tabs": [Tab(_mode_words(m), f"{reverse('query')}?mode={m}", m == mode) for m in modes],
        "person": person,
        "other": f"{reverse('query')}?{urlencode({'mode': mode} if person else {'mode': mode, 'who': 'person'})}",
        "held": _authorisations(units, day) if mode == Audience.AUTHORISED else None,
    }
    return render(request, "workbench/query.html", shown, status=422 if form.errors else 200)


def _modes(actor: Actor) -> dict[str, list[str]]:
    """On which bases this person may ask, each with the units for which. Raises `Denied` for whoever may on none."""
    modes = {str(mode): units for mode in MODES if (units := units_for(actor, mode))}
    if not modes:
        raise Denied(_("查询非公开信息需要您在一个单位任职。"))
    return modes


def _mode_words(mode: str) -> str:
    return {
        Audience.AUTHORISED: _("凭授权查询"), Audience.DUTY: _("依职权查询"), Audience.SHARING: _("按协议共享"),
    }[Audience(mode)]  # fmt: skip


def _look(actor: Actor, form: QueryForm, audience: Audience) -> dict[str, Any] | None:
    """The answer, or None with the refusal in the form; it is on record either way."""
    given = form.cleaned_data
    person = "code" not in given
    subject = find_subject(form.subject_code())
    if subject is None and person:  # the same answer, and the same trace, as for a person who is known
        subject = Subject(code=form.subject_code(), kind=SubjectKind.NATURAL_PERSON, name=mask_name(given["name"]))
    if subject is None:
        form.add_error("code", _("登记库里没有「%(code)s」这个主体，请核对代码。") % {"code": given["code"]})
        return None
    ask = Ask(audience, given["purpose"].strip(), given["basis"].strip(), given["unit"])
    try:
        seen = look(actor, subject, ask)
    except NoBasis as refused:
        form.add_error("basis", str(refused))
        return None
    return _answer(subject, ask, seen)


def _answer(subject: Subject, ask: Ask, seen: list[Seen]) -> dict[str, Any]:
    facts = [
        Fact(_("信用主体"), subject.name), *_code_of(subject),
        Fact(_("依据"), f"{_mode_words(ask.audience)} · {ask.basis}"), Fact(_("目的"), ask.purpose),
        Fact(_("查询时间"), timezone.now()),
    ]  # fmt: skip
    groups: dict[str, list[Shown]] = {}
    for one in seen:
        groups.setdefault(named(one.item), []).append(_record(one))
    return {
        "subject": subject,
        "facts": facts,
        "groups": list(groups.items()),
        "count": len(seen),
        "again": reverse("query"),
    }


def _code_of(subject: Subject) -> list[Fact]:
    """The code of an organisation; a person's is a hash that tells nobody anything."""
    if subject.kind == SubjectKind.NATURAL_PERSON:
        return [Fact(_("主体类别"), subject.get_kind_display())]
    return [Fact(_("统一社会信用代码"), subject.code, code=True)]


@dataclass(frozen=True)
class Shown:
    """A record as the basis allows it to be seen."""

    title: str
    standing: str
    facts: list[Fact]


def _record(one: Seen) -> Shown:
    known = one.item.by_id
    facts = []
    for name, value in one.shown.fields.items():
        words = (
            known[name].as_written(value) if known[name].type == "amount" and name not in one.shown.masked else value
        )
        label = named(known[name])
        facts.append(Fact(label + _("（部分遮盖）") if name in one.shown.masked else label, told(words)))
    facts.append(Fact(_("来源"), agency_label(policies(), one.view.head.source)))
    title = told(one.shown.fields.get(one.item.record.title or "")) if one.item.record.title else ""
    return Shown(title if title != "—" else named(one.item), one.view.head.get_standing_display(), facts)


def _authorisations(units: list[str], day: date) -> Table:
    """What subjects have allowed to my units and can still be used; each leads to its query."""
    columns = [
        Column(_("授权书")), Column(_("信用主体"), wide=True), Column(_("目的"), wide=True), Column(_("到期")), Column(_("次数")),
    ]  # fmt: skip
    rows = []
    usable = list(usable_by(units, day))
    names = dict(Subject.objects.filter(code__in=[a.subject for a in usable]).values_list("code", "name"))
    for a in usable:
        asked = urlencode({"mode": Audience.AUTHORISED, "basis": a.number, "code": a.subject, "purpose": a.purpose})
        times = _("只能用一次") if a.single else _("期限内可以多次")
        subject = Cell(names.get(a.subject, a.subject), note=a.subject)
        rows.append([Cell(a.number, f"{reverse('query')}?{asked}"), subject, a.purpose, a.until, times])
    return Table(
        _("给本单位的授权"), columns, rows, show_caption=True,
        empty=_("没有可以使用的授权。请信用主体在「我的信用」里授权给本单位，授权书编号会显示在这里。"),
    )  # fmt: skip


class CheckForm(forms.Form):
    """A subject and a matter."""

    code = forms.CharField(
        label=gettext_lazy("统一社会信用代码"), max_length=64,
        error_messages={"required": gettext_lazy("请填写办事主体的统一社会信用代码。")},
    )  # fmt: skip
    matter = forms.ChoiceField(
        label=gettext_lazy("办什么事"), error_messages={"required": gettext_lazy("请选择要办的事项。")}
    )

    def __init__(self, *args: Any, units: list[str], day: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = sorted(measures_on(day).matters.values(), key=lambda m: (m.department not in units, m.department or ""))
        pairs = [
            (m.id, f"{named(m)}（{agency_label(policies(), m.department)}）" if m.department else named(m))
            for m in known
        ]
        self.fields["matter"].choices = [("", _("请选择")), *pairs]  # type: ignore[attr-defined]


@may("measure.check", of=lambda actor: "")
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, _target: str) -> HttpResponse:
    """May this matter be handled for this subject? In words, each finding with its basis; the look is on record (R-187)."""
    actor, day = actor_of(request), timezone.localdate()
    units = units_for(actor, Audience.DUTY)
    form = CheckForm(request.POST if request.method == "POST" else None, units=units, day=day)
    shown: dict[str, Any] = {"form": form}
    if form.is_bound and form.is_valid():
        matter = form.cleaned_data["matter"]
        answer = check_at_counter(actor, [form.cleaned_data["code"]], matter)[0]
        shown |= {"answer": answer, "subject": find_subject(answer.code), **_told(answer, day)}
    return render(request, "workbench/check.html", shown, status=422 if form.errors else 200)


def _told(answer: Checked, day: date) -> dict[str, Any]:
    index = measures_on(day)
    words = {r.measure.answer: r.answer for r in index.rules.values()}
    tones = {"adverse": "bad", "favourable": "good", "neutral": "info"}
    why = {
        "no-measure": _("没有可以适用的措施：这件事没有依据作任何限制或者给予便利，照常办理。"),
        "unknown-subject": _("登记库里没有这个主体，无法核查。请核对代码。"),
        "unknown-matter": _("政策包里没有这个办事事项，没有依据，不作回答。"),
        "natural-person": _("自然人不适用奖惩措施核查。"),
    }
    found = words.get(answer.answer)
    return {
        "title": named(found) if found else _("照常办理") if answer.reason == "no-measure" else _("不能回答"),
        "tone": tones[found.tone] if found else "info" if answer.reason == "no-measure" else "warn",
        "meaning": named_meaning(found) if found else why.get(answer.reason, ""),
        "findings": [
            {
                "label": named(f), "answer": named(words[f.answer]) if f.answer in words else f.answer,
                "facts": [
                    Fact(_("因为"), f"{f.cause_label}" + (_("，自 %(day)s 起") % {"day": f.since} if f.since else "")),
                    Fact(_("到什么时候"), f.until or _("没有定期限，原因消失时解除")),
                    Fact(_("依据"), f.basis), Fact(_("实施单位"), f.body), Fact(_("与行为的关联"), worded(f, "association")),
                    Fact(_("比例"), worded(f, "proportionality")),
                    Fact(_("怎样解除"), worded(f, "exit")),
                    Fact(_("救济途径"), worded(f, "remedy")),
                ],
            }
            for f in answer.findings
        ],
    }  # fmt: skip


def named_meaning(found: Any) -> str:
    """What an answer means, in the reader's language."""
    return str(found.meaning_en if english() else found.meaning)
