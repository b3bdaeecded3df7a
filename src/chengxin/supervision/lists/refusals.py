"""Why a step of a listing is not taken, as sentences in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from chengxin.accounts.refusals import Refusal
from chengxin.policy.steps import StepRefused

STEP_WORDS = {
    "proposal": gettext_noop("提出"),
    "notice": gettext_noop("事前告知"),
    "answer": gettext_noop("陈述申辩"),
    "hearing": gettext_noop("听证"),
    "publicity": gettext_noop("公示征求意见"),
    "verification": gettext_noop("异议核实"),
    "review": gettext_noop("审核"),
    "decision": gettext_noop("决定"),
    "service": gettext_noop("送达"),
    "publication": gettext_noop("公布"),
    "exit-request": gettext_noop("申请提前移出"),
    "exit-decision": gettext_noop("提前移出的决定"),
    "exit": gettext_noop("移出"),
}


class NotPossible(Refusal):
    """The step cannot be taken; the text says why and what comes first."""


_SENTENCES = {
    "closed": gettext_noop("这一条的认定程序已经结束，不能再做「%(step)s」。"),
    "before-last-step": gettext_noop("日期 %(day)s 早于上一步的 %(last)s，请核对。"),
    "not-its-turn": gettext_noop("现在不能做「%(step)s」；应先做「%(next)s」。"),
    "term-runs": gettext_noop("期限到 %(until)s 才届满，当事人也还没有答复，现在不能做「%(step)s」。"),
    "four-eyes": gettext_noop("%(actor)s 做过「%(other)s」，不能再做「%(step)s」，请由另一位办理。"),
    "no-such-outcome": gettext_noop("结果「%(outcome)s」不在可选的结果里：%(outcomes)s。"),
    "not-notified": gettext_noop("还没有告知或者公示，没有可以答复的事项。"),
    "decided": gettext_noop("已经作出决定；不服决定的，可以申请行政复议、提起诉讼或者提出异议。"),
}


def spoken(refused: StepRefused, step: str) -> NotPossible:
    """The sentence for a refusal of the state machine."""
    values = {"step": step, **refused.values}
    values["outcomes"] = "、".join(values.get("outcomes", ()))  # type: ignore[arg-type]
    for key in ("step", "next", "other"):
        if key in values:
            values[key] = word(str(values[key]))
    return NotPossible(_SENTENCES[refused.code], **values)


def word(kind: str) -> str:
    """A step's name in the language of the moment."""
    return _(STEP_WORDS[kind]) if kind in STEP_WORDS else kind
