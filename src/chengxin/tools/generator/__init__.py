"""A seeded generator of an invented province: organisations, and what departments report on them.

Pure functions of a number of rows and a seed: the same arguments give the same frame on every machine, and a million
rows take seconds. Names, people and codes are invented (`stock.py` and `codes.py` say how); headings, wordings and
faults are as departments write them.
"""

from collections.abc import Callable

import polars as pl

from chengxin.tools.generator.conduct import commitments, contracts, declarations, honours, inspections
from chengxin.tools.generator.faults import FAULTS, HARMLESS, with_faults
from chengxin.tools.generator.licences import licences
from chengxin.tools.generator.lists import abnormal, judgment_defaulters, serious_list
from chengxin.tools.generator.penalties import penalties
from chengxin.tools.generator.registrations import registrations
from chengxin.tools.generator.subjects import TODAY, subjects
from chengxin.tools.generator.tax import tax_arrears, tax_grades

TABLES: dict[str, Callable[..., pl.DataFrame]] = {
    "registration": registrations,
    "licence": licences,
    "penalty": penalties,
    "abnormal": abnormal,
    "serious-list": serious_list,
    "judgment-defaulter": judgment_defaulters,
    "tax-grade": tax_grades,
    "tax-arrears": tax_arrears,
    "commitment": commitments,
    "contract": contracts,
    "honour": honours,
    "declaration": declarations,
    "inspection": inspections,
}
"""Catalogue item -> the function that makes rows of it: (subjects, n, seed, today)."""

PER_SUBJECT = {
    "registration": 1.0,
    "licence": 0.9,
    "penalty": 0.12,
    "abnormal": 0.05,
    "serious-list": 0.004,
    "judgment-defaulter": 0.012,
    "tax-grade": 0.45,
    "tax-arrears": 0.01,
    "commitment": 0.35,
    "contract": 0.08,
    "honour": 0.02,
    "declaration": 0.03,
    "inspection": 0.3,
}
"""How many records of each item an invented province has for each of its subjects: most have nothing adverse at all."""

__all__ = [
    "FAULTS",
    "HARMLESS",
    "PER_SUBJECT",
    "TABLES",
    "TODAY",
    "subjects",
    "with_faults",
    *(f.__name__ for f in TABLES.values()),
]
