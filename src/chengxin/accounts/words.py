"""Words that every face and room needs of people and readers: which language is read, and what people are called."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import get_language

from chengxin.accounts.models import User


def english() -> bool:
    """Whether the reader has chosen English."""
    return (get_language() or "").startswith("en")


def people(names: Iterable[str]) -> dict[str, str]:
    """Sign-in name -> what the person is called; one query. Who has left keeps the sign-in name, nobody is empty."""
    wanted = {n for n in names if n}
    rows = User.objects.filter(username__in=wanted) if wanted else ()
    found = {u.username: str(u) for u in rows}
    return {n: found.get(n, n) for n in wanted} | {"": ""}
