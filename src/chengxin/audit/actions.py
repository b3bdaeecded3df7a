"""The one verb of the trail."""

from __future__ import annotations

from typing import Any

from chengxin.audit.models import Event


def record(actor: str, action: str, kind: str, object_id: object, **detail: Any) -> Event:
    """Add an event in the caller's transaction, so that the act and its trace stand or fall together.

    `detail` must be plain JSON and must not hold personal data or secrets.
    """
    return Event.objects.create(actor=actor, action=action, kind=kind, object=str(object_id), detail=detail)
