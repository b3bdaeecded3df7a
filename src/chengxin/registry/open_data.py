"""Snapshots of what is public, one file an item, for everybody to take whole (open data; anchors.md 1.11, 2 "Portal").

Made by a worker or `chengxin open-data`, never on a request: piece by piece by sets, into a folder of its own that is put
in place when it is whole. A snapshot names the number of the change feed it was made at, so that a copy can be kept up
with `/api/v1/changes`, where what has left publicity is `hidden`.

A file never outlives what it tells (R-237, G-09). Each knows the last day on which all its records are public. As soon as
the feed says that a record was repaired, withdrawn, shielded, disputed or otherwise changed, the file of its item is
given to nobody any more (`retract`) and made anew (`renew`); a request looks at the feed itself, for a worker may be late.
Only new records wait for the next day. Whoever changes what the snapshot says reads it anew and writes it under one lock
(`lock.telling`): a worker and a command that work at once lose nothing of each other's; the long work is done before it.
"""

from __future__ import annotations

import json
import os
import shutil
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db.models import Max, QuerySet
from django.utils import timezone

from chengxin.policy.catalogue import Item
from chengxin.policy.policies import UnknownPolicy
from chengxin.registry.lock import telling
from chengxin.registry.models import RecordVersion
from chengxin.registry.open_files import FORMATS, public_fields, remove, write
from chengxin.registry.packs import policies

__all__ = ["FORMATS", "fit", "folder", "given_out", "make", "newest", "public_fields", "renew", "retract"]

_OLDEST = timedelta(days=1)
_AT_ONCE = 200_000
"""A file of more rows is not made anew for each of many repairs in a row, but after a rest; meanwhile there is none."""
_REST = timedelta(minutes=10)


def folder() -> Path:
    """Where the newest snapshot lies."""
    return Path(settings.HOME) / "open-data"


def newest() -> dict[str, Any] | None:
    """What the newest snapshot says of itself: day, change, items with rows and bytes; None when there is none."""
    try:
        found = json.loads((folder() / "snapshot.json").read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return found if isinstance(found, dict) and "followed" in found else None  # one that cannot be followed is none


def fit(item: dict[str, Any], day: date) -> bool:
    """Whether a file of the snapshot may be shown by what it says of itself: not retracted, not too old, nothing ended."""
    until = item.get("until")
    made = date.fromisoformat(item.get("day", "0001-01-01"))
    return not item.get("waits") and day - made <= _OLDEST and (not until or day <= date.fromisoformat(until))


def given_out(item: str, day: date) -> bool:
    """Whether the file of the item may be taken now; the change feed is asked as well."""
    told = newest() or {"items": []}
    found = next((i for i in told["items"] if i["item"] == item), None)
    if found is None or not fit(found, day):
        return False
    return not _changed(max(told["followed"], found["change"])).filter(record__item=item).exists()


def make(day: date) -> dict[str, Any]:
    """Write a snapshot of what is public on `day` and put it in the place of the one before."""
    draft = _draft()
    change = _newest_change()
    items = [told for i in policies().items(day) if i.disclosure == "public" and (told := _made(i, day, change, draft))]
    told = {
        "day": day.isoformat(), "made_at": timezone.now().isoformat(), "change": change, "followed": change,
        "items": items,
    }  # fmt: skip
    (draft / "snapshot.json").write_text(json.dumps(told, ensure_ascii=False, indent=1), "utf-8")
    with telling():
        _put_in_place(draft)
    return told


def retract(day: date) -> int:
    """Give out no file whose records have changed or come to their end since it was made; how many those are. Quick."""
    told = newest()
    if told is None or (told["followed"] == _newest_change() and not _gone(told, day)):
        return 0  # nearly always: no lock is asked for
    with telling():
        told, upto = newest(), _newest_change()
        if told is None:
            return 0
        gone = _gone(told, day)
        for item in gone:
            item["waits"] = True
        _say({**told, "followed": upto})
        for item in gone:
            remove(item["item"], folder())
    return len(gone)


def _gone(told: dict[str, Any], day: date) -> list[dict[str, Any]]:
    """What may be given out no more, of what the snapshot still gives out."""
    changed = dict(_changed(told["followed"]).values_list("record__item").annotate(newest=Max("pk")))
    return [
        i for i in told["items"] if not i.get("waits") and (changed.get(i["item"], 0) > i["change"] or not fit(i, day))
    ]


def renew(day: date) -> int:
    """Make the retracted files anew, large ones after a rest; how many were made."""
    told = newest()
    due = [i["item"] for i in told["items"] if i.get("waits") and _rested(i)] if told else []
    for name in due:
        _renew(name, day, told["made_at"] if told else "")
    return len(due)


def _renew(name: str, day: date, snapshot: str) -> None:
    """Make the files of one item and put them into the snapshot made at that moment, if it is still there."""
    draft, change = _draft(), _newest_change()
    try:
        made = _made(policies().item(name, day), day, change, draft)
    except UnknownPolicy:
        made = None
    with telling():
        told = newest()
        if told is not None and told["made_at"] == snapshot:
            for ending in FORMATS if made else ():
                os.replace(draft / f"{name}.{ending}", folder() / f"{name}.{ending}")
            items = [made if i["item"] == name else i for i in told["items"]]
            _say({**told, "items": [i for i in items if i]})
    shutil.rmtree(draft, ignore_errors=True)


def _rested(item: dict[str, Any]) -> bool:
    return item["rows"] <= _AT_ONCE or timezone.now() - datetime.fromisoformat(item["made_at"]) >= _REST


def _made(item: Item, day: date, change: int, into: Path) -> dict[str, Any] | None:
    """The files of an item and what the snapshot says of them; None where nothing of it is public."""
    if item.disclosure != "public" or not (done := write(item, day, into)).rows:
        return None
    return {
        "item": item.id, "label": item.label, "label_en": item.label_en, "rows": done.rows, "change": change,
        "day": day.isoformat(), "made_at": timezone.now().isoformat(),
        "until": done.until.isoformat() if done.until else None,
        "bytes": {e.split(".")[0]: (into / f"{item.id}.{e}").stat().st_size for e in FORMATS},
    }  # fmt: skip


def _changed(after: int) -> QuerySet[RecordVersion]:
    """Changes of records that were there before, later than that number: whatever is not simply new."""
    return RecordVersion.objects.filter(pk__gt=after, number__gt=1).order_by()


def _newest_change() -> int:
    return int(RecordVersion.objects.aggregate(newest=Max("pk"))["newest"] or 0)


def _draft() -> Path:
    draft = Path(settings.HOME) / "scratch" / f"open-data-{uuid4().hex}"
    draft.mkdir(parents=True)
    return draft


def _say(told: dict[str, Any]) -> None:
    """What the snapshot says of itself, replaced in one step."""
    place = folder() / "snapshot.json"
    part = place.with_suffix(f".{uuid4().hex}.part")
    part.write_text(json.dumps(told, ensure_ascii=False, indent=1), "utf-8")
    os.replace(part, place)


def _put_in_place(draft: Path) -> None:
    old = folder().with_name("open-data-old")
    shutil.rmtree(old, ignore_errors=True)
    if folder().exists():
        folder().rename(old)
    draft.rename(folder())
    shutil.rmtree(old, ignore_errors=True)
