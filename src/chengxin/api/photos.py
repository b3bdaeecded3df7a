"""Photos of inspections by API: what an app on a telephone sends with a result, and whoever sees the plan looks at (R-166)."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Path, Router, Schema, Status

from chengxin.accounts.actors import Actor
from chengxin.api.door import Asked, may, operation
from chengxin.api.errors import malformed, too_large
from chengxin.supervision import looking
from chengxin.supervision.inspection import photos
from chengxin.supervision.inspection.queries import find_plan
from chengxin.supervision.models import Task, TaskPhoto

router = Router(tags=["supervision"])
PlanNumber = Annotated[str, Path(max_length=20, description="Such as P000001.")]
Code = Annotated[str, Path(max_length=64, description="Code of a drawn subject.")]
Id = Annotated[int, Path(ge=1, le=2**62)]
_BODY = {
    "requestBody": {
        "required": True,
        "description": "A JPEG, PNG or WebP of at most 20 MB, found by its content. It is drawn anew: what a camera writes"
        " into it (place, device) is not kept.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary", "minLength": 1}}},
    }
}
_JPEG = {"responses": {200: {"description": "The photo", "content": {"image/jpeg": {}}}}}


class PhotoOut(Schema):
    """A photo as it is kept."""

    id: int
    sha256: str
    size: int
    width: int
    height: int
    added_by: str
    added_at: datetime


class PhotoAdded(PhotoOut):
    """`placed`: the file had said where it was taken; what is kept does not."""

    placed: bool


class PhotoPage(Schema):
    photos: list[PhotoOut]


def _task(_actor: Actor, number: str, code: str) -> Task:
    found = find_plan(number)
    return Task.objects.select_related("plan", "subject").get(plan=found, code=code) if found else _none()


def _none() -> Task:
    raise Task.DoesNotExist


def _photo(_actor: Actor, number: str, code: str, id: str) -> TaskPhoto:
    """The door looks before the address is read: what is no number is nothing's number."""
    pk = int(id) if id.isascii() and id.isdigit() and len(id) < 19 else 0
    found = TaskPhoto.objects.select_related("task__plan", "task__subject")
    photo = found.get(pk=pk, task__code=code, removed_at=None)
    if photo.task.plan.number != number:
        raise TaskPhoto.DoesNotExist
    return photo


@operation(
    router, "GET", "/plans/{number}/tasks/{code}/photos", may("inspection.photos"), of=_task,
    response={200: PhotoPage}, errors=(403, 404, 422),
)  # fmt: skip
def list_inspection_photos(request: Asked, number: PlanNumber, code: Code) -> Any:
    """The photos that stand with the result of a drawn subject."""
    looking.note_tasks(request.auth.actor, [request.auth.target])
    return {"photos": [_told(p) for p in photos.photos_of(request.auth.target)]}


@operation(
    router, "POST", "/plans/{number}/tasks/{code}/photos", may("inspection.work"), of=_task,
    response={201: PhotoAdded}, errors=(400, 403, 404, 413, 422), extra=_BODY,
)  # fmt: skip
def add_inspection_photo(request: Asked, number: PlanNumber, code: Code) -> Any:
    """Attach a photo to a result that has not gone to the register yet; the same photo again is the one there is."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > photos.MAX_BYTES:
        raise too_large(photos.MAX_BYTES)
    if int(length) == 0:
        raise malformed("没有照片，或没有写明 Content-Length", "there is no photo, or no Content-Length")
    drawn = photos.draw(io.BytesIO(request.read(int(length))))
    made = photos.add(request.auth.actor, request.auth.target, drawn)
    return Status(201, {**_told(made), "placed": drawn.placed})


@operation(
    router, "GET", "/plans/{number}/tasks/{code}/photos/{id}", may("inspection.photo"), of=_photo,
    response={200: None}, errors=(403, 404, 422), extra=_JPEG,
)  # fmt: skip
def get_inspection_photo(request: Asked, number: PlanNumber, code: Code, id: Id) -> HttpResponse:
    """One photo; opening it is a look that its subject sees."""
    looking.note_photo(request.auth.actor, request.auth.target.task)
    return HttpResponse(photos.content_of(request.auth.target), content_type="image/jpeg")


@operation(
    router, "POST", "/plans/{number}/tasks/{code}/photos/{id}/remove", may("inspection.photo"), of=_photo,
    response={200: PhotoPage}, errors=(403, 404, 422),
)  # fmt: skip
def remove_inspection_photo(request: Asked, number: PlanNumber, code: Code, id: Id) -> Any:
    """Take a photo off a result that has not gone to the register yet; that it was there stays on record."""
    photos.remove(request.auth.actor, request.auth.target)
    return {"photos": [_told(p) for p in photos.photos_of(request.auth.target.task)]}


def _told(photo: TaskPhoto) -> dict[str, Any]:
    return {name: getattr(photo, name) for name in PhotoOut.model_fields}
