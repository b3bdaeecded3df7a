"""Every kind of policy file but `catalogue`, and what each is checked for once all files are read.

A room that needs a new kind writes its schema in a module of this folder and adds one line to each table here; the
loader reads it, lists its assumptions and hands it out by `Policies.of`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from chengxin.policy.errors import Problem
from chengxin.policy.gathered import Reading
from chengxin.policy.packs import Agencies, CodeTable, Disclosure, Forbidden, Quality, RetentionDefaults
from chengxin.policy.schema import Header

KINDS: Mapping[str, type[Header]] = {
    "agencies": Agencies,
    "codes": CodeTable,
    "disclosure": Disclosure,
    "forbidden": Forbidden,
    "quality": Quality,
    "retention": RetentionDefaults,
}
"""`kind = "..."` of a file -> its schema."""

Crosscheck = Callable[[Reading], Iterable[Problem]]

ACROSS: tuple[Crosscheck, ...] = ()
"""What shows only when all files are read: names that lead nowhere, two versions for one day."""
