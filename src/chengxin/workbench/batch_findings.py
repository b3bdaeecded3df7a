"""The findings of a batch, page by page, of all rules or of one (R-049): the row, what it says, the sentence that helps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.utils.translation import gettext as _

from chengxin.accounts.words import english
from chengxin.collection import evidence, receipts
from chengxin.collection.models import Batch
from chengxin.design.shapes import Cell, Column, Table, Tone
from chengxin.design.templatetags.chengxin import level_label
from chengxin.engine.readers.refusals import BROKEN
from chengxin.policy.rules import Rule
from chengxin.policy.wording import fill

PER_PAGE = 50
_SHOWN = 80


@dataclass(frozen=True)
class Findings:
    """One page of findings; `words` is the sentence of the rule that was chosen."""

    rule: str
    words: str
    total: int
    page: Page[Any]
    table: Table


class _Receipt(Sequence[Any]):
    """The findings as a sequence that is read from the file as far as a page needs it."""

    def __init__(self, batch: Batch, rule: str) -> None:
        self.folder, self.rule = evidence.folder_of(batch.pk), rule
        self.size = sum(f["count"] for f in batch.faults if not rule or f["rule"] == rule)

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, wanted: Any) -> Any:
        start, stop, _step = wanted.indices(self.size)
        return receipts.page(self.folder, offset=start, limit=stop - start, rule=self.rule)


def findings_of(batch: Batch, rules: Mapping[str, Rule], rule: str, page: str) -> Findings | None:
    """The page of findings that was asked for; None where there are none at all."""
    if not batch.faults:
        return None
    rows = _Receipt(batch, rule)
    found = Paginator(rows, PER_PAGE).get_page(page)
    columns = [
        Column(_("行"), number=True), Column(_("结果")), Column(_("栏目")), Column(_("写的是")),
        Column(_("说明"), wide=True),
    ]  # fmt: skip
    shown = [_row(r, rules) for r in found.object_list]
    table = Table(_("每一处问题的行号、栏目、写的是什么、应该怎样"), columns, shown, empty=_("没有这样的问题。"))
    words = summary(rules, rule) if rule else ""
    return Findings(rule, words, len(rows), found, table)


def _row(finding: Mapping[str, Any], rules: Mapping[str, Rule]) -> list[Any]:
    found = str(finding["found"] or "—")
    return [
        finding["row"] or _("表头"),
        Cell(level_label(finding["level"]), tone=tone_of(finding["level"])),
        finding["field"] or "—",
        f"{found[:_SHOWN]}…" if len(found) > _SHOWN else found,
        sentence(rules.get(str(finding["rule"])), finding),
    ]


def summary(rules: Mapping[str, Rule], id: str) -> str:
    """What a rule finds, whatever the row says; its id where the packs have it no longer."""
    return sentence(rules.get(id), {}) or _unreadable(id) or id


def _unreadable(rule: str) -> str:
    """Why a line could not be read as a row: what the readers find before there is any rule."""
    _item, line, kind = rule.partition(".line.")
    return BROKEN[kind][english()] if line and kind in BROKEN else ""


def sentence(rule: Rule | None, finding: Mapping[str, Any]) -> str:
    """What is wrong and how to put it right, in the reader's language; without a finding the rule's own words."""
    if rule is None:
        told = str(finding.get("message", ""))
        return (_unreadable(str(finding.get("rule", ""))) or told) if english() else told
    if not finding:
        return fill(rule.message_en if english() else rule.message, found="…", expected="…")
    if not english():
        return str(finding["message"])
    expected = rule.expected_en if finding["expected"] == rule.expected else finding["expected"]
    return fill(rule.message_en, found=finding["found"] or "", expected=expected or "")


def tone_of(level: str) -> Tone:
    tones: dict[str, Tone] = {"reject": "bad", "doubt": "warn"}
    return tones.get(level, "")
