"""The embedded check as it is asked by somebody: who may ask, the answer, its trace, and the look that the subject sees
(R-187, R-188, G-10). Page, API and command line all ask here.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from chengxin.accounts.actors import Actor
from chengxin.accounts.rules import require
from chengxin.audit.actions import record as trace
from chengxin.audit.actions import record_all
from chengxin.registry import looks
from chengxin.registry.disclosure import Audience
from chengxin.supervision.measures.queries import Checked, check_all
from chengxin.supervision.packs import measures_on

_ONE = 1


def ask(actor: Actor, codes: Sequence[str], matter: str, *, unit: str = "") -> list[Checked]:
    """The answers in the order of the codes. Raises `Denied`. `unit` is for whom is asked; else the asker's first."""
    require(actor, "measure.check", matter)
    answers = list(check_all(codes, matter))
    told = [(a.code, {"matter": matter, "answer": a.answer or a.reason}) for a in answers]
    if len(told) == _ONE:
        one = told[0][1]
        trace(actor.name, "measure.check", "subject", told[0][0], matter=one["matter"], answer=one["answer"])
    else:
        record_all(actor.name, "measure.check", "subject", told)
    known = measures_on(timezone.localdate()).matters.get(matter)
    purpose = known.label if known else matter
    basis = looks.Ask(Audience.DUTY, purpose, f"check {matter}", unit or first_unit(actor))
    looks.note_all(actor.name, [looks.Looked(a.code, len(a.findings)) for a in answers if a.subject is not None], basis)
    return answers


def first_unit(actor: Actor) -> str:
    """The first body for which this person may look by duty, in no better order than its id; empty for the operator."""
    return next(iter(looks.units_for(actor, Audience.DUTY)), "")
