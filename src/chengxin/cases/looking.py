"""Seeing a case is seeing what is not public about its subject: whoever is no party to it leaves a look (G-10)."""

from __future__ import annotations

from chengxin.accounts.actors import Actor
from chengxin.cases import people
from chengxin.cases.desk import unit_of
from chengxin.cases.models import Case
from chengxin.cases.packs import procedure_of
from chengxin.registry import looks
from chengxin.registry.disclosure import Audience


def note(actor: Actor, case: Case) -> None:
    """Write it down for the subject; its own people, the applicant and cases about nobody leave none."""
    code = case.record.subject.code if case.record else case.subject_code
    if not code or actor.name == case.opened_by or people.acts_for_subject(actor, case):
        return
    items = frozenset({case.record.item}) if case.record else frozenset()
    ask = looks.Ask(Audience.DUTY, procedure_of(case).label, case.number, unit_of(actor, case), items)
    looks.note(actor.name, code, ask, records=1 if case.record else 0)
