"""The kind `queries`: on what basis somebody who is not the public may look, and how long looks are kept (R-092 to R-099).

A look by duty names a matter of this list (使用信用查询的行政管理事项), one by sharing an agreement; both with their legal
basis. Authorisations of subjects are no policy: they stand in the database (`accounts.models.Authorisation`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field as Key

from chengxin.policy.errors import Problem
from chengxin.policy.gathered import Reading, twice
from chengxin.policy.schema import Bases, Header, Noted, Slug, Text

if TYPE_CHECKING:
    from chengxin.policy.policies import Policies


class Matter(Noted):
    """An administrative matter in which records are looked up by duty (依职权查询); no `departments` means every one."""

    id: Slug
    label: Text
    label_en: Text
    departments: tuple[Slug, ...] = ()
    items: tuple[Slug, ...] = ()
    handling: bool = False
    """The matter in which whoever handles a case sees the record it is about."""
    basis: Bases


class Agreement(Noted):
    """An agreement under which a body shares in what is not public (政务共享)."""

    id: Slug
    label: Text
    label_en: Text
    grantee: Slug
    items: tuple[Slug, ...] = ()
    basis: Bases


class Keeping(Noted):
    """How long the records of looks are kept, in years; then they are erased and the log stays verifiable."""

    years: Annotated[int, Key(gt=0)]
    basis: Bases


class Leave(Noted):
    """For how many days an authorisation is suggested to hold; whoever gives it may change that."""

    days: Annotated[int, Key(gt=0)]
    basis: Bases


class Withholding(Noted):
    """How many days at most looks for a case that its subject is not told of yet (`internal` states) are kept back from it:
    a draft that is not decided would else tell of itself, and one that is never decided would else hide them for good."""

    days: Annotated[int, Key(gt=0)]
    basis: Bases


class Queries(Header):
    """The bases of looks."""

    kind: Literal["queries"]
    matters: Annotated[tuple[Matter, ...], Key(alias="matter")] = ()
    agreements: Annotated[tuple[Agreement, ...], Key(alias="agreement")] = ()
    keeping: Keeping | None = None
    leave: Leave | None = None
    withholding: Withholding | None = None


def suggested_term(packs: Policies, on: date) -> int | None:
    """How many days an authorisation is suggested to hold; None where the packs in force do not say."""
    return next((p.leave.days for p in packs.of(Queries) if p.leave and p.effective.holds(on)), None)


def handling_matter(packs: Policies, on: date) -> str:
    """The id of the matter in which whoever handles a case on that day sees its record; "" where the packs have none in
    force: then nobody does."""
    files = (pack for pack in packs.of(Queries) if pack.effective.holds(on))
    return next((m.id for pack in files for m in pack.matters if m.handling), "")


def check_queries(reading: Reading) -> Iterator[Problem]:
    """Each id once for each day over all files, and one matter for cases."""
    yield from twice(reading, Queries, matter=lambda pack: pack.matters, agreement=lambda pack: pack.agreements)
    seen: list[tuple[str, Queries, str]] = []
    for source, pack in reading.of(Queries):
        for n, matter in enumerate(pack.matters):
            if not matter.handling:
                continue
            for file, other, id in seen:
                if other.effective.overlaps(pack.effective):
                    found = f"a second one, after {id} in {file}"
                    yield source.problem(("matter", n, "handling"), found, "one matter for cases")
            seen.append((source.name, pack, matter.id))
