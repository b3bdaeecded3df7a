"""Letters (文书): numbered without gaps, kept as text in both languages, addressed and dated."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction

from chengxin.cases import clocks, gaps, timeline
from chengxin.cases.models import Case, Letter
from chengxin.cases.numbers import next_number
from chengxin.policy.procedures import Procedure, Step

DRAFT = "（预览，尚未编号）"
"""What stands where the number will."""


def write(case: Case, procedure: Procedure, letter_id: str, *, day: date, actor: str, reason: str) -> Letter:
    """Make out a letter in the transaction of the step that asks for it (G-05, G-07)."""
    number = f"{procedure.word}函〔{day.year}〕{next_number(f'letter:{procedure.id}:{day.year}')}号"
    letter = _made(case, procedure, letter_id, number, day=day, actor=actor, reason=reason)
    letter.save()
    timeline.add(case, "letter", day=day, actor=actor, detail={"letter": letter_id, "number": number})
    return letter


def preview(
    case: Case, procedure: Procedure, step: Step, *, day: date, actor: str, reason: str, answers: Mapping[str, Any]
) -> Letter | None:
    """The letter that the step would write, for whoever is about to take it; nothing is kept, no number is used up.

    The clocks are moved as the step would move them, so that the days in the letter are the right ones, and moved back.
    Effects on the register are not tried: what they change is not quoted in letters. None where the step writes none.
    """
    if step.letter is None:
        return None
    with transaction.atomic():
        tried = Case.objects.select_for_update().get(pk=case.pk)
        tried.form, tried.state = {**tried.form, **answers}, step.to
        if "clock.extend" in step.effects and step.clock:
            _try_extending(tried, procedure, step, day, actor)
        clocks.after_step(tried, procedure, step.id, day, actor)
        letter = _made(tried, procedure, step.letter, DRAFT, day=day, actor=actor, reason=reason)
        transaction.set_rollback(True)
    return letter


def _try_extending(case: Case, procedure: Procedure, step: Step, day: date, actor: str) -> None:
    """A clock that cannot be extended keeps its day: the step itself will say why."""
    try:
        clocks.extend(case, procedure.clock(step.clock or ""), step.add_days or 0, day, actor)
    except LookupError:
        return


def _made(
    case: Case, procedure: Procedure, letter_id: str, number: str, *, day: date, actor: str, reason: str
) -> Letter:
    declared = procedure.letter(letter_id)
    told = gaps.values(case, procedure, day=day, actor=actor, reason=reason, number=number)
    text, text_en = gaps.fill(declared.text, told), gaps.fill(declared.text_en, told)
    to = {
        "applicant": told["applicant"], "subject": told["subject"], "source": told["source"],
        "handler": told["handler"], "assigned": told["assigned"],
    }[declared.to]  # fmt: skip
    return Letter(
        case=case,
        letter=letter_id,
        number=number,
        day=day,
        to_name=to or case.opened_by,
        from_name=told["handler"],
        title=gaps.fill(declared.title, told),
        title_en=gaps.fill(declared.title_en, told),
        text=text,
        text_en=text_en,
        sha256=hashlib.sha256(f"{number}\n{text}\n{text_en}".encode()).hexdigest(),
    )
