"""What is held of the subject, public or not, and one record with everything that can be done about it (R-080, R-219)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chengxin.accounts.guards import may
from chengxin.accounts.persons import SCHEME
from chengxin.cases.applying import Offer, cases_of, offers
from chengxin.cases.queries import eligibility
from chengxin.design.shapes import Crumb, Event, Fact, Tab
from chengxin.own import dossier, speaking
from chengxin.own.casework import state
from chengxin.own.pages import named, page, spoken, unit_name
from chengxin.own.speaking import Place
from chengxin.registry.action_words import action_label
from chengxin.registry.models import Record
from chengxin.registry.packs import policies
from chengxin.registry.queries import history_of


@may("own.look", of=speaking.subject_place)
@require_safe
def profile(request: HttpRequest, here: Place) -> HttpResponse:
    """Identity, counts, chapters, and what will change by itself."""
    today, packs = timezone.localdate(), policies()
    if here.subject is None:
        return page(request, "profile", here, {"profile": None})
    found = dossier.held(here, today)
    records = found["records"]
    only = request.GET.get("show", "")
    shown = [r for r in records if _wanted(r, only)]
    return page(request, "profile", here, {
        "profile": found,
        "facts": _identity(found),
        "counts": dossier.counts(records),
        "chapters": dossier.chapters(shown, here.code, packs, today),
        "coming": dossier.coming(records, here.code, today),
        "only": only,
        "tabs": _tabs(here, only),
        "all": len(records),
    })  # fmt: skip


@may("own.look", of=speaking.record)
@require_safe
def record(request: HttpRequest, here: Place) -> HttpResponse:
    """One record: what it says, who sees it until when, where it comes from, object and repair with what is still lacking."""
    today = timezone.localdate()
    head: Record = here.thing
    line = next((r for r in dossier.held(here, today, item=head.item)["records"] if r["id"] == head.pk), None)
    if line is None:
        raise Http404
    open_cases = list(cases_of(here.actor, here.held_code, here.unit).filter(record=head).order_by("-pk"))
    busy = {c.procedure for c in open_cases if c.closed_on is None}
    found = offers(here.actor, here.held_code, today, here.kind)
    ways = [_way(o, here, head, today) for o in found if o.takes(head)]
    return page(request, "record", here, {
        "record": line,
        "crumbs": [Crumb(_("信用记录"), reverse("own-profile", args=[here.code]))],
        "standing": dossier.standing(line),
        "facts": _facts(line),
        "fields": [Fact(named(f), f["value"]) for f in line["fields"]],
        "provenance": _provenance(line),
        "history": _history(head),
        "ways": sorted((w for w in ways if w["procedure"] not in busy), key=lambda w: w["rank"]),
        "cases": [(c, reverse("own-case", args=[here.code, c.number]), state(c)) for c in open_cases],
    })  # fmt: skip


def _tabs(here: Place, only: str) -> list[Tab]:
    """The records narrowed to what one looks for."""
    where = reverse("own-profile", args=[here.code])
    ways = {"": _("全部"), "adverse": _("不利信息"), "public": _("公开的"), "closed": _("不公开的")}
    return [
        Tab(label, f"{where}{f'?show={key}' if key else ''}#records", current=key == only)
        for key, label in ways.items()
    ]


def _wanted(record: Mapping[str, Any], only: str) -> bool:
    return {
        "public": record["public"], "closed": not record["public"], "adverse": dossier.adverse(record),
    }.get(only, True)  # fmt: skip


def _identity(found: Mapping[str, Any]) -> list[Fact]:
    facts = [
        Fact(_("统一社会信用代码") if found["scheme"] == "uscc" else _("代码"), _code(found), code=True),
        Fact(_("主体类别"), found["kind_label"]), Fact(_("登记状态"), found["status"]),
        Fact(_("成立日期"), found["registered_on"]), Fact(_("住所"), found["address"]),
        Fact(_("曾用名"), _("、").join(found["former_names"])),
    ]  # fmt: skip
    return [f for f in facts if f.value]


def _code(found: Mapping[str, Any]) -> str:
    """The subject's code; a person's is a hash that tells nobody anything."""
    return "" if found["scheme"] == SCHEME else str(found["code"])


def _facts(line: Mapping[str, Any]) -> list[Fact]:
    facts = [
        Fact(_("信息类别"), line["item_label"]), Fact(_("信源单位"), unit_name(line["source"])),
        Fact(_("失信程度"), line["severity_label"] if line["severity"] else ""),
        Fact(_("决定日期"), line["decided_on"]), Fact(_("有效期至"), line["expires_on"]),
        Fact(_("是否公开"), dossier.publicity(line)),
        Fact(_("可以申请修复"), _from(dossier.repair_day(line), line)),
        Fact(_("保存到"), line["retain_until"]), Fact(_("归集依据"), line["basis"]),
    ]  # fmt: skip
    return [f for f in facts if f.value]


def _from(day: str, line: Mapping[str, Any]) -> str:
    return _("从 %(day)s 起") % {"day": day} if day and line["repair_from"] else day


def _provenance(line: Mapping[str, Any]) -> list[Fact]:
    """Where the record comes from: number, batch, row, version (design.md 1: every effect can be traced)."""
    facts = [
        Fact(_("信息编号"), line["id"], code=True), Fact(_("版本"), line["version"], code=True),
        Fact(_("变更序号"), line["change"], code=True), Fact(_("入库时间"), line["recorded_at"]),
        Fact(_("批次"), line["batch"], code=True), Fact(_("批次中的行"), line["row"], code=True),
    ]  # fmt: skip
    return [f for f in facts if f.value]


def _history(head: Record) -> list[Event]:
    """Every state the record has had, the newest first."""
    versions = reversed(history_of(head))
    return [
        Event(v.recorded_at, action_label(v.action), v.reason, _("办件 %(n)s") % {"n": v.case} if v.case else "")
        for v in versions
    ]


def _way(offer: Offer, here: Place, head: Record, today: date) -> dict[str, Any]:
    """What can be applied for about this record; where the procedure asks for conditions of repair, which are not met."""
    procedure = offer.procedure
    asks = any("repair-conditions" in s.guards for s in procedure.steps)
    unmet = eligibility(head, today) if asks else ()
    start = reverse("own-start", args=[here.code, procedure.id])
    return {
        "procedure": procedure.id,
        "rank": (procedure.about == "record", not asks),  # what is open to every record first, then repair
        "label": named(procedure),
        "step": named(procedure.opening),
        "href": f"{start}?{urlencode({'record': head.pk})}",
        "repair": asks,
        "from": head.repair_from if asks else None,
        "early": bool(asks and head.repair_from and head.repair_from > today),
        "unmet": [spoken(u) for u in unmet],
    }
