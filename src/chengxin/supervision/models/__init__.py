"""The tables of supervision; what happened to a listing stands in rows that are only ever added (`ListingStep`)."""

from __future__ import annotations

from chengxin.supervision.models.alert import Alert, AlertCopy
from chengxin.supervision.models.enforcement import Enforcement, MeasureUse
from chengxin.supervision.models.inspection import Inspector, Plan, Recusal, Task, TaskPhoto
from chengxin.supervision.models.listing import Ending, Listing, ListingGround, ListingState, ListingStep

__all__ = [
    "Alert", "AlertCopy", "Ending", "Enforcement", "Inspector", "Listing", "ListingGround",
    "ListingState", "ListingStep", "MeasureUse", "Plan", "Recusal", "Task", "TaskPhoto",
]  # fmt: skip
