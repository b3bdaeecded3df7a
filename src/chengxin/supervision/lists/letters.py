"""Letters of lists (名单文书): what an authority served on the subject by a step, as a paper to keep (R-170, R-171, G-05).

Composed from the step's own row and from the words that the list had when the entry was proposed, neither of which
changes: the same step is the same file, byte for byte, as long as nobody is renamed. No official is named in it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import override

from chengxin.accounts.models import Organisation
from chengxin.paper import NoChineseFont, Sheet, letter_pdf
from chengxin.policy.lists import CreditList
from chengxin.policy.schema import basis_text
from chengxin.supervision.lists.queries import left_letter, rules_of
from chengxin.supervision.lists.refusals import NotPossible, word
from chengxin.supervision.models import Listing, ListingStep


def letters_of(entry: Listing) -> list[ListingStep]:
    """The steps of an entry that left a letter, in their order."""
    return [step for step in entry.steps.order_by("pk") if left_letter(step)]


def letter_of(entry: Listing, step: int) -> ListingStep:
    """One step of this entry that left a letter. Raises `ListingStep.DoesNotExist` for every other."""
    found = next((s for s in letters_of(entry) if s.pk == step), None)
    if found is None:
        raise ListingStep.DoesNotExist(f"{entry.number} {step}")
    return found


def title_of(step: ListingStep) -> str:
    """What a letter is called in lists of letters: its step and its number."""
    return f"{word(step.kind)} {step.document}"


def render(step: ListingStep, language: str = "zh") -> bytes:
    """The letter of a step as PDF in Chinese (`zh`) or English (`en`). Raises `NotPossible` where it cannot be printed."""
    try:
        return letter_pdf(sheet_of(step, language), language)
    except NoChineseFont as missing:
        raise NotPossible(_("没有中文字体，不能生成 PDF，请管理员安装字体。")) from missing


def sheet_of(step: ListingStep, language: str = "zh") -> Sheet:
    """What stands in the letter of a step."""
    entry = step.listing
    rules = rules_of(entry).list
    with override("en" if language == "en" else "zh-hans"):
        text = list(_paragraphs(step, entry, rules, language))
        title = _("关于“%(list)s”认定的%(step)s") % {"list": _named(rules, language), "step": word(step.kind)}
    sender = Organisation.objects.filter(pk=entry.department).values_list("name", flat=True).first() or entry.department
    check = hashlib.sha256("\n".join((step.document, entry.number, *text)).encode()).hexdigest()
    return Sheet(title, step.document, entry.subject.name, sender, text, step.on, f"{entry.number} · SHA-256 {check}")


def _paragraphs(step: ListingStep, entry: Listing, rules: CreditList, language: str) -> Iterator[str]:
    """What happened, why, on what basis, and what the subject can do about it."""
    if outcome := _outcome(step):
        yield outcome
    yield from (part for part in step.text.split("\n") if part.strip())
    criterion = next((c for c in rules.criteria if c.id == entry.criterion), None)
    if criterion is not None:
        yield _("认定标准：%(text)s") % {"text": _named(criterion, language)}
    if entry.reason:
        yield _("事实和理由：%(text)s") % {"text": entry.reason}
    yield _("依据：%(text)s") % {"text": basis_text(rules.basis)}
    if step.until:
        yield _("到 %(day)s 为止，可以向本机关陈述、申辩或者要求听证。") % {"day": step.until.isoformat()}
    if step.outcome == "list":
        yield _("怎样移出：%(text)s") % {"text": rules.exit.text}
    if step.kind in ("decision", "exit-decision"):
        yield _("不服本决定的：%(text)s") % {"text": rules.remedy}


def _outcome(step: ListingStep) -> str:
    return {
        "list": _("决定列入名单。"), "refuse": _("决定不列入名单。"), "leave": _("决定移出名单。"),
        "stay": _("决定不移出名单。"), "wrong": _("列入有误，予以撤销。"),
    }.get(step.outcome, "")  # fmt: skip


def _named(thing: object, language: str) -> str:
    return str((getattr(thing, "label_en", "") if language == "en" else "") or getattr(thing, "label", ""))
