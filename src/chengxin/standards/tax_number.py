"""Taxpayer numbers (纳税人识别号): a region and an organisation code until 2015, the unified code since."""

from __future__ import annotations

import re
from typing import Final

from chengxin.standards.organisation_code import organisation_code_problem
from chengxin.standards.text import is_filler
from chengxin.standards.uscc import uscc_parts, uscc_problem

OLD_LENGTH: Final = 15
NEW_LENGTH: Final = 18

_OLD: Final = re.compile("[0-9]{6}[0-9A-Z]{9}")


def tax_number_problem(code: str) -> str | None:
    """Say what is wrong with a number, or ``None``: 'filler', 'length', 'alphabet', 'division' or 'check'.

    15 characters are read as a six-digit region and an organisation code (GB 11714), 18 as a unified code, with the
    answers of ``uscc_problem``. A person's number, built on an identity number, is not accepted: a person is named by
    an identity document (R-069). Expects the form of ``text.clean_code``. All 104 numbers of a real arrears notice of
    2015 passed, so the check is sharp; for history still treat a failure as a doubt. Source: R-071.
    """
    if is_filler(code):
        return "filler"
    if len(code) == NEW_LENGTH:
        return uscc_problem(code)
    if len(code) != OLD_LENGTH:
        return "length"
    if not _OLD.fullmatch(code):
        return "alphabet"
    problem = organisation_code_problem(code[6:])
    # The number as a whole is no filler. Nine zeros inside have a right check character and are no code all the same.
    return "check" if problem == "filler" else problem


def tax_number_organisation_code(code: str) -> str | None:
    """Take the nine-character organisation code out of a number, to link old records to unified codes (R-071).

    ``None`` if ``tax_number_problem`` finds anything: a link is not built on a doubtful number.
    """
    if tax_number_problem(code) is not None:
        return None
    return code[6:] if len(code) == OLD_LENGTH else uscc_parts(code).organisation_code
