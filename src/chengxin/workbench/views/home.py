"""The first page after signing in: what waits for me (F-02, R-024, R-031)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from chengxin.accounts.guards import actor_of, signed_in
from chengxin.accounts.models import Role
from chengxin.collection.queries import to_mend, to_release, visible
from chengxin.registry.packs import policies
from chengxin.registry.queries import doubts_of
from chengxin.workbench.labels import with_items

_SHOWN = 10


@signed_in
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Batches to release, batches to mend, doubts to settle, and what happened last."""
    actor = actor_of(request)
    packs = policies()
    units = actor.organisations(Role.REPORTER, Role.AUDITOR)
    held = doubts_of(units)
    shown = {
        "reports": bool(actor.organisations(Role.REPORTER)),
        "audits": bool(actor.organisations(Role.AUDITOR)),
        "release": with_items(packs, to_release(actor)[:_SHOWN]),
        "mend": with_items(packs, to_mend(actor)[:_SHOWN]),
        "doubts": held.count() if units else 0,
        "recent": with_items(packs, visible(actor)[:_SHOWN]),
        "today": timezone.localdate(),
    }
    return render(request, "workbench/home.html", shown)
