"""Lists of the department: from a proposal through notice, answer and decision to the list and out again (R-170 to R-186).

Each step is a page of its own that says what must be at hand; whoever may not take it is told why (four eyes, a term
that runs, a role).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from chengxin.accounts.actors import Actor
from chengxin.accounts.guards import actor_of, ask_first, may, signed_in
from chengxin.accounts.refusals import Refusal
from chengxin.accounts.rules import Denied, allow, require
from chengxin.accounts.words import english
from chengxin.design.filters import filter_tags
from chengxin.design.shapes import Card, Crumb
from chengxin.design.templatetags.chengxin import named
from chengxin.policy.lists import CreditList
from chengxin.policy.policies import Policies
from chengxin.policy.steps import next_step
from chengxin.registry.packs import policies
from chengxin.standards.text import clean_code, name_key
from chengxin.supervision import looking
from chengxin.supervision.lists import leaving
from chengxin.supervision.lists.actions import done_so_far, take
from chengxin.supervision.lists.keeping import Paper
from chengxin.supervision.lists.letters import letter_of, letters_of, title_of
from chengxin.supervision.lists.letters import render as render_letter
from chengxin.supervision.lists.queries import candidates, counted, described, entries_of, rules_of
from chengxin.supervision.lists.refusals import NotPossible
from chengxin.supervision.models import Listing, ListingStep
from chengxin.supervision.packs import lists_on
from chengxin.workbench import department as desk
from chengxin.workbench import dept_listing_acts as acting
from chengxin.workbench import dept_listing_page as pages
from chengxin.workbench.dept_forms import EntriesForm, ExitForm, PaperForm

PER_PAGE = 30


def home() -> Crumb:
    """The way back to all entries."""
    return Crumb(_("名单认定"), reverse("listings"))


def known_lists(actor: Actor, packs: Policies, day: date) -> dict[str, CreditList]:
    """The lists that the actor's units decide or keep, by id."""
    units = desk.units_of(actor, packs)
    return {id: v.list for id, v in lists_on(day, packs).items() if v.list.department in units}


STAGES = {
    "open": Q(listed_on=None, ended_on=None),
    "listed": Q(listed_on__isnull=False, ended_on=None),
    "ended": Q(ended_on__isnull=False),
}


@signed_in
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The entries of my units' lists: under way, on the list, over."""
    actor, packs, day = actor_of(request), policies(), timezone.localdate()
    lists = known_lists(actor, packs, day)
    units = desk.units_of(actor, packs)
    form = EntriesForm(
        request.GET or {},
        lists=[(id, named(found)) for id, found in lists.items()],
        states=[("open", _("正在认定")), ("listed", _("在名单中")), ("ended", _("已结束"))],
    )
    form.is_valid()
    rows = _narrowed(entries_of(units), form.cleaned_data)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    looking.note_listings(actor, page.object_list)
    shown = {
        "form": form,
        "tags": filter_tags(form, request.GET),
        "page": page,
        "table": pages.entries_table(list(page.object_list), lists, day),
        "cards": _cards(lists, counted(units, day)),
    }
    return render(request, "workbench/dept_listings.html", shown, status=422 if form.errors else 200)


def _narrowed(rows: Any, given: dict[str, str]) -> Any:
    if given.get("list"):
        rows = rows.filter(list=given["list"])
    if given.get("state"):
        rows = rows.filter(STAGES[given["state"]])
    if text := given.get("q"):
        rows = rows.filter(
            Q(subject__code=clean_code(text) or "") | Q(subject__name_key__contains=name_key(text) or text)
        )
    return rows


def _cards(lists: dict[str, CreditList], counts: dict[str, dict[str, int]]) -> list[Card]:
    cards = []
    for id, found in lists.items():
        row = counts.get(id, {})
        words = _("在名单中 %(held)s，正在认定 %(open)s") % {"held": row.get("held", 0), "open": row.get("open", 0)}
        cards.append(Card(named(found), words, reverse("listing-list", args=[id])))
    return cards


def list_of(actor: Actor, id: str) -> CreditList:
    """One of the lists of the actor's units."""
    found = known_lists(actor, policies(), timezone.localdate()).get(id)
    if found is None:
        raise Http404(_("本部门没有这个名单。"))
    return found


@may("list.see", of=list_of)
@require_safe
def one_list(request: HttpRequest, found: CreditList) -> HttpResponse:
    """A list: what it is, its criteria, whom they would find, what follows from it."""
    packs, day = policies(), timezone.localdate()
    criterion = next((c for c in found.criteria if c.id == request.GET.get("criterion")), None)
    shown: dict[str, Any] = {
        "list": found,
        "crumbs": [home()],
        "facts": pages.list_facts(found, packs),
        "criteria": pages.criteria_table(found),
        "consequences": pages.consequences(found, day),
        "may_propose": found.decided_here and allow(actor_of(request), "list.prepare", found.department),
        "criterion": criterion,
    }
    if criterion is not None:
        fitting = candidates(found.id, criterion.id, day, limit=200)
        looking.note_candidates(actor_of(request), found.department, found.id, fitting)
        shown["candidates"] = pages.candidates_table(found.id, fitting, packs, shown["may_propose"])
    return render(request, "workbench/dept_list.html", shown)


# -- one entry -------------------------------------------------------------------------------------------------------


def entry_of(actor: Actor, number: str, **_more: str) -> Listing:
    """The entry of this number, among those of the lists of the actor's units."""
    pk = (
        int(number[1:])
        if number[:1] == "L" and number[1:].isascii() and number[1:].isdigit() and len(number) < 18
        else 0
    )
    return entries_of(desk.units_of(actor, policies())).get(pk=pk)


@may("list.see", of=entry_of)
@require_safe
def show(request: HttpRequest, entry: Listing) -> HttpResponse:
    """Where an entry stands, what happened to it, what comes next and why not by this person."""
    looking.note_listings(actor_of(request), [entry])
    day = timezone.localdate()
    rules = rules_of(entry).list
    shown = {
        "entry": entry,
        "list": rules,
        "crumbs": [home(), Crumb(named(rules), reverse("listing-list", args=[rules.id]))],
        "state": pages.state_cell(entry, rules),
        "steps": pages.steps(entry, rules, day),
        "acts": acting.acts(actor_of(request), entry, rules, day),
        "facts": pages.facts(entry, described(entry, day)),
        "timeline": pages.timeline(entry),
        "letters": [(title_of(s), reverse("listing-letter", args=[entry.number, s.pk])) for s in letters_of(entry)],
    }
    return render(request, "workbench/dept_listing.html", shown)


@may("list.see", of=entry_of)
@require_safe
def letter(request: HttpRequest, entry: Listing) -> HttpResponse:
    """What was served on the subject, as PDF: the same bytes each time. The look is recorded."""
    wanted = request.resolver_match.kwargs["step"] if request.resolver_match else 0
    try:
        step = letter_of(entry, wanted)
    except ListingStep.DoesNotExist as none:
        raise Http404(_("这一条没有这份文书。")) from none
    looking.note_listings(actor_of(request), [entry])
    try:
        content = render_letter(step, "en" if english() else "zh")
    except NotPossible as refused:
        messages.error(request, str(refused))
        return redirect("listing", entry.number)
    name = {"Content-Disposition": f'attachment; filename="{entry.number}-{step.pk}.pdf"'}
    return HttpResponse(content, content_type="application/pdf", headers=name)


@may("list.see", of=entry_of)
@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, entry: Listing) -> HttpResponse:
    """One act with an entry: what must be at hand, and the form."""
    actor, packs, day = actor_of(request), policies(), timezone.localdate()
    rules = rules_of(entry).list
    key = request.resolver_match.kwargs["key"] if request.resolver_match else ""
    found = next((a for a in acting.acts(actor, entry, rules, day) if a.key == key), None)
    if found is None:
        messages.error(request, _("这一步现在办不了，可能别人刚刚办过。"))
        return redirect("listing", entry.number)
    action = "list.judge" if _judges(found, entry, rules) else "list.prepare"
    ask_first(request, action, entry.department)
    form = _form(request, found, rules, day)
    if request.method == "POST":
        require(actor, action, entry.department)
        if form.is_valid():
            try:
                _do(actor, entry, found, form.cleaned_data, rules)
            except Denied:
                raise
            except Refusal as refusal:
                desk.problem(form, refusal)
            else:
                messages.success(request, _("已记下：%(act)s。") % {"act": found.title})
                return redirect("listing", entry.number)
    looking.note_listings(actor, [entry])  # who is denied has been shown nothing
    coming = next_step(rules.steps, done_so_far(entry)) if found.key == "next" else None
    shown = {
        "entry": entry,
        "act": found,
        "form": form,
        "facts": acting.at_hand(entry, rules, coming.kind if coming else found.key, packs, day),
        "crumbs": [home(), Crumb(f"{entry.number} {entry.subject.name}", reverse("listing", args=[entry.number]))],
    }
    return render(request, "workbench/dept_listing_act.html", shown, status=422 if form.errors else 200)


def _form(request: HttpRequest, act: acting.Act, rules: CreditList, day: date) -> PaperForm:
    sent = request.POST if request.method == "POST" else None
    options: dict[str, Any] = {"initial": {"on": day}, "document": act.document, "text": act.text}
    if act.key == "exit-request":
        early = rules.exit.early
        said = () if early is None else early.conditions_en if english() else early.conditions
        conditions = [(str(n), words) for n, words in enumerate(said, 1)]
        return ExitForm(sent, conditions=conditions, **options)
    return PaperForm(sent, outcomes=list(act.outcomes), **options)


def _judges(act: acting.Act, entry: Listing, rules: CreditList) -> bool:
    if act.key in ("exit-decision", "revoke"):
        return True
    coming = next_step(rules.steps, done_so_far(entry)) if act.key == "next" else None
    return coming is not None and coming.kind in acting.JUDGING


def _do(actor: Actor, entry: Listing, act: acting.Act, given: dict[str, Any], rules: CreditList) -> None:
    paper = Paper(given["document"], given["text"], given.get("outcome", ""), given["on"])
    if act.key == "exit-request":
        leaving.ask_exit(actor, entry, [int(n) for n in given["conditions"]], paper)
    elif act.key == "exit-decision":
        leaving.decide_exit(actor, entry, paper)
    elif act.key == "revoke":
        leaving.revoke(actor, entry, paper)
    elif act.key == "answer":
        take(actor, entry, "answer", paper)
    else:
        coming = next_step(rules.steps, done_so_far(entry))
        take(actor, entry, coming.kind if coming else "", paper)
