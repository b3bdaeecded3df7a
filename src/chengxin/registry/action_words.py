"""What each action of a record's history is called, in one place for every face (RecordVersion.action; R-080, G-10).

The subject's page, the desk of a case and whatever else tells of versions use these words; `tests/registry` holds that
every action that the register can write has one.
"""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ACTIONS: dict[str, Promise] = {
    "created": _("入库"),
    "updated": _("信源单位更新"),
    "correct": _("更正"),
    "dispute": _("标明异议处理中"),
    "uphold": _("异议不成立，取消标明"),
    "repair": _("修复"),
    "shield": _("暂停公示"),
    "unshield": _("恢复公示"),
    "withdraw": _("撤回"),
    "reinstate": _("恢复"),
    "publicity-end": _("公示结束"),
    "settle": _("存疑已确认"),
    "drop": _("存疑有误，撤回"),
    "annotate": _("加注"),
    "archive": _("归档"),
}


def action_label(action: str) -> str:
    """The action in the reader's language; its own word where the register is newer than this list."""
    return str(ACTIONS.get(action, action))
