"""The kind `queries`: on what basis somebody who is not the public may look, and how long looks are kept (R-092 to R-099).

A look by duty names a matter of this list (使用信用查询的行政管理事项), one by sharing an agreement; both with their legal
basis. Authorisations of subjects are no policy: they stand in the database (`accounts.models.Authorisation`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field as Key

from chengxin.policy.errors import Problem
from chengxin.policy.gathered import Reading
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


class Queries(Header):
    """The bases of looks."""

    kind: Literal["queries"]
    matters: Annotated[tuple[Matter, ...], Key(alias="matter")] = ()
    agreements: Annotated[tuple[Agreement, ...], Key(alias="agreement")] = ()
    keeping: Keeping | None = None


def handling_matter(packs: Policies) -> str:
    """The id of the matter in which whoever handles a case sees its record; "" where the packs have none: then nobody does."""
    return next((m.id for pack in packs.of(Queries) for m in pack.matters if m.handling), "")


def check_queries(reading: Reading) -> Iterator[Problem]:
    """Each id once over all files, agreements only with agencies that there are."""
    first: dict[str, str] = {}
    handling = ""
    for source, pack in reading.of(Queries):
        for n, matter in enumerate(pack.matters):
            if matter.handling and handling:
                yield source.problem(
                    ("matter", n, "handling"), f"a second one, after {handling}", "one matter for cases"
                )
            handling = handling or (f"{matter.id} in {source.name}" if matter.handling else "")
        told = [("matter", n, m.id) for n, m in enumerate(pack.matters)]
        told += [("agreement", n, a.id) for n, a in enumerate(pack.agreements)]
        for table, n, known in told:
            if known in first:
                found = f"a second {table} {known!r} (the first is in {first[known]})"
                yield source.problem((table, n, "id"), found, "each id once")
            first.setdefault(known, source.name)
