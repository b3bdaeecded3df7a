"""Seeing a case is seeing what is not public about its subject: whoever is no party to it leaves a look (G-10).

So does opening what lies with it: a piece of evidence, a letter, and the result of a batch query, each time anew; and so
does a line of a queue that names the subject, once a day for each person and case.

A look at a case that its subject is not told of yet, such as the draft of an order, is written down at once and shown to it
when the case is (`looks_at`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from django.db.models import QuerySet
from django.utils.translation import gettext_noop as _

from chengxin.accounts.actors import Actor
from chengxin.accounts.models import CITIZENS, Organisation
from chengxin.audit.models import Look
from chengxin.cases import people, queries, result_tables, results
from chengxin.cases.desk import unit_of
from chengxin.cases.errors import CaseRefused
from chengxin.cases.models import Attachment, Case, Letter
from chengxin.cases.packs import procedure_of
from chengxin.registry import looks
from chengxin.registry.disclosure import Audience
from chengxin.registry.models import Record


def note(actor: Actor, case: Case, what: str = "", *, once: bool = False) -> None:
    """Write it down for the subject; its own people, the applicant and cases about nobody leave none. `what` names the
    paper that was opened; `once` as in `looks.note_all`."""
    code = case.record.subject.code if case.record else case.subject_code
    if not code or actor.name == case.opened_by or people.acts_for_subject(actor, case):
        return
    items = frozenset({case.record.item}) if case.record else frozenset()
    purpose = "：".join(t for t in (procedure_of(case).label, what) if t)
    ask = looks.Ask(Audience.DUTY, purpose, case.number, unit_of(actor, case), items, case=case.number)
    looks.note(actor.name, code, ask, records=1 if case.record else 0, fields=() if case.record else _CASE, once=once)


def note_lines(actor: Actor, cases: Iterable[Case]) -> None:
    """The lines of a queue that name the subjects of these cases; of those that `note` leaves out there is none either.

    One row a day for each case, however often the queue is opened. `cases` come with `record__subject`.
    """
    bound = {unit for unit, held in actor.roles.items() if held & set(CITIZENS)}
    ours = set(Organisation.objects.filter(pk__in=bound).values_list("code", flat=True)) if bound else set()
    told: dict[str, list[looks.Looked]] = {}
    for case in cases:
        code = case.record.subject.code if case.record else case.subject_code
        if code and actor.name != case.opened_by and code not in ours and case.applicant not in bound:
            told.setdefault(unit_of(actor, case), []).append(looks.Looked(code, case=case.number))
    for unit, looked in told.items():
        looks.note_all(actor.name, looked, looks.Ask(Audience.DUTY, QUEUE, unit=unit), fields=_LINE, once=True)


def looks_at(code: str, day: date | None = None) -> QuerySet[Look]:
    """Every look that the subject with this code is shown, the newest first; of cases that it is not told of yet none
    before they are shown or over, or the packs' term is (`registry.looks.looks_at`)."""
    return looks.looks_at(code, drafts=queries.untold(code), day=day)


REPAIR, QUEUE = _("查看信用修复条件"), _("查看办件列表")
_CASE, _LINE = ("case",), ("queue",)
"""What a look at a case without a record showed, and a line of a queue, in the words of `own.lookbook`."""


def evidence(actor: Actor, number: str, attachment: int) -> tuple[Attachment, Path]:
    """A piece of evidence and where it lies, as `queries.evidence_of`; the subject sees which one was opened."""
    found, lies = queries.evidence_of(actor, number, attachment)
    if found.material == results.MATERIAL:
        _note_result(actor, found.case)
    else:
        known = procedure_of(found.case).material(found.material)
        note(actor, found.case, known.label if known else found.file_name)
    return found, lies


def result_table(actor: Actor, number: str, attachment: int, form: str) -> tuple[str, bytes]:
    """The sealed result of a batch query or a credit review as a table (a key of `result_tables.MEDIA`), with a file name;
    the same look as at the file itself. Raises `CaseRefused` for other evidence, and for a result that is not whole."""
    if not Attachment.objects.filter(pk=attachment, case__number=number, material=results.MATERIAL).exists():
        raise CaseRefused(_("这份材料不是批量查询或者信用审查的结果，没有表格。"))
    found, lies = evidence(actor, number, attachment)
    return f"{Path(found.file_name).stem}.{form}", result_tables.drawn(lies, form)


def letter(actor: Actor, case: Case, number: str) -> Letter | None:
    """A letter of a case that this actor may read, else None; the subject sees which one was opened."""
    if number not in {x["number"] for x in queries.told(case, actor)["letters"]}:
        return None
    found = Letter.objects.get(case=case, number=number)
    note(actor, case, found.title)
    return found


def note_eligibility(actor: Actor, record: Record) -> None:
    """That somebody who does not speak for its subject asked what a record lacks to be repaired."""
    units = Organisation.objects.filter(code=record.subject.code).values_list("pk", flat=True)
    if not any(set(CITIZENS) & actor.roles.get(unit, frozenset()) for unit in units):
        looks.note_shown(actor, [(record.source, record.subject.code)], REPAIR, "repair", ("repair",))


def _note_result(actor: Actor, case: Case) -> None:
    """Whoever opens the result sees what its sealing has told each subject of. A look keeps the beginning of a long purpose."""
    purpose = case.form.get("purpose", "")
    kept = purpose[: Look._meta.get_field("purpose").max_length]
    sealed = Look.objects.filter(basis=case.number, for_whom=case.source, purpose=kept, refused="")
    last = {row.subject: row for row in sealed.order_by("pk")}
    ask = looks.Ask(Audience.DUTY, purpose, case.number, case.source, case=case.number)
    told = [looks.Looked(code, row.records, row.items, row.fields) for code, row in last.items()]
    looks.note_all(actor.name, told, ask)
