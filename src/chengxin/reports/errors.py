"""Why a report is not issued."""

from __future__ import annotations

from chengxin.accounts.refusals import Refusal


class ReportRefused(Refusal):
    """What was asked for is refused as a whole; the sentence says why and what would be needed."""
