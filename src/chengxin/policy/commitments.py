"""The kind `commitments`: templates of credit commitments (信用承诺书), so that what is promised is data (F-09, R-123)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field as Key

from chengxin.policy.errors import Problem
from chengxin.policy.gathered import Reading, twice
from chengxin.policy.schema import Bases, Header, Noted, Slug, Text


class Template(Noted):
    """One template: for which matter, of which kind, what is promised, what happens when it is not kept (R-126).

    `type` is a label of the code table `commitment_types`. `term_days` counts calendar days from signing: no
    later day is taken, and where the signer names none it is that day (`procedures.Ask.term_of`); none: the signer names the
    day. What is signed is published by the procedure's own step; a template does not say otherwise.
    """

    id: Slug
    type: Text
    matter: Text
    matter_en: Text
    title: Text
    title_en: Text
    content: Text
    content_en: Text
    consequence: Text
    consequence_en: Text
    term_days: Annotated[int, Key(gt=0)] | None = None
    basis: Bases | None = None


class Commitments(Header):
    """A collection of templates."""

    kind: Literal["commitments"]
    id: Slug
    templates: Annotated[tuple[Template, ...], Key(alias="template", min_length=1)]


TABLE = "commitment_types"


def check_commitments(reading: Reading) -> Iterator[Problem]:
    """Template ids once for each day over all files; kinds that the code table has."""
    yield from twice(reading, Commitments, template=lambda pack: pack.templates)
    table = reading.tables.get(TABLE)
    for source, pack in reading.of(Commitments):
        for n, template in enumerate(pack.templates):
            if table and template.type not in table.labels:
                expected = f"one of {'、'.join(table.labels)}"
                yield source.problem(("template", n, "type"), repr(template.type), expected)
