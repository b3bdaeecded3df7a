"""Why something about an inspection is not done."""

from __future__ import annotations

from chengxin.accounts.refusals import Refusal


class NotPossible(Refusal):
    """The plan does not stand where this verb can take it, or the input is not right; the text says what to do."""
