"""A report as a file, for whoever may take it: the same record and the same look wherever it is taken (R-121, G-10)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from chengxin.accounts.guards import actor_of
from chengxin.audit.actions import record as trace
from chengxin.reports import looking, queries
from chengxin.reports.models import Report


def as_pdf(request: HttpRequest, made: Report) -> HttpResponse:
    """The PDF as it was issued, seal included; taking it is on record and seen by the subject. Whoever calls has asked the
    rules."""
    actor = actor_of(request)
    trace(actor.name, "report.download", "report", made.number, file="pdf", channel="page")
    looking.note_taken(actor, made)
    name = {"Content-Disposition": f'attachment; filename="{made.number}.pdf"'}
    return HttpResponse(queries.pdf_of(made), content_type="application/pdf", headers=name)
