"""The one verb of alerts: whoever was told says that they have seen it."""

from __future__ import annotations

from django.utils import timezone

from chengxin.accounts.actors import Actor
from chengxin.accounts.rules import require
from chengxin.audit.actions import record as trace
from chengxin.registry.lock import writing
from chengxin.supervision.models import AlertCopy


def acknowledge(actor: Actor, copy: AlertCopy) -> AlertCopy:
    """Mark one copy as seen; doing it again changes nothing. Raises `Denied`."""
    require(actor, "alert.acknowledge", copy)
    with writing():
        row = AlertCopy.objects.select_for_update().get(pk=copy.pk)
        if row.seen_on is None:
            row.seen_on, row.seen_by = timezone.localdate(), actor.name
            row.save()
            trace(actor.name, "alert.acknowledge", "alert", row.alert_id, receiver=row.receiver)
    return row
