"""Twenty rules over a file of penalties: the same task for all engines.

Four columns are required, three have a pattern, three a list of words, one a length, one is a number, three are dates,
two pairs of dates are ordered, two are required under a condition, one is unique in the file.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

ON = date(2026, 11, 20)
CODE = "[0-9ANY][0-9A-HJ-NP-RTUW-Y][0-9]{6}[0-9A-HJ-NP-RTUW-Y]{10}"
NUMBER = "[0-9]{13}([0-9]{2})?"
LENGTH = 200
REQUIRED = {
    "name.required": "CF_XDR_MC",
    "number.required": "CF_WSH",
    "facts.required": "CF_SY",
    "basis.required": "CF_YJ",
}
PATTERNS = {
    "code.pattern": ("CF_XDR_SHXYM", CODE), "office.pattern": ("CF_CFJGDM", CODE), "old.pattern": ("CF_XDR_GSZC", NUMBER),
}  # fmt: skip
KINDS = ("法人及非法人组织", "个体工商户", "自然人")
DATES = {"decided.date": "CF_JDRQ", "until.date": "CF_YXQ", "published.date": "CF_GSJZQ"}
RULES = (
    *REQUIRED, *PATTERNS, "category.words", "kinds.words", "authority.words", "name.length", "fine.number", *DATES,
    "decided.not-future", "until.not-before", "fine.when", "certificate.when", "number.unique",
)  # fmt: skip
assert len(RULES) == 20, len(RULES)


def words(path: Path) -> tuple[list[str], list[str]]:
    """The lists of penalty kinds and of authorities that the file at `path` may hold."""
    kinds, offices = json.loads(path.with_suffix(".json").read_text("utf-8"))
    return kinds, offices
