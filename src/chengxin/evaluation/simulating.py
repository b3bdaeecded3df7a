"""Simulations that are asked for on a page: kept with the draft they tried, run at once when small, else by the worker.

A run that dies is taken up again by the next worker once it has not moved for a while: it stores no grade, so running it
twice does no harm.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import polars as pl
from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from chengxin.accounts.actors import Actor
from chengxin.accounts.refusals import Refusal
from chengxin.accounts.rules import require
from chengxin.audit.actions import record as trace
from chengxin.evaluation.models import Simulation
from chengxin.evaluation.report import context_of, write_report
from chengxin.evaluation.simulation import compute
from chengxin.policy.evaluation import Evaluation, unit_of
from chengxin.policy.policies import Policies
from chengxin.registry.models import Subject
from chengxin.registry.packs import policies

log = logging.getLogger(__name__)
ABANDONED = timedelta(minutes=15)
FILES = ("moves", "grades", "migration", "indicators", "by_region", "by_industry", "by_size")


class NotPossible(Refusal):
    """The draft cannot be tried; the text says why."""


def ask(actor: Actor, draft: Evaluation, against: Evaluation | None, changes: Iterable[str] = ()) -> Simulation:
    """Keep a draft that is to be tried beside `against`; `changes` says in words what was changed. Raises `Denied`."""
    packs = policies()
    for model in (draft, against):
        if model is not None:
            require(actor, "evaluation.simulate", unit_of(model, packs))
    if "natural_person" in draft.scope.subjects:
        raise NotPossible(_("以自然人为对象的模型不在页面上模拟：个人等级不给任何人看。"))
    row = Simulation.objects.create(
        unit=unit_of(draft, packs), model=draft.id, label=draft.label, version=draft.version, actor=actor.name,
        against=against.id if against else "", against_version=against.version if against else "",
        changes=list(changes), draft=draft.model_dump_json(by_alias=True, exclude_unset=True),
        total=Subject.objects.count(),
    )  # fmt: skip
    trace(
        actor.name, "evaluation.simulate", "evaluation", draft.id, version=draft.version,
        against=row.against_version,
    )  # fmt: skip
    return row


def small(row: Simulation) -> bool:
    """Whether it is done sooner than its reader looks up again, and can be run in the request that asks for it."""
    return row.total <= int(settings.EVALUATION_SLICE)


def work() -> int:
    """Run what waits, the oldest first; returns how many. For the worker, whenever it has nothing else to do."""
    count = 0
    while (row := waiting().first()) is not None:
        run(row)
        count += 1
    return count


def waiting() -> QuerySet[Simulation]:
    """Those nobody has taken up, and those somebody left behind."""
    left = Q(state=Simulation.State.RUNNING, touched_at__lt=timezone.now() - ABANDONED)
    return Simulation.objects.filter(Q(state=Simulation.State.WAITING) | left).order_by("pk")


def run(row: Simulation) -> Simulation:
    """Do the work, slice by slice; a fault is written to the log and told without its details."""
    mine = waiting().filter(pk=row.pk).update(state=Simulation.State.RUNNING, done=0, touched_at=timezone.now())
    if mine:
        try:
            _run(row, policies())
        except Exception:
            log.exception("simulation %s failed", row.pk)
            Simulation.objects.filter(pk=row.pk).update(
                state=Simulation.State.FAILED, reason="error", touched_at=timezone.now()
            )
    row.refresh_from_db()
    return row


def folder_of(row: Simulation) -> Path:
    """Where the tables and the report of a simulation lie."""
    return Path(settings.HOME) / "simulations" / str(row.pk)


def movers(row: Simulation, name: str) -> list[str]:
    """The codes of those whom one of the files of a simulation names; natural persons stand in none."""
    if name == "report.html":
        return [m["code"] for m in row.result["moves"] if m["code"]]
    if name != "moves.csv":
        return []
    return codes_in(folder_of(row) / name)


def codes_in(moves: Path) -> list[str]:
    """Whom a file of moves names by their codes, each once."""
    codes = pl.read_csv(moves, columns=["code"], infer_schema=False)["code"]
    return [code for code in codes.unique().to_list() if code]


def against_of(row: Simulation, packs: Policies) -> Evaluation | None:
    """The version it was held against, while the packs still have it."""
    wanted = (row.against, row.against_version)
    return next((m for m in packs.of(Evaluation) if (m.id, m.version) == wanted), None)


def _run(row: Simulation, packs: Policies) -> None:
    draft = Evaluation.model_validate_json(row.draft)
    out = folder_of(row)
    out.mkdir(parents=True, exist_ok=True)
    done = compute(draft, against_of(row, packs), packs, out, lambda subjects: _tell(row, subjects))
    write_report(done, out)
    told = context_of(done)
    for key in ("draft", "against", "outside", "splits"):
        told.pop(key)
    told |= {"by_region": done.by_region, "by_industry": done.by_industry, "by_size": done.by_size}
    Simulation.objects.filter(pk=row.pk).update(
        state=Simulation.State.DONE, result=told, done=F("total"), touched_at=timezone.now()
    )


def _tell(row: Simulation, subjects: int) -> None:
    Simulation.objects.filter(pk=row.pk).update(done=F("done") + subjects, touched_at=timezone.now())
