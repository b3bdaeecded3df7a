"""Records by hand, and grades from a provider of the test's own (the evaluation room is somebody else's)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from chengxin.accounts.actors import Actor, operator
from chengxin.registry.models import Record, Subject
from chengxin.registry.queries import find_subject

from ..registry.staged import BOHE, YUNLING, row, send

GRADES: list[tuple[int, str, str, int, date]] = []
COMING: list[tuple[int, str, str, int, str, int, date]] = []
AUTHORITY = "江苏省生态环境厅"


def grades(subjects: Sequence[int] | None = None, models: Sequence[str] | None = None) -> list[tuple[object, ...]]:
    """The provider of current grades."""
    return [g for g in GRADES if (subjects is None or g[0] in subjects) and (models is None or g[1] in models)]


def forecast(models: Sequence[str], until: date) -> list[tuple[object, ...]]:
    """The provider of grades to come."""
    return [c for c in COMING if c[1] in models and c[6] <= until]


def penalty(number: int, code: str, name: str, key: str, **more: object) -> dict[str, object]:
    """An environmental penalty as collection would hand it to the register."""
    day = str(more.get("decided_on", "2026-03-01"))
    content = {"document_number": key, "authority_name": AUTHORITY, "case_name": f"{key}一案", "decided_on": day}
    return row(number, code, name, key, content=content, **more)


ANNA, BORIS, CHEN, DORA = (operator(name) for name in ("anna", "boris", "chen", "dora"))


def subject(code: str) -> Subject:
    """The subject, which must be there."""
    found = find_subject(code)
    assert found is not None
    return found


def records(code: str) -> list[int]:
    """Ids of the subject's records."""
    return sorted(Record.objects.filter(subject__code=code).values_list("pk", flat=True))


__all__ = [
    "ANNA", "AUTHORITY", "BOHE", "BORIS", "CHEN", "COMING", "DORA", "GRADES", "YUNLING", "Actor", "penalty", "records",
    "row", "send", "subject",
]  # fmt: skip
