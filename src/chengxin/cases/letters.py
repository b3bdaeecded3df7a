"""Letters (文书): numbered without gaps, kept as text in both languages, addressed and dated."""

from __future__ import annotations

import hashlib
from datetime import date

from chengxin.cases import gaps, timeline
from chengxin.cases.models import Case, Letter
from chengxin.cases.numbers import next_number
from chengxin.policy.procedures import Procedure


def write(case: Case, procedure: Procedure, letter_id: str, *, day: date, actor: str, reason: str) -> Letter:
    """Make out a letter in the transaction of the step that asks for it (G-05, G-07)."""
    declared = procedure.letter(letter_id)
    number = f"{procedure.word}函〔{day.year}〕{next_number(f'letter:{procedure.id}:{day.year}')}号"
    told = gaps.values(case, procedure, day=day, actor=actor, reason=reason, number=number)
    text, text_en = gaps.fill(declared.text, told), gaps.fill(declared.text_en, told)
    to = {
        "applicant": told["applicant"], "subject": told["subject"], "source": told["source"],
        "handler": told["handler"], "assigned": told["assigned"],
    }[declared.to]  # fmt: skip
    letter = Letter.objects.create(
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
    timeline.add(case, "letter", day=day, actor=actor, detail={"letter": letter_id, "number": number})
    return letter
