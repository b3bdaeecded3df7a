"""Faulty rows corrected on the page; the corrected ones go out as a batch of their own (R-031, R-049, R-057)."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from chengxin.accounts.actors import Actor
from chengxin.accounts.guards import actor_of, may
from chengxin.accounts.rules import require
from chengxin.accounts.words import english
from chengxin.audit.actions import record as trace
from chengxin.collection import actions, jobs, mending
from chengxin.collection.models import Batch
from chengxin.collection.queries import visible
from chengxin.design.shapes import Crumb
from chengxin.engine.readers import FileRefused
from chengxin.policy.policies import UnknownPolicy
from chengxin.registry.packs import policies
from chengxin.workbench.labels import item_of
from chengxin.workbench.mend_form import MendForm, rows_per_page

_CELL = re.compile(r"r([0-9]{1,12})-")


def _batch(actor: Actor, pk: int) -> Batch:
    return visible(actor).get(pk=pk)


@may("batch.see", of=_batch)
@require_http_methods(["GET", "HEAD", "POST"])
def mend(request: HttpRequest, batch: Batch) -> HttpResponse:
    """The rows that can be corrected now, a page at a time; sending checks them at once like every other file."""
    actor = actor_of(request)
    require(actor, "batch.submit", batch.source_id)
    try:
        return _mended(request, actor, batch)
    except FileRefused as refusal:
        messages.error(request, refusal.message_en if english() else refusal.message)
    except UnknownPolicy:
        messages.error(request, _("目录里已经没有这一项，不能在这里改；请联系公共信用信息中心。"))
    return redirect("batch", batch.pk)


def _mended(request: HttpRequest, actor: Actor, batch: Batch) -> HttpResponse:
    posted = request.method == "POST"
    waiting, fields = mending.to_mend(batch), mending.fields_of(batch)
    most = rows_per_page(fields)
    page = Paginator(waiting.rows.tolist(), most).get_page(request.GET.get("page"))
    # What was sent is read again by its own numbers: a second click, or a page that has moved on, changes no other row.
    numbers = _posted(request, waiting)[:most] if posted else list(page.object_list)
    rows = mending.read_rows(batch, numbers) if numbers else []
    form = MendForm(request.POST if posted else None, rows=rows, fields=fields, packs=policies())
    if posted and form.is_valid() and (sent := _sent(request, actor, batch, form)):
        return sent
    if not posted:
        trace(actor.name, "batch.rows", "batch", batch.pk, rows=len(rows))
    return _page(request, batch, form, {"waiting": waiting, "page": page, "unread": len(numbers) - len(rows)})


def _posted(request: HttpRequest, waiting: mending.ToMend) -> list[int]:
    """The rows that the form speaks of, among those that can or could be corrected."""
    found = {int(m[1]) for name in request.POST if (m := _CELL.match(name))}
    return sorted(found & {*waiting.rows.tolist(), *waiting.gone.tolist()})


def _sent(request: HttpRequest, actor: Actor, batch: Batch, form: MendForm) -> HttpResponse | None:
    """To the batch of the corrected rows; None when the form has to be shown again with what is wrong."""
    try:
        made = mending.send(actor, batch, form.changes(), form.cleaned_data["token"])
    except actions.NotAccepted as refusal:
        form.add_error(None, str(refusal))
        return None
    n = len(made.mended_rows)
    said = ngettext("改好的 %(n)s 行已作为新的一批报送。", "改好的 %(n)s 行已作为新的一批报送。", n) % {"n": n}
    messages.success(request, said + _("原来那一批没有改动。"))
    return redirect("batch", jobs.run_if_small(made).pk)


def _page(request: HttpRequest, batch: Batch, form: MendForm, shown: dict[str, Any]) -> HttpResponse:
    packs = policies()
    rules = {r.id: r for r in packs.rules(batch.item, timezone.localdate(batch.submitted_at))}
    answer = {
        **shown,
        "batch": batch,
        "item": item_of(packs, batch.item),
        "form": form,
        "blocks": form.blocks(rules),
        "crumbs": [
            Crumb(_("批次"), reverse("batches")),
            Crumb(batch.number, reverse("batch", args=[batch.pk])),
        ],
    }
    return render(request, "workbench/batch_mend.html", answer, status=422 if form.errors else 200)
