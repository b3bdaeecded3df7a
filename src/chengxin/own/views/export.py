"""Everything that is held of the subject, to take away (PIPL 45): as JSON for programs, as CSV for people."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from chengxin.accounts.guards import may
from chengxin.own import speaking
from chengxin.own.exporting import archive_of, parts_for
from chengxin.own.pages import page
from chengxin.own.speaking import Place


@may("own.look", of=speaking.subject_place)
@require_safe
def export(request: HttpRequest, here: Place) -> HttpResponse:
    """What is in the archive."""
    parts: list[tuple[str, Any]] = [(name, part.told) for name, part in parts_for(here).items()]
    return page(request, "export", here, {"parts": parts})


@may("own.look", of=speaking.subject_place)
@require_POST
def archive(request: HttpRequest, here: Place) -> HttpResponse:
    """The archive; making it is a look at everything and on record as such."""
    name = f"chengxin-{here.code}-{timezone.localdate()}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(archive_of(here), content_type="application/zip", headers=headers)
