"""Cases by API: which procedures there are, open, see, take a step, attach, read letters (W-01 to W-28, R-212 to R-248)."""

from __future__ import annotations

import base64
import binascii
import io
from typing import Annotated, Any, Literal

from django.http import FileResponse, HttpResponse
from django.urls import reverse
from django.utils import timezone
from ninja import Path, Query, Router, Status

from chengxin.accounts.actors import Actor
from chengxin.api.case_shapes import (
    AttachmentOut,
    CaseIn,
    CaseOut,
    CasePage,
    EligibilityOut,
    MaterialIn,
    ProceduresOut,
    StepIn,
)
from chengxin.api.cursors import paged
from chengxin.api.door import Asked, operation, public, signed_in
from chengxin.api.errors import Problem, malformed, too_large
from chengxin.api.shapes import Cursor, Limit, Slug
from chengxin.cases import actions, looking, pdf, queries, result_tables
from chengxin.cases.actions import Upload
from chengxin.cases.models import Attachment, Case
from chengxin.cases.queries import eligibility, visible
from chengxin.policy.procedures import Procedure
from chengxin.registry.models import Record
from chengxin.registry.packs import policies

router = Router(tags=["cases"])
Number = Annotated[str, Path(max_length=60, description="The case's number, such as 异议〔2026〕1号, percent-encoded.")]
LARGEST_MATERIAL = 200 << 20
"""No material of any pack may be larger (policy/procedures.py); its own cap is asked when it is taken."""
_SHOWN = ("id", "label", "label_en", "version", "about", "handler")
_PARTS = ("asks", "materials", "steps", "clocks")


def _case(actor: Actor, number: str, **_more: str) -> Case:
    """What one may not see does not exist. Raises `Case.DoesNotExist`."""
    return visible(actor).get(number=number)


@operation(
    router, "GET", "/procedures", public("how everything is applied for, and how long it may take, is public"),
    response={200: ProceduresOut, 304: None},
)  # fmt: skip
def list_procedures(request: Asked) -> Any:
    """The procedures in force today: questions, materials, steps and terms."""
    day = timezone.localdate()
    return {"procedures": [_told(p) for p in policies().of(Procedure) if p.effective.holds(day)]}


@operation(router, "GET", "/cases", signed_in(), response={200: CasePage}, errors=(400, 422))
def list_cases(
    request: Asked,
    procedure: Slug | None = None,
    state: Slug | None = None,
    subject: Annotated[str | None, Query(None, max_length=64, pattern=r"^[^\x00]*$")] = None,
    closed: bool = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Any:
    """The cases you may see, the newest first; those that are over only with `closed`. Each line is a look that its subject
    sees, once a day."""
    wanted = {"procedure": procedure, "state": state, "subject_code": subject}
    rows = visible(request.auth.actor).filter(**{k: v for k, v in wanted.items() if v is not None})
    rows = rows if closed else rows.filter(closed_on=None)
    found, following = paged(rows.select_related("record__subject").prefetch_related("terms"), limit, cursor)
    looking.note_lines(request.auth.actor, found)
    return {"cases": [queries.summary(case) for case in found], "next": following}


@operation(
    router, "POST", "/cases", signed_in(), response={201: CaseOut}, errors=(400, 403, 409, 413, 422, 507)
)  # fmt: skip
def open_case(request: Asked, response: HttpResponse, payload: CaseIn) -> Any:
    """Open a case: an objection, a repair, a commitment, whatever the packs declare; its clocks begin."""
    opening = actions.Opening(
        payload.procedure, payload.record, payload.subject, payload.source, payload.form,
        tuple(_upload(m) for m in payload.materials), payload.key, payload.parent,
    )  # fmt: skip
    case = actions.open_case(request.auth.actor, opening)
    response.headers["Location"] = reverse("api:get_case", kwargs={"number": case.number})
    return Status(201, queries.told(case, request.auth.actor))


@operation(router, "GET", "/cases/{number}", signed_in(), of=_case, response={200: CaseOut}, errors=(404,))
def get_case(request: Asked, number: Number) -> Any:
    """A case in full, as you may see it: state, terms, timeline, letters, receivers, and the steps you may take."""
    told = queries.told(request.auth.target, request.auth.actor)
    looking.note(request.auth.actor, request.auth.target)
    return told


@operation(
    router, "POST", "/cases/{number}/steps/{step}", signed_in(), of=_case,
    response={200: CaseOut}, errors=(400, 403, 404, 409, 413, 422, 507),
)  # fmt: skip
def take_step(request: Asked, number: Number, step: Annotated[str, Path(max_length=60)], payload: StepIn) -> Any:
    """Take a step of a case. Of two who decide at once one is told that the case has moved on (409)."""
    case = actions.act(
        request.auth.actor, number, step, reason=payload.reason, form=payload.form, expect=payload.expect,
        key=payload.key,
    )  # fmt: skip
    return queries.told(case, request.auth.actor)


@operation(
    router, "POST", "/cases/{number}/materials/{material}", signed_in(), of=_case,
    response={201: AttachmentOut}, errors=(400, 403, 404, 409, 413, 422, 507),
)  # fmt: skip
def attach_material(
    request: Asked,
    number: Number,
    material: Annotated[str, Path(max_length=60)],
    name: Annotated[str, Query(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$", description="File name.")],
) -> Any:
    """Attach evidence, sent as the body: its type is found by content, its size is capped by the pack."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > LARGEST_MATERIAL:
        raise too_large(LARGEST_MATERIAL)
    kept = actions.attach(request.auth.actor, number, Upload(material, name, request))  # type: ignore[arg-type]
    return Status(201, _attachment(kept))


@operation(
    router, "GET", "/cases/{number}/materials/{attachment}/file", signed_in(), of=_case,
    response={200: None}, errors=(404, 422),
    extra={"responses": {200: {"description": "The file", "content": {"application/octet-stream": {}}}}},
)  # fmt: skip
def get_material(request: Asked, number: Number, attachment: Annotated[int, Path(ge=1, le=2**62)]) -> FileResponse:
    """A piece of evidence as it was handed in, never to be shown inline; the look is recorded."""
    if not Attachment.objects.filter(pk=attachment, case=request.auth.target).exists():
        raise Problem("not-found")
    kept, lies = looking.evidence(request.auth.actor, number, attachment)
    return FileResponse(
        lies.open("rb"), as_attachment=True, filename=kept.file_name, content_type="application/octet-stream"
    )


@operation(
    router, "GET", "/cases/{number}/materials/{attachment}/table.{form}", signed_in(), of=_case,
    response={200: None}, errors=(404, 422),
    extra={"responses": {200: {"description": "The result as a table", "content": {
        media.partition(";")[0]: {"schema": {"type": "string", "format": "binary"}}
        for media in result_tables.MEDIA.values()
    }}}},
)  # fmt: skip
def get_result_table(
    request: Asked, number: Number, attachment: Annotated[int, Path(ge=1, le=2**62)], form: Literal["csv", "xlsx"]
) -> HttpResponse:
    """The sealed result of a batch query or a credit review as CSV or XLSX; the look is recorded, as at the file itself."""
    if not Attachment.objects.filter(pk=attachment, case=request.auth.target).exists():
        raise Problem("not-found")
    name, content = looking.result_table(request.auth.actor, number, attachment, form)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=result_tables.MEDIA[form], headers=headers)


@operation(
    router, "GET", "/cases/{number}/letters/{letter}/pdf", signed_in(), of=_case, response={200: None}, errors=(404,),
    extra={"responses": {200: {"description": "The letter", "content": {"application/pdf": {}}}}},
)  # fmt: skip
def get_letter(
    request: Asked, number: Number, letter: Annotated[str, Path(max_length=60)], english: bool = False
) -> HttpResponse:
    """A letter (文书) as PDF, the same bytes each time; the look is recorded."""
    found = looking.letter(request.auth.actor, request.auth.target, letter)
    if found is None:
        raise Problem("not-found")
    name = {"Content-Disposition": f'attachment; filename="letter-{found.pk}.pdf"'}
    return HttpResponse(pdf.render(found, "en" if english else "zh"), content_type="application/pdf", headers=name)


@operation(
    router, "GET", "/records/{record}/repair", signed_in(), response={200: EligibilityOut}, errors=(403, 404, 422)
)  # fmt: skip
def get_repair_eligibility(request: Asked, record: Annotated[int, Path(ge=1, le=2**62)]) -> Any:
    """What a record of a subject you speak or work for still lacks to be repaired, each with its remedy."""
    found = Record.objects.select_related("subject").filter(pk=record).first()
    if found is None or not queries.concerns(request.auth.actor, found):
        raise Problem("not-found")
    looking.note_eligibility(request.auth.actor, found)
    day = timezone.localdate()
    return {"record": record, "day": day, "unmet": [vars(u) for u in eligibility(found, day)]}


def _told(procedure: Procedure) -> dict[str, Any]:
    told = {name: getattr(procedure, name) for name in _SHOWN}
    parts = procedure.model_dump(mode="json", by_alias=True, exclude_defaults=True, include={*_PARTS, "opening"})
    return {**told, **{name: parts.get(name, []) for name in _PARTS}, "opening": parts.get("opening", {})}


def _upload(given: MaterialIn) -> Upload:
    try:
        content = base64.b64decode(given.content, validate=True)
    except (binascii.Error, ValueError) as error:
        raise malformed("材料的 content 不是 Base64", "the content of a material is not Base64") from error
    return Upload(given.material, given.name, io.BytesIO(content))


def _attachment(kept: Attachment) -> dict[str, Any]:
    return {
        "id": kept.pk, "material": kept.material, "name": kept.file_name, "media": kept.media, "sha256": kept.sha256,
        "size": kept.size,
    }  # fmt: skip
