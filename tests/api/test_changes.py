"""The public change feed: whoever keeps a copy ends with exactly what the public may see (R-100, G-09, G-13)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from chengxin.registry import due
from chengxin.registry.actions import Because, change_standing, settle_doubt
from chengxin.registry.models import Record, RecordVersion
from chengxin.registry.profile import public_profile

from ..registry.staged import BOHE, YUNLING, row, send
from .client import Api
from .world import World

WHY = Because("reviewer", "当事人已履行义务")
NAME = "苏州云岭精密机械有限公司"
TODAY = date.today()


class Copy:
    """Somebody who follows the feed and keeps a copy by its rules."""

    def __init__(self, api: Api) -> None:
        self.api, self.position, self.records = api, 0, {}  # type: ignore[var-annotated]
        self.seen: list[dict[str, Any]] = []

    def follow(self, limit: int = 50) -> set[int]:
        more = True
        while more:
            step = self.api.get("/changes", after=self.position, limit=limit).json()
            for change in step["changes"]:
                assert change["number"] > self.position
                self.seen.append(change)
                if change["action"] == "hidden":
                    self.records.pop(change["record"], None)
                else:
                    self.records[change["record"]] = change
            self.position, more = step["next"], step["more"]
        return set(self.records)


@pytest.fixture
def copy(anybody: Api) -> Copy:
    return Copy(anybody)


def record(key: str) -> Record:
    return Record.objects.get(key=key)


def public() -> set[int]:
    profiles = [p for p in (public_profile(YUNLING), public_profile(BOHE)) if p]
    return {r["id"] for p in profiles for r in p["records"]}


def test_a_public_record_appears_with_where_to_look(copy: Copy) -> None:
    send(row(1, YUNLING, NAME, "1号"))
    copy.follow()
    [change] = copy.seen
    told = {k: change[k] for k in ("subject", "item", "action", "standing", "public_until")}
    assert told == {
        "subject": YUNLING, "item": "penalty", "action": "created", "standing": "active", "public_until": "2027-03-01",
    }  # fmt: skip


@pytest.mark.parametrize(
    "never",
    [
        {"held": 1},
        {"publish": 0},
        {"kind": "natural_person", "scheme": "person", "code": "sm3:1"},
        {"public_until": TODAY - timedelta(days=1)},
        {"retain_until": TODAY - timedelta(days=1)},
    ],
)
def test_what_was_never_public_is_not_in_the_feed(copy: Copy, never: dict[str, Any]) -> None:
    code = never.pop("code", YUNLING)
    send(row(1, code, NAME, "1号", **never))
    assert copy.follow() == set()
    change_standing(record("1号").pk, "withdraw", WHY)
    copy.follow()
    hidden = {c["action"] for c in copy.seen}
    # whether it once was public cannot be told from the record alone when it was of public kind; then only its number is
    assert hidden <= ({"hidden"} if set(never) <= {"publish", "public_until", "retain_until"} else set())
    assert all(c["subject"] is None and c["item"] is None for c in copy.seen)


@pytest.mark.parametrize("verb", ["repair", "withdraw", "archive"])
def test_what_leaves_publicity_is_hidden_and_nothing_of_it_is_told(copy: Copy, verb: str) -> None:
    send(row(1, YUNLING, NAME, "1号"))
    assert copy.follow() == {record("1号").pk}
    change_standing(record("1号").pk, verb, WHY)
    assert copy.follow() == set()
    told = copy.seen[-1]
    assert {k for k, v in told.items() if v is not None} == {"number", "record", "action"}
    late = Copy(copy.api)
    assert late.follow() == set()
    assert {c["subject"] for c in late.seen} == {None}  # nor is its old state told to whoever comes later


def test_the_end_of_publicity_and_a_return(copy: Copy) -> None:
    send(row(1, YUNLING, NAME, "1号"), row(2, YUNLING, NAME, "2号", public_until=TODAY, due_on=TODAY))
    assert copy.follow() == public() == {record("1号").pk, record("2号").pk}
    change_standing(record("1号").pk, "withdraw", WHY)
    assert copy.follow() == {record("2号").pk}
    change_standing(record("1号").pk, "reinstate", WHY)
    assert copy.follow() == public()
    Record.objects.filter(key="2号").update(public_until=TODAY - timedelta(days=1), due_on=TODAY - timedelta(days=1))
    due.run(TODAY, "system")
    assert copy.follow() == public() == {record("1号").pk}


def test_a_settled_doubt_appears_and_a_dispute_stays(copy: Copy) -> None:
    send(row(1, BOHE, "南京泊禾商贸有限公司", "1号", held=1))
    assert copy.follow() == set()
    settle_doubt(record("1号").pk, WHY)
    assert copy.follow() == public()
    change_standing(record("1号").pk, "dispute", WHY)
    assert copy.follow() == public() == {record("1号").pk}
    assert copy.seen[-1]["standing"] == "disputed"


def test_small_steps_end_where_large_ones_do(copy: Copy) -> None:
    send(*(row(n, YUNLING, NAME, f"{n}号", held=int(n % 3 == 0)) for n in range(1, 30)))
    for n in (1, 4, 7):
        change_standing(record(f"{n}号").pk, "repair", WHY)
    assert copy.follow(limit=1) == Copy(copy.api).follow(limit=200) == public()
    assert copy.position == RecordVersion.objects.latest("pk").pk
    assert copy.api.get("/changes", after=copy.position).json() == {"changes": [], "next": copy.position, "more": False}


def test_a_position_is_a_number(anybody: Api) -> None:
    assert {anybody.get("/changes", after=after).status_code for after in ("-1", "x", str(2**63), "1e3")} == {422}


def test_quality_is_of_ones_own_units(world: World, anybody: Api) -> None:
    from .world import EMERGENCY, batch

    batch(), batch(source=EMERGENCY)
    lines = {
        n: {x["source"] for x in world[n].get("/quality").json()["lines"]} for n in ("auditor", "stranger", "steward")
    }
    assert lines == {
        "auditor": {"ecology-environment"},
        "stranger": {EMERGENCY},
        "steward": {"ecology-environment", EMERGENCY},
    }
    for month in ("2026-13", "2026", "9999-12", "０２０２-11"):
        assert world["auditor"].get("/quality", month=month).status_code == 422
    assert world["auditor"].get("/quality", month="2000-01").status_code == 422
