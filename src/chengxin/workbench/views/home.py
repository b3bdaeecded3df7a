"""The first page after signing in: what is due today, what is late, what came back, whatever one's roles (F-26, R-024)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from chengxin.accounts.guards import actor_of, signed_in
from chengxin.accounts.models import CITIZENS, Role
from chengxin.cases import desk, looking
from chengxin.collection.queries import to_mend, to_release, visible
from chengxin.registry.packs import policies
from chengxin.workbench import case_queue
from chengxin.workbench.labels import with_items
from chengxin.workbench.todo import counts, waiting_for

_SHOWN = 5


@signed_in
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Four numbers, the kinds of work that wait, and of those that are most frequent the first few rows."""
    actor, today = actor_of(request), timezone.localdate()
    packs = policies()
    found = waiting_for(actor, today)
    cases = list(desk.to_act(actor).select_related("record__subject")[:_SHOWN])
    looking.note_lines(actor, cases)
    reports, audits = bool(actor.organisations(Role.REPORTER)), bool(actor.organisations(Role.AUDITOR))
    shown = {
        "counts": counts(found, sum(w.count for w in found)),
        "cards": [w.card for w in found],
        "cases": case_queue.table(cases, case_queue.MINE, today) if cases else None,
        "reports": reports,
        "audits": audits,
        "release": with_items(packs, to_release(actor)[:_SHOWN]) if audits else [],
        "mend": with_items(packs, to_mend(actor)[:_SHOWN]) if reports else [],
        "recent": with_items(packs, visible(actor)[:_SHOWN]),
        "today": today,
        "citizen": any(actor.roles.get(o, frozenset()) & set(CITIZENS) for o in actor.roles),
        "nobody": not actor.roles,
    }
    return render(request, "workbench/home.html", shown)
