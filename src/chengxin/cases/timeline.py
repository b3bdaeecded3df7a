"""Adding lines to a case's timeline, always in the transaction of the act itself."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Max

from chengxin.cases.models import Case, CaseEvent

SYSTEM = "system"
"""Who acts when a clock runs out."""


def add(case: Case, kind: str, *, day: date, actor: str, **more: Any) -> CaseEvent:
    """Append a line; `more` are columns of `CaseEvent`. The caller holds the case's row lock."""
    last = CaseEvent.objects.filter(case=case).aggregate(last=Max("number"))["last"] or 0
    return CaseEvent.objects.create(case=case, number=last + 1, kind=kind, day=day, actor=actor, **more)
