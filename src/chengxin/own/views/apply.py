"""Applying: what there is to apply for, what it needs and how long it takes, one thing a page, check, send (W-09, W-10)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from chengxin.accounts.guards import may
from chengxin.accounts.rules import Denied
from chengxin.accounts.words import english
from chengxin.cases import actions
from chengxin.cases.applying import Offer, of_party, offered, offers
from chengxin.cases.errors import CaseRefused, Unmet
from chengxin.cases.forms import StepForm, kinds_of, label_of, materials, questions
from chengxin.cases.models import Case
from chengxin.cases.packs import templates
from chengxin.cases.queries import eligibility
from chengxin.design.shapes import Card, Crumb, Step
from chengxin.own import dossier, speaking
from chengxin.own.applying import CHECK, Application, title_of
from chengxin.own.pages import named, page, spoken
from chengxin.own.speaking import Place
from chengxin.policy.schema import basis_text
from chengxin.registry.models import Record


def _offer(actor: Any, code: str, procedure: str, **_more: Any) -> Place:
    """The place with the offer of the procedure; one that the actor may not open does not exist."""
    here = speaking.place(actor, code)
    found = offered(actor, here.held_code, procedure, timezone.localdate(), here.kind)
    if found is None or not (here.personal or here.matters is None or procedure in here.matters):
        raise Http404
    return speaking.with_thing(here, found)


def _part(actor: Any, code: str, procedure: str, part: str) -> Place:
    here = _offer(actor, code, procedure)
    return speaking.with_thing(here, (here.thing, part))


@may("own.enter", of=speaking.place)
@require_safe
def choose(request: HttpRequest, here: Place) -> HttpResponse:
    """Everything the person may apply for, with the days each takes."""
    found = offers(here.actor, here.held_code, timezone.localdate(), here.kind)
    cards = [
        Card(named(o.procedure), _how_long(o) or named(o.procedure.opening),
             reverse("own-start", args=[here.code, o.procedure.id]))
        for o in found
        if here.personal or here.matters is None or o.procedure.id in here.matters
    ]  # fmt: skip
    crumbs = [Crumb(_("办事"), reverse("own-cases", args=[here.code]))]
    return page(request, "choose", here, {"cards": cards, "crumbs": crumbs})


@may("own.enter", of=_offer)
@require_safe
def start(request: HttpRequest, here: Place) -> HttpResponse:
    """What is applied for, what is needed, how long it takes; for a record, whether it can succeed now."""
    offer: Offer = here.thing
    head = _record(request, here, offer)
    procedure = offer.procedure
    asks = any("repair-conditions" in s.guards for s in procedure.steps)
    unmet = [spoken(u) for u in eligibility(head, timezone.localdate())] if head and asks else []
    app = Application(here, offer, head, request.session)
    return page(request, "start", here, {
        "offer": offer,
        "label": named(procedure),
        "crumbs": [Crumb(_("申请办理"), reverse("own-choose", args=[here.code]))],
        "record": title_of(head) if head else "",
        "records": _records(here, offer) if head is None and offer.about_records else None,
        "asks": [label_of(a) for a, needed in questions(procedure, procedure.opening) if needed],
        "materials": [
            (label_of(m), needed, kinds_of(m)) for m, needed in materials(procedure, procedure.opening, offer.who)
        ],
        "templates": _templates(offer),
        "how_long": _how_long(offer),
        "basis": basis_text(procedure.basis),
        "unmet": unmet,
        "repair_from": head.repair_from if head and asks else None,
        "next": _address(app, app.parts[0]) if head or offer.without_record else "",
        "begun": bool(app.draft["done"]),
    })  # fmt: skip


@may("own.enter", of=_part)
@require_http_methods(["GET", "HEAD", "POST"])
def part(request: HttpRequest, here: Place) -> HttpResponse:
    """One page of the application, or the check of all before it is sent."""
    offer, name = here.thing
    here = speaking.with_thing(here, offer)
    app = Application(here, offer, _record(request, here, offer), request.session)
    if name not in app.parts or (app.record is None and not offer.without_record):
        raise Http404
    if name == CHECK:
        return _check(request, app)
    sent = request.method == "POST"
    form = app.form(name, request.POST, request.FILES) if sent else app.form(name)
    if not sent and (template := request.GET.get("template", "")):
        form.initial.update({f"ask_{a.id}": template for a in offer.procedure.asks if a.templates})
    if sent and form.is_valid():
        try:
            app.keep(name, form)
        except CaseRefused as refused:
            _blame(form, refused)
        else:
            after = app.parts[app.parts.index(name) + 1]
            return redirect(_address(app, CHECK if "check" in request.GET else after))
    return _form_page(request, app, name, form)


def _form_page(request: HttpRequest, app: Application, name: str, form: StepForm) -> HttpResponse:
    shown = {
        "form": form, "part": name, "label": named(app.offer.procedure), "heading": heading(name),
        "crumbs": _crumbs(app), "steps": _steps(app, name), "files": app.draft["files"],
        "record": title_of(app.record) if app.record else "", "template_texts": _templates(app.offer),
        "template": _template(form),
    }  # fmt: skip
    return page(request, "apply", app.here, shown, status=422 if form.errors else 200)


def _template(form: StepForm) -> str:
    """The commitment that is chosen on this page, so that its text can stand above."""
    names = [f"ask_{a.id}" for a in form.procedure.asks if a.templates]
    return next((str(form[name].value() or "") for name in names if name in form.fields), "")


def _check(request: HttpRequest, app: Application) -> HttpResponse:
    """All answers once more; sending is safe to repeat."""
    if gap := app.missing():
        sent = app.sent if request.method == "POST" else ""  # a second click: the first one has sent it
        return redirect("own-case-sent", app.here.code, sent) if sent else redirect(_address(app, gap))
    problem = ""
    unmet: tuple[Unmet, ...] = ()
    if request.method == "POST":
        try:
            made = _send(app)
        except (CaseRefused, Denied) as refused:
            problem, unmet = str(refused), getattr(refused, "unmet", ())
        else:
            app.forget(made.number)
            return redirect("own-case-sent", app.here.code, made.number)
    shown = {
        "label": named(app.offer.procedure), "crumbs": _crumbs(app), "steps": _steps(app, CHECK),
        "record": title_of(app.record) if app.record else "", "problem": problem,
        "unmet": [spoken(u) for u in unmet], "send": named(app.offer.procedure.opening),
        "parts": [(heading(p), facts, f"{_address(app, p)}{'&' if app.record else '?'}check=1") for p, facts in app.summary()],
        "how_long": _how_long(app.offer), "can_withdraw": _can_withdraw(app.offer),
    }  # fmt: skip
    return page(request, "check", app.here, shown, status=422 if problem else 200)


def _send(app: Application) -> Case:
    opening = app.opening()
    try:
        return actions.open_case(app.here.actor, opening)
    finally:
        for one in opening.materials:
            one.stream.close()


def heading(part: str) -> str:
    """What a page of an application is called."""
    return {
        "questions": _("填写申请"), "changes": _("应当更正的栏目"), "materials": _("附上材料"), CHECK: _("核对并提交"),
    }[part]  # fmt: skip


def _blame(form: StepForm, refused: CaseRefused) -> None:
    """The refusal of a file stands beside the field whose material it names."""
    said = str(refused)
    for material in form.procedure.materials:
        if f"「{material.label}」" in said and f"file_{material.id}" in form.fields:
            form.add_error(f"file_{material.id}", said)
            return
    form.refuse(refused)


def _record(request: HttpRequest, here: Place, offer: Offer) -> Record | None:
    """The record that the address names, one of the subject's own. Raises `Http404` for any other."""
    wanted = request.GET.get("record", "")
    if not wanted:
        return None
    if not wanted.isascii() or not wanted.isdigit() or len(wanted) > 18 or here.subject is None:
        raise Http404
    found = Record.objects.select_related("subject").filter(pk=int(wanted), subject=here.subject).first()
    if found is None or not offer.takes(found):
        raise Http404
    return found


def _records(here: Place, offer: Offer) -> Any:
    """The records about which a case can be opened, to choose from; None where the mandate shows no records."""
    if here.subject is None or not here.covers("look"):
        return None
    today = timezone.localdate()
    fitting = [
        r for r in dossier.held(here, today)["records"]
        if (not offer.procedure.items or r["item"] in offer.procedure.items) and r["standing"] in offer.procedure.standings
    ]  # fmt: skip
    start = reverse("own-start", args=[here.code, offer.procedure.id])
    return [(r["title"] or r["item_label"], r["item_label"], r["decided_on"], dossier.standing(r),
             f"{start}?{urlencode({'record': r['id']})}") for r in fitting]  # fmt: skip


def _how_long(offer: Offer) -> str:
    """The clocks that others have to keep, in words."""
    clocks = [
        c
        for c in offer.procedure.clocks
        if c.working_days and c.owner.role not in ("anyone", "representative", "agent")
    ]
    return _("；").join(
        _("%(clock)s：%(n)d 个工作日") % {"clock": named(c), "n": c.working_days} for c in clocks
    )  # fmt: skip


def _can_withdraw(offer: Offer) -> bool:
    procedure = offer.procedure
    return any(of_party(s) and procedure.state(s.to).end == "withdrawn" for s in procedure.steps)


def _templates(offer: Offer) -> list[dict[str, Any]]:
    """The texts of commitments, where one has to be chosen."""
    if not any(a.templates for a in offer.procedure.asks):
        return []
    return [
        {
            "id": t.id, "title": t.title_en if english() else t.title, "matter": t.matter_en if english() else t.matter,
            "content": t.content_en if english() else t.content,
            "consequence": t.consequence_en if english() else t.consequence, "days": t.term_days,
        }
        for t in templates(timezone.localdate()).values()
    ]  # fmt: skip


def _address(app: Application, part: str) -> str:
    where = reverse("own-apply", args=[app.here.code, app.offer.procedure.id, part])
    return f"{where}?{urlencode({'record': app.record.pk})}" if app.record else where


def _crumbs(app: Application) -> list[Crumb]:
    start = reverse("own-start", args=[app.here.code, app.offer.procedure.id])
    if app.record:
        start = f"{start}?{urlencode({'record': app.record.pk})}"
    return [Crumb(named(app.offer.procedure), start)]


def _steps(app: Application, now: str) -> list[Step]:
    done = app.draft["done"]
    return [
        Step(heading(p), "now" if p == now else "done" if p in done else "next",
             href=_address(app, p) if p in done and p != now else "")
        for p in app.parts
    ]  # fmt: skip
