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

__all__ = ["FAULTS", "HARMLESS", "TABLES", "TODAY", "subjects", "with_faults", *(f.__name__ for f in TABLES.values())]
