"""Doubtful records: stored, shown to both sides, neither published nor shared until somebody settles them (R-051)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from chengxin.accounts.actors import Actor
from chengxin.accounts.guards import actor_of, may, signed_in
from chengxin.accounts.models import Role
from chengxin.accounts.rules import Denied, allow, require
from chengxin.audit.actions import record as trace
from chengxin.collection import actions
from chengxin.collection.doubts import Comparison, Reader, compare, explain, note
from chengxin.collection.models import Batch
from chengxin.collection.queries import visible
from chengxin.collection.settling import WITHDRAW
from chengxin.design.filters import filter_tags
from chengxin.design.shapes import Cell, Column, Crumb, Fact, Table
from chengxin.policy.catalogue import Item
from chengxin.policy.policies import Policies
from chengxin.registry.models import Record
from chengxin.registry.packs import policies
from chengxin.registry.queries import doubts_of, other_claims, rivals_of
from chengxin.workbench.forms import DoubtFilterForm, SettleForm
from chengxin.workbench.labels import agency_label, item_label, item_of

PER_PAGE = 20


@dataclass(frozen=True)
class Doubt:
    """A doubtful record and the batch that brought it; to the rules it is like that batch."""

    record: Record
    batch: Batch

    @property
    def source_id(self) -> str:
        return self.batch.source_id

    @property
    def submitted_by(self) -> str:
        return self.batch.submitted_by


def _doubt(actor: Actor, pk: int) -> Doubt:
    record = doubts_of().get(pk=pk)
    return Doubt(record, visible(actor).get(pk=actions.batch_that_brought(record).pk))


@signed_in
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """My units' doubtful records with what is doubtful, and other units' that contradict ours."""
    actor = actor_of(request)
    units = actor.organisations(Role.REPORTER, Role.AUDITOR)
    everything = bool(actor.organisations(Role.STEWARD))
    packs = policies()
    held = doubts_of(None if everything else units)
    form = filter_of(packs, held, request)
    page = Paginator(held.filter(**form.lookups()), PER_PAGE).get_page(request.GET.get("page"))
    doubts = _told(packs, page.object_list, reader_of(actor))
    rivals = [] if everything else rivals_of(units, timezone.localdate())[:PER_PAGE]
    note(actor, [(d["record"], _on_list(d["item"])) for d in doubts] + [(r, ()) for r in rivals])
    shown = {
        "page": page,
        "form": form,
        "tags": filter_tags(form, request.GET),
        "doubts": doubts,
        "rivals": [_named(packs, r) for r in rivals],
        "everything": everything,
        "decides": page.paginator.count and actor.organisations(Role.AUDITOR),
    }
    return render(request, "workbench/doubts.html", shown)


def reader_of(actor: Actor) -> Reader:
    """Who submits or checks in a unit reads its rows as they stand; the centre reads like everybody who looks by duty."""
    return Reader(frozenset(actor.organisations(Role.REPORTER, Role.AUDITOR)), timezone.localdate())


def _on_list(item: Item | dict[str, str]) -> tuple[str, ...]:
    """The field that stands on the list for a record."""
    return (item.record.title,) if isinstance(item, Item) and item.record.title else ()


def filter_of(packs: Policies, held: QuerySet[Record], request: HttpRequest) -> DoubtFilterForm:
    pairs = list(held.order_by().values_list("item", "source").distinct())
    items = [(i, item_label(packs, i)) for i in sorted({i for i, _source in pairs})]
    sources = [(s, agency_label(packs, s)) for s in sorted({s for _item, s in pairs})]
    return DoubtFilterForm(request.GET, items=items, sources=sources)


@may("batch.see", of=_doubt)
@require_http_methods(["GET", "HEAD", "POST"])
def settle(request: HttpRequest, doubt: Doubt) -> HttpResponse:
    """One doubtful record in full; an auditor confirms it, or withdraws it as wrong, with a reason."""
    actor = actor_of(request)
    form = SettleForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        require(actor, "doubt.settle", doubt)
        if form.is_valid():
            return _settled(request, actor, doubt, form)
    else:
        trace(actor.name, "record.look", "record", doubt.record.pk, purpose="doubt")
    return _page(request, actor, doubt, form)


def _page(request: HttpRequest, actor: Actor, doubt: Doubt, form: SettleForm) -> HttpResponse:
    packs = policies()
    why_not = ""
    try:
        require(actor.looking(), "doubt.settle", doubt)
    except Denied as denied:
        why_not = str(denied)
    reader = reader_of(actor)
    told = _told(packs, [doubt.record], reader)[0]
    claims = other_claims(doubt.record, reader.day)
    heads = [doubt.record, *claims]
    sides = compare(packs, heads, reader) if claims else Comparison([], {})
    shown_of = {doubt.record.pk: told["told"].told, **sides.told}
    note(actor, [(h, shown_of.get(h.pk, ())) for h in heads], basis=f"doubt {doubt.record.pk}")
    shown = {
        **told,
        "crumbs": [Crumb(_("存疑的信息"), reverse("doubts"))],
        "facts": _facts(packs, doubt, told),
        "sides": _sides(packs, heads, sides) if sides.rows else None,
        "form": form,
        "may_settle": allow(actor, "doubt.settle", doubt),
        "may_mend": allow(actor, "batch.submit", doubt.source_id),
        "batch": doubt.batch,
        "why_not": why_not,
    }
    return render(request, "workbench/doubt.html", shown, status=422 if form.errors else 200)


def _facts(packs: Policies, doubt: Doubt, named: dict[str, Any]) -> list[Fact]:
    subject, told = doubt.record.subject, named["told"]
    row = _("第 %(row)s 行") % {"row": told.row} if told.row else ""
    brought = " · ".join(x for x in (named["source"], doubt.batch.number, row) if x)
    facts = [
        Fact(_("主体"), f"{subject.name} {subject.code}"),
        Fact(_("目录项"), item_label(packs, doubt.record.item)),
        Fact(_("来自"), brought, reverse("batch", args=[doubt.batch.pk])),
    ]
    return facts + [Fact(label, value) for label, value in told.fields]


def _sides(packs: Policies, heads: Sequence[Record], said_by: Comparison) -> Table:
    """What each side says, field by field, those that differ first (R-051, R-056); the record in doubt is the first."""
    columns = [Column(_("栏目")), *(Column(_side(packs, h, heads[0])) for h in heads), Column(_("是否一致"))]
    rows = []
    for label, values, differs in said_by.rows:
        said = Cell(_("不一致"), tone="warn") if differs else Cell(_("一致"), tone="")
        rows.append([label, *(v if v not in (None, "") else "—" for v in values), said])
    return Table(_("两边各说了什么"), columns, rows)


def _side(packs: Policies, head: Record, record: Record) -> str:
    name = agency_label(packs, head.source)
    return _("%(name)s（这一条）") % {"name": name} if head.pk == record.pk else name


def _settled(request: HttpRequest, actor: Actor, doubt: Doubt, form: SettleForm) -> HttpResponse:
    stands = request.POST.get("verdict") != WITHDRAW
    try:
        actions.settle(actor, doubt.record, form.cleaned_data["reason"], stands=stands)
    except actions.NotPossible:
        messages.error(request, _("这一条已经不存疑了，可能别人刚刚处理过。"))
    else:
        said = (
            _("已确认，这一条现在生效。") if stands else _("已撤回，这一条留在档案里，不再生效；改好的可以重新报送。")
        )
        messages.success(request, said)
    return redirect("doubts")


def _told(packs: Policies, records: Iterable[Record], reader: Reader) -> list[dict[str, Any]]:
    return [{**_named(packs, told.record), "told": told} for told in explain(packs, records, reader)]


def _named(packs: Policies, record: Record) -> dict[str, Any]:
    return {"record": record, "item": item_of(packs, record.item), "source": agency_label(packs, record.source)}
