"""The profile over time, and when the packs no longer have an item (R-080, R-082)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from chengxin.registry.models import SubjectName
from chengxin.registry.profile import operator_profile, public_profile

from .staged import YUNLING, row, send

pytestmark = pytest.mark.usefixtures("store")


def test_records_of_an_item_that_the_packs_no_longer_have_are_named_and_not_shown() -> None:
    send(row(1, YUNLING, "云岭", "1号"))
    send(row(1, YUNLING, "云岭", "2号"), item="given-up", batch=2)
    shown, everything = public_profile(YUNLING), operator_profile(YUNLING)
    assert shown is not None and [r["item"] for r in shown["records"]] == ["penalty"]
    assert everything is not None and everything["unknown_items"] == ["given-up"]


def test_a_past_day_has_the_name_of_that_day() -> None:
    send(row(1, YUNLING, "苏州云岭五金厂", YUNLING), item="registration", source="market-regulation")
    renamed = row(1, YUNLING, "苏州云岭精密机械有限公司", YUNLING, content={"subject_name": "renamed"})
    send(renamed, item="registration", source="market-regulation", batch=2)
    today = timezone.localdate()
    assert SubjectName.objects.get(current=False).until == today
    before, now = operator_profile(YUNLING, as_of=today - timedelta(days=1)), operator_profile(YUNLING)
    assert before is not None and now is not None
    assert (before["name"], now["name"]) == ("苏州云岭五金厂", "苏州云岭精密机械有限公司")
    assert before["records"] == [] and isinstance(before["as_of"], date)
