"""What a batch's state means to the people who wait for it: one sentence, and what to do next (F-02, R-031)."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from chengxin.collection.models import Batch, State

WORKING = (State.RECEIVED, State.CHECKING, State.RELEASED, State.MERGING)
"""The machine's turn: the state changes without anybody doing anything."""

OVER = (State.STORED, State.REFUSED, State.RETURNED, State.WITHDRAWN)


@dataclass(frozen=True)
class Told:
    """`says` is what happened, `next` what whoever reads this can do now; either may be of use alone."""

    says: str
    next: str


def tell(batch: Batch, *, released_by: str = "") -> Told:
    """The sentence and the next step for where the batch stands; its own reason (`Batch.reason`) is shown beside it.

    `released_by` is the name of the person who decided, where the caller knows more than the account's.
    """
    counts = {
        "received": batch.received,
        "rejected": batch.rejected,
        "doubtful": batch.doubtful,
        "stored": batch.stored,
        "kept": batch.received - batch.rejected - batch.repeated,
        "done": batch.rows_done,
        "by": released_by or batch.released_by,
    }
    says, then = _sentences()[State(batch.state)]
    return Told(says % counts, then % counts)


def _sentences() -> dict[State, tuple[str, str]]:
    return {
        State.RECEIVED: (
            _("文件已收到并存证，正在排队等待校验。"),
            _("不用做什么，轮到时会自动开始；也可以先离开，稍后再来看结果。"),
        ),
        State.CHECKING: (
            _("正在逐行校验，已校验 %(done)s 行。"),
            _("不用做什么，校验完会在这里列出结果。"),
        ),
        State.CHECKED: (
            _("收到 %(received)s 行，可入库 %(kept)s 行，不予入库 %(rejected)s 行，存疑 %(doubtful)s 行。"),
            _(
                "报送人：下面的问题可以在网页上改好再报，也可以撤回后重新报送。审核员：确认无误就放行；报送人本人不能放行。"
            ),
        ),
        State.RELEASED: (
            _("审核员 %(by)s 已放行，正在排队等待入库。"),
            _("不用做什么，轮到时会自动开始。"),
        ),
        State.MERGING: (
            _("正在写入登记库，已处理 %(done)s 行。"),
            _("不用做什么，写完会在这里列出结果。"),
        ),
        State.STORED: (
            _("已入库 %(stored)s 行；不予入库 %(rejected)s 行，存疑 %(doubtful)s 行。"),
            _("不予入库的行请在网页上或按回执改好后重新报送；存疑的行请核对后确认或更正，此前不公示、不共享。"),
        ),
        State.REFUSED: (
            _("整个文件没有收下，里面没有一行入库。"),
            _("请按原因改好文件，重新报送。"),
        ),
        State.RETURNED: (
            _("审核员 %(by)s 把这一批退回了，里面没有一行入库。"),
            _("请按原因改好文件，重新报送。"),
        ),
        State.WITHDRAWN: (
            _("信源单位在放行之前撤回了这一批，里面没有一行入库。"),
            _("改好文件后可以重新报送。"),
        ),
        State.WAITING: (
            _("系统有一条校验规则算不出来，这是系统的问题，不是数据的问题；这一批原样等着。"),
            _("请不要重复报送。运行人员修好后会接着校验；急用请联系运行人员，报上批次号。"),
        ),
    }
