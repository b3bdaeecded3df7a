"""The one verb of the trail, for one act and for many of a kind."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chengxin.audit.models import Event


def record(actor: str, action: str, kind: str, object_id: object, **detail: Any) -> Event:
    """Add an event in the caller's transaction, so that the act and its trace stand or fall together.

    `detail` must be plain JSON and must not hold personal data or secrets.
    """
    return Event.objects.create(actor=actor, action=action, kind=kind, object=str(object_id), detail=detail)


def record_all(actor: str, action: str, kind: str, objects: Iterable[tuple[object, dict[str, Any]]]) -> None:
    """The same for many acts of one kind at once: pairs of object and detail, one event each."""
    events = [Event(actor=actor, action=action, kind=kind, object=str(id), detail=detail) for id, detail in objects]
    Event.objects.bulk_create(events, batch_size=1000)
