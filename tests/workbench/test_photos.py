"""Photos at inspections: taken where one inspects, without where that was, kept by hash, seen by who sees the plan (R-166)."""

from __future__ import annotations

import io
import re
from hashlib import sha256
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from chengxin.accounts.actions import make_api_key
from chengxin.accounts.actors import of_user
from chengxin.accounts.models import User
from chengxin.audit.models import Event, Look
from chengxin.supervision.inspection import photos
from chengxin.supervision.models import Task, TaskPhoto

from ..api.client import Api
from . import bureau as b
from .desk import seen
from .test_department import DAY, page, planned, posted

pytestmark = pytest.mark.once
_ORIENTATION, _GPS, _MAKE = 0x0112, 0x8825, 0x010F


@pytest.fixture
def people(store: object) -> dict[str, Client]:
    return b.settle()


@pytest.fixture
def task(people: dict[str, Client]) -> Task:
    """One that the inspector has to do."""
    plan = planned(people)
    posted(people["reporter"], f"{plan}/draw", beacon="3D: 4 7 1")
    return next(t for t in Task.objects.order_by("pk") if "E00" in t.inspectors)


def photo(
    width: int = 60, height: int = 40, form: str = "JPEG", *, placed: bool = False, turned: bool = False
) -> bytes:
    """What a telephone makes: the left half red, the right half blue."""
    image = Image.new("RGB", (width, height), "blue")
    image.paste("red", (0, 0, width // 2, height))
    exif = Image.Exif()
    if placed:
        exif[_MAKE] = "Telephone of 林知夏"
        exif.get_ifd(_GPS).update({1: "N", 2: (32.0, 3.0, 41.0), 3: "E", 4: (118.0, 46.0, 9.0)})
    if turned:
        exif[_ORIENTATION] = 6
    out = io.BytesIO()
    image.save(out, form, exif=exif)
    return out.getvalue()


def saved(client: Client, task: Task, *files: bytes, status: int = 302, **more: Any) -> str:
    form = {"result": "发现问题已责令改正", "inspected_on": DAY, "findings": "台账缺页", **more}
    given = [SimpleUploadedFile(f"{n}.jpg", f) for n, f in enumerate(files, 1)]
    return posted(client, f"/inspections/tasks/{task.pk}", status, photos=given, **form)


def kept() -> list[TaskPhoto]:
    return list(TaskPhoto.objects.filter(removed_at=None).order_by("pk"))


def test_a_photo_is_kept_with_the_result_and_without_where_it_was_taken(people: dict[str, Client], task: Task) -> None:
    """The form works as it is on any telephone: a camera or the album, no script."""
    form = page(people["inspector"], f"/inspections/tasks/{task.pk}")
    assert 'enctype="multipart/form-data"' in form and 'capture="environment"' in form
    given = photo(placed=True)
    assert b"Telephone" in given
    saved(people["inspector"], task, given)
    [made] = kept()
    content = photos.content_of(made)
    assert sha256(content).hexdigest() == made.sha256 and b"Telephone" not in content
    exif = Image.open(io.BytesIO(content)).getexif()
    assert not dict(exif) and not exif.get_ifd(_GPS)
    assert "拍摄位置已经去掉" in page(people["inspector"], "/inspections/tasks")
    event = Event.objects.get(action="inspection.photo")
    assert (event.actor, event.detail["sha256"], event.object) == ("inspector", made.sha256, str(task.pk))
    task.refresh_from_db()
    assert task.result == "发现问题已责令改正"


def test_a_photo_stands_upright_and_is_no_larger_than_it_needs_to_be() -> None:
    turned = photos.draw(io.BytesIO(photo(turned=True)))
    assert (turned.width, turned.height, turned.placed) == (40, 60, False)
    top = Image.open(io.BytesIO(turned.content)).getpixel((20, 5))
    assert isinstance(top, tuple) and top[0] > 200 > top[2], "what was left is on top"
    large = photos.draw(io.BytesIO(photo(4000, 3000)))
    assert (large.width, large.height) == (2560, 1920)
    assert photos.draw(io.BytesIO(photo(form="PNG"))).content.startswith(b"\xff\xd8\xff")
    assert photos.draw(io.BytesIO(photo(form="WEBP"))).content.startswith(b"\xff\xd8\xff")


def bomb() -> bytes:
    """A few kilobytes that would be 400 million pixels."""
    out = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(out, "PNG")
    return out.getvalue()


REFUSED = {
    "text": (lambda: b"<script>alert(1)</script>", "不是 JPEG、PNG 或 WebP 照片"),
    "a GIF": (lambda: photo(form="GIF"), "不是 JPEG、PNG 或 WebP 照片"),
    "a PDF": (lambda: b"%PDF-1.7\n", "不是 JPEG、PNG 或 WebP 照片"),
    "half a photo": (lambda: photo(900, 900)[:2000], "损坏或者不完整"),
    "too many pixels": (bomb, "打不开|万像素"),
    "too many bytes": (lambda: photo() + b"\0" * photos.MAX_BYTES, "超过 20 MB"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_photo_is_refused_by_name_and_nothing_is_saved(
    people: dict[str, Client], task: Task, case: str
) -> None:
    make, words = REFUSED[case]
    told = saved(people["inspector"], task, photo(), make(), status=422)
    assert re.search(words, told) and "“2.jpg”" in told
    task.refresh_from_db()
    assert not kept() and not task.result, "all of the form, or nothing"


def test_photos_are_added_taken_off_and_stay_once_the_result_is_sent(people: dict[str, Client], task: Task) -> None:
    saved(people["inspector"], task, photo(), photo(80, 40), photo())
    first, second = kept()
    assert first.width != second.width, "the same photo twice is one"
    saved(people["inspector"], task, drop=[str(first.pk)])
    assert [p.pk for p in kept()] == [second.pk]
    assert TaskPhoto.objects.get(pk=first.pk).removed_by == "inspector", "that it was there stays on record"
    seen(people["inspector"], f"{b.PLACE}/inspections/tasks/{task.pk}/photos/{first.pk}.jpg", 404)
    posted(people["auditor"], f"/inspections/{task.plan.number}/publish")
    posted(people["reporter"], f"/inspections/{task.plan.number}/send")
    task.refresh_from_db()
    with pytest.raises(photos.NotPossible, match="照片不能再改"):
        photos.remove(of_user(User.objects.get(username="inspector")), TaskPhoto.objects.get(pk=second.pk))
    assert f"/photos/{second.pk}.jpg" in page(people["inspector"], f"/inspections/tasks/{task.pk}")


def test_there_is_an_end_to_photos(people: dict[str, Client], task: Task) -> None:
    saved(people["inspector"], task, *(photo(20 + n, 20) for n in range(20)))
    assert "最多 20 张" in saved(people["inspector"], task, photo(99, 20), status=422)
    assert len(kept()) == 20


def test_whoever_sees_the_plan_sees_the_photos_and_the_subject_sees_who(people: dict[str, Client], task: Task) -> None:
    """G-10: the auditor who releases the result looks at what it rests on; another department learns of nothing."""
    saved(people["inspector"], task, photo())
    [made] = kept()
    place = f"{b.PLACE}/inspections/tasks/{task.pk}/photos"
    assert f'href="{place}"' in page(people["auditor"], f"/inspections/{task.plan.number}")
    assert f"{place}/{made.pk}.jpg" in seen(people["auditor"], place)
    Look.objects.all().delete()
    answer = people["auditor"].get(f"{place}/{made.pk}.jpg")
    assert answer["Content-Type"] == "image/jpeg" and answer.content == photos.content_of(made)
    assert answer["X-Content-Type-Options"] == "nosniff"
    look = Look.objects.get(subject=task.code)
    assert (look.actor, look.fields) == ("auditor", ["inspection-photo"])
    for path in (place, f"{place}/{made.pk}.jpg"):
        assert people["stranger"].get(path).status_code == 403
        assert Client().get(path).status_code == 302
    other = Task.objects.exclude(pk=task.pk).first()
    assert other is not None
    seen(people["auditor"], f"{b.PLACE}/inspections/tasks/{other.pk}/photos/{made.pk}.jpg", 404)


def test_an_app_on_a_telephone_does_the_same(people: dict[str, Client], task: Task) -> None:
    api = Api(make_api_key(User.objects.get(username="inspector"), "手机应用"))
    where = f"/plans/{task.plan.number}/tasks/{task.code}/photos"
    answer = _sent(api, where, photo(placed=True))
    assert answer.status_code == 201 and answer.json()["placed"] is True
    told = answer.json()
    assert api.get(where).json()["photos"][0]["sha256"] == told["sha256"]
    assert sha256(api.get(f"{where}/{told['id']}").content).hexdigest() == told["sha256"]
    wrong = _sent(api, where, b"GIF89a")
    assert wrong.status_code == 422 and "不是 JPEG" in wrong.json()["error"]["message"]
    assert _sent(api, where, b"").status_code == 400
    assert api.post(f"{where}/{told['id']}/remove").json() == {"photos": []}
    assert not kept()


def _sent(api: Api, path: str, body: bytes) -> Any:
    return api.call("POST", path, data=body, content_type="application/octet-stream")
