"""A small province for evaluation: invented subjects with environmental records, put in and changed by the register's verbs."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Any

from chengxin.accounts.actors import operator
from chengxin.standards.uscc import make_uscc

from ..conftest import REPO
from ..registry.staged import row, send

PACKS = REPO / "policies"
ACTOR = operator("tester")
MODEL = "ecology-environment"
ECOLOGY = "南京市生态环境局"


def few_packs(folder: Path) -> Path:
    """The common catalogue, the environment's model and the tests' own: what evaluation needs, and quick to read."""
    for part in ("national/catalogue", "national/codes"):
        shutil.copytree(PACKS / part, folder / part)
    for file in [*(PACKS / "national").glob("disclosure*.toml"), PACKS / "national" / "forbidden.toml"]:
        shutil.copy(file, folder / "national" / file.name)
    shutil.copy(PACKS / "departments" / MODEL / "evaluation.toml", folder / "evaluation.toml")
    for own in ("probe.toml", "checked.toml"):
        shutil.copy(Path(__file__).parent / own, folder / own)
    return folder


def code(number: int) -> str:
    return make_uscc("9", "1", "320100", f"MA1{number:05d}")


def register(*numbers: int, on: str = "2015-06-01", region: str = "320100", industry: str = "C26") -> None:
    """Registrations, whose payload says what the staged columns say."""
    rows = []
    for n in numbers:
        content = {"registered_on": on, "status": "存续"}
        rows.append(
            row(n, code(n), f"云岭化工{n}厂", f"reg-{code(n)}", content=content, severity="", decided_on=date.fromisoformat(on),
                region=region, industry=industry, status="存续", registered_on=date.fromisoformat(on), public_until=None,
                due_on=None)
        )  # fmt: skip
    send(*rows, source="market-regulation", item="registration")


def penalty(
    number: int, key: str, decided: str, severity: str = "general", authority: str = ECOLOGY, **more: Any
) -> None:
    content = {"decided_on": decided, "authority_name": authority, "document_number": key}
    send(row(1, code(number), f"云岭化工{number}厂", key, severity=severity, content=content, **more))


def commitment(number: int, key: str, signed: str, state: str = "履行中") -> None:
    content = {"signed_on": signed, "authority_name": ECOLOGY, "state": state}
    send(row(1, code(number), f"云岭化工{number}厂", key, severity="", content=content), item="commitment")


def grades() -> dict[str, str]:
    """Code -> grade of everybody graded now."""
    from chengxin.evaluation.models import CurrentGrade

    return {g.subject.code: g.grade for g in CurrentGrade.objects.select_related("subject") if g.grade}


def follow(day: date | None = None, *ids: str) -> dict[str, Any]:
    """Follow feed and calendar with these models (default: the environment's): model -> what was done."""
    from django.utils import timezone

    from chengxin.evaluation.jobs import follow_model
    from chengxin.policy.evaluation import model_of
    from chengxin.registry.packs import policies

    packs, day = policies(), day or timezone.localdate()
    return {id: follow_model(model_of(packs, id, day), packs, ACTOR, day) for id in ids or (MODEL,)}


def position(day: date) -> int:
    """Where the register stood at the end of that day; a test may say that a day ended earlier."""
    from chengxin.evaluation.actions import position_on

    return position_on(day)


def recomputed(model_id: str, day: date, *, past: bool = False) -> dict[int, tuple[str, str, date | None]]:
    """Subject -> (grade, digest, due) of everybody, computed anew from the whole register and not from what is stored."""
    from chengxin.evaluation import loading
    from chengxin.evaluation.actions import _graded
    from chengxin.evaluation.plan import plan_for
    from chengxin.evaluation.storing import stage_rows
    from chengxin.policy.evaluation import model_of
    from chengxin.registry.packs import policies

    packs = policies()
    model = model_of(packs, model_id, day)
    plan = plan_for(model, packs)
    if past:
        loading.go_back(plan, packs, position(day))
    found = {}
    for result, _ in _graded(plan, packs, day, past):
        for r in stage_rows(result, model).to_pylist():
            found[r["subject_id"]] = (r["grade"], r["digest"], r["due"])
    return found


def current(model_id: str) -> dict[int, tuple[str, str, date | None]]:
    """The same as it is stored; who is neither graded nor due is nobody."""
    from chengxin.evaluation.models import CurrentGrade

    rows = CurrentGrade.objects.filter(model=model_id)
    return {g.subject_id: (g.grade, g.digest, g.due) for g in rows if g.grade or g.due}
