"""A list the subject is on, or may come on: why, by which steps, until when, and what it can do (R-170, G-05)."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chengxin.accounts.guards import may
from chengxin.design.shapes import Crumb, Event, Fact
from chengxin.own import speaking
from chengxin.own.applying import title_of
from chengxin.own.pages import page, unit_name
from chengxin.own.speaking import Place
from chengxin.registry.models import Record
from chengxin.supervision.lists.queries import described, told_to


def _of_entry(actor: Any, code: str, entry: int) -> Place:
    found = speaking.subject_place(actor, code)
    if found.subject is None:
        raise Http404
    return speaking.with_thing(found, told_to(found.subject).get(pk=entry))


@may("own.look", of=_of_entry)
@require_safe
def listing(request: HttpRequest, here: Place) -> HttpResponse:
    """One entry: its ground, its steps, the records it rests on, exit and remedy."""
    told = described(here.thing, timezone.localdate())
    facts = [
        Fact(_("现在"), told["state_label"]), Fact(_("认定部门"), unit_name(here.thing.department)),
        Fact(_("认定情形"), told["criterion"]), Fact(_("理由"), told["reason"]), Fact(_("列入日期"), told["listed_on"]),
        Fact(_("期满日期"), told["expires_on"]), Fact(_("移出日期"), told["ended_on"]),
        Fact(_("怎样移出"), told["exit"]), Fact(_("救济途径"), told["remedy"]), Fact(_("依据"), told["basis"]),
    ]  # fmt: skip
    return page(request, "listing", here, {
        "told": told,
        "crumbs": [Crumb(_("信用记录"), reverse("own-profile", args=[here.code]))],
        "facts": [f for f in facts if f.value],
        "records": [(title_of(r), reverse("own-record", args=[here.code, r.pk])) for r in _records(here, told["records"])],
        "steps": [Event(s["on"], _step(s["kind"]), s["text"], s["document"]) for s in told["steps"] if s["kind"] != "proposal"],
    })  # fmt: skip


def _records(here: Place, ids: list[int]) -> list[Record]:
    return list(Record.objects.filter(pk__in=ids, subject=here.subject).order_by("pk"))


def _step(kind: str) -> str:
    words = {
        "notice": _("告知"), "answer": _("我方陈述申辩"), "hearing": _("听证"), "publicity": _("公示征求意见"),
        "verification": _("核实异议"), "review": _("审核"), "decision": _("决定"), "service": _("送达"),
        "publication": _("公布"),
    }  # fmt: skip
    return words.get(kind, _("移出"))
