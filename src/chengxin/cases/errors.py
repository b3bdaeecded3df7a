"""What can stand in the way of a step, each with a sentence for whoever tried it."""

from __future__ import annotations

from dataclasses import dataclass

from chengxin.accounts.refusals import Refusal


class CaseRefused(Refusal):
    """What was asked for does not fit the procedure; the text says what would."""


class Moved(CaseRefused):
    """Somebody else was quicker, or the case stands where this step does not lead on from (HTTP 409); `state` is the new one."""

    def __init__(self, text: str, *, state: str, **values: object) -> None:
        super().__init__(text, state=state, **values)
        self.state = state


class KeyReused(CaseRefused):
    """The idempotency key already stands for something else."""


class StoreFailed(CaseRefused):
    """Evidence cannot be kept: the disk is full or away (HTTP 507). Nothing was stored."""


@dataclass(frozen=True)
class Unmet:
    """A condition that does not hold, and what can be done about it, in both languages (R-242)."""

    id: str
    label: str
    label_en: str
    remedy: str
    remedy_en: str


class NotMet(CaseRefused):
    """Conditions of the step do not hold; `unmet` names each with its remedy."""

    def __init__(self, text: str, unmet: tuple[Unmet, ...]) -> None:
        super().__init__(text, unmet="；".join(f"{u.label}：{u.remedy}" for u in unmet))
        self.unmet = unmet
