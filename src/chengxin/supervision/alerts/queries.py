"""What is asked of alerts: whose they are, and which nobody has looked at."""

from __future__ import annotations

from django.db.models import QuerySet

from chengxin.supervision.models import AlertCopy


def copies(*, receiver: str = "", to: str = "", rule: str = "", unseen: bool = False) -> QuerySet[AlertCopy]:
    """Copies of alerts, the newest first: of a receiver (subject, department, city), to one of them, by one rule."""
    rows = AlertCopy.objects.select_related("alert", "alert__subject").order_by("-alert__found_on", "-pk")
    for key, value in (("receiver", receiver), ("to", to), ("alert__rule", rule)):
        if value:
            rows = rows.filter(**{key: value})
    return rows.filter(seen_on=None) if unseen else rows
