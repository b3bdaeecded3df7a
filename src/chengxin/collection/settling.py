"""Many doubts decided at once: the auditor fills in a sheet, or a program sends a list, and every row is answered (R-051).

A row names a doubt in the state in which it was shown. What has changed since, belongs to others, or was submitted by the
auditor is refused with its reason, and stops no other row; the same sheet again changes nothing. What is read line by line
is what a person has filled in (at most `MAX_ROWS`); the register takes all of it in one statement each
(`registry.doubting`).
"""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Literal

from django.utils.translation import gettext_noop as _

from chengxin.accounts.actors import Actor
from chengxin.accounts.models import Role
from chengxin.accounts.refusals import Refusal
from chengxin.accounts.rules import Denied, require
from chengxin.accounts.words import english
from chengxin.audit.actions import record as trace
from chengxin.collection.actions import NotAccepted, within
from chengxin.collection.models import Batch
from chengxin.collection.queries import visible
from chengxin.engine.headers import match_headings
from chengxin.engine.plan import Column
from chengxin.engine.readers import FileRefused, Limits, Source, open_source
from chengxin.registry.doubting import Decision, decide
from chengxin.registry.models import Record, RecordVersion
from chengxin.standards.cells import MARK

MAX_ROWS = 5000
"""So many rows a sheet may have; what is beyond comes with the next one."""
MAX_BYTES = 10 << 20
REASON = 500
Verdict = Literal["confirm", "withdraw"]
CONFIRM: Final = "confirm"
WITHDRAW: Final = "withdraw"
Outcome = Literal["confirmed", "withdrawn", "same", "refused"]
WORDS: Mapping[str, Verdict] = {"确认": CONFIRM, "撤回": WITHDRAW, "confirm": CONFIRM, "withdraw": WITHDRAW}
"""What may stand in the column of the verdict."""
COLUMNS = (
    Column("doubt", "存疑编号", names=("Doubt number",)),
    Column("verdict", "处理", names=("Verdict",)),
    Column("reason", "凭什么", names=("Grounds",)),
)
_NUMBER = re.compile(r"D([0-9]{1,18})-([0-9]{1,18})")
_ACTIONS: Mapping[Verdict, tuple[str, ...]] = {CONFIRM: ("settle",), WITHDRAW: ("drop", "withdraw")}
_PART = 500
_CHANGED = _("清单下载以后，这一条已经变了（别人处理过，或者重新报送过）；请下载新的清单再看。")


@dataclass(frozen=True)
class Row:
    """One line of a sheet as it was written; `row` counts its data rows from 1."""

    row: int
    doubt: str
    verdict: str
    reason: str


@dataclass(frozen=True)
class Answer:
    """What became of a line: `same` is one that had been decided so before."""

    row: int
    doubt: str
    outcome: Outcome
    refusal: Refusal | None = None


@dataclass(frozen=True)
class _Known:
    """What the register says of a record that a line names."""

    head: Record
    newest: RecordVersion
    batch: Batch | None


class _Refused(Refusal):
    """Why a line is refused."""


def number_of(record: Record) -> str:
    """What a doubt is called in a sheet: the record and the state it is in; a spreadsheet takes it for no number or day."""
    return f"D{record.pk}-{record.change}"


def decide_all(actor: Actor, rows: Sequence[Row], *, channel: str, sha256: str = "") -> list[Answer]:
    """Decide what the rows say, in one transaction, and answer each; rows without a verdict are left out.

    Who may is asked of the same rule as for a single doubt. Raises `Denied` for who is auditor of nothing, `StepUp`, and
    `NotAccepted` where there is nothing to do or too much at once.
    """
    deciding_units(actor)
    filled = [r for r in rows if r.verdict.strip()]
    if not filled:
        raise NotAccepted(_("没有一行填了「处理」：核对过的填“确认”或“撤回”，没有核对的留空。"))
    if len(filled) > MAX_ROWS:
        raise NotAccepted(_("一次最多处理 %(most)s 行，这里有 %(n)s 行，请分成几份。"), most=MAX_ROWS, n=len(filled))
    known, rights = _known(actor, filled), _Rights(actor)
    answers: dict[int, Answer] = {}
    wanted: dict[int, tuple[Row, Decision]] = {}
    for row in filled:
        try:
            decision = _read(row, known, rights)
            if decision is None:
                answers[row.row] = Answer(row.row, row.doubt, "same")
            elif decision.record in wanted:
                raise _Refused(_("同一条存疑信息已经写在第 %(row)s 行。"), row=wanted[decision.record][0].row)
            else:
                wanted[decision.record] = row, decision
        except (_Refused, Denied) as refused:
            answers[row.row] = Answer(row.row, row.doubt, "refused", refused)
    made = decide(actor.name, [d for _row, d in wanted.values()])
    for record, (row, decision) in wanted.items():
        done: Outcome = "confirmed" if decision.stands else "withdrawn"
        answers[row.row] = (
            Answer(row.row, row.doubt, done)
            if record in made
            else Answer(row.row, row.doubt, "refused", _Refused(_CHANGED))
        )
    found = [answers[r.row] for r in filled]
    n = counted(found)
    trace(
        actor.name, "doubt.decide", "doubts", sha256[:16] or channel, channel=channel, sha256=sha256,
        confirmed=n["confirmed"], withdrawn=n["withdrawn"], same=n["same"], refused=n["refused"],
    )  # fmt: skip
    return found


def deciding_units(actor: Actor) -> list[str]:
    """The source units whose doubts the actor may decide. Raises `Denied` where there are none."""
    found = sorted(actor.organisations(Role.AUDITOR))
    if not found and not actor.operator:
        raise Denied(_("确认存疑信息需要您在这个信源单位担任审核员。"))
    return found


def counted(answers: Iterable[Answer]) -> dict[str, int]:
    """How many came out how."""
    found = [a.outcome for a in answers]
    outcomes: tuple[Outcome, ...] = ("confirmed", "withdrawn", "same", "refused")
    return {o: found.count(o) for o in outcomes}


def read(file: BinaryIO) -> tuple[list[Row], str]:
    """The lines of a sheet (CSV or XLSX, by its content), and the SHA-256 of the file, which is not kept: what was decided
    stands with each record. Raises `NotAccepted`."""
    data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise NotAccepted(_("清单超过 %(mb)s MB，请分成几份。"), mb=MAX_BYTES >> 20)
    with tempfile.NamedTemporaryFile() as kept:
        kept.write(data)
        kept.flush()
        try:
            with open_source(Path(kept.name), Limits(max_bytes=MAX_BYTES, max_cells=1_000_000)) as source:
                return _rows(source), hashlib.sha256(data).hexdigest()
        except FileRefused as refused:
            why = refused.message_en if english() else refused.message
            raise NotAccepted(_("读不了这份清单：%(why)s"), why=why) from refused


def _rows(source: Source) -> list[Row]:
    at = match_headings(source.columns, COLUMNS).position
    if missing := [c.label for c in COLUMNS if c.id not in at]:
        raise NotAccepted(
            _("清单缺少这些列：%(missing)s；请用下载的清单填写，不要改第一行。"), missing="、".join(missing)
        )
    found: list[Row] = []
    for chunk in source.chunks():
        columns = [chunk.table[f"c{at[c.id]}"].to_list() for c in COLUMNS]
        cells = enumerate(zip(*columns, strict=True), chunk.first_row)
        found += [Row(n, *(str(c or "").removeprefix(MARK).strip() for c in line)) for n, line in cells if any(line)]
        found += [Row(b.row, b.found[:40], "?", "") for b in chunk.broken]
        if len(found) > 4 * MAX_ROWS:
            break
    return sorted(found, key=lambda r: r.row)


class _Rights:
    """Whether the actor may decide what a batch brought: asked of the rules once for each item, unit and submitter."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.found: dict[tuple[str, str, str], Denied | None] = {}

    def require(self, record: Record, batch: Batch) -> None:
        """Raises `Denied`, `StepUp`."""
        key = record.item, batch.source_id, batch.submitted_by
        if key not in self.found:
            self.found[key] = self._asked(record, batch)
        if denied := self.found[key]:
            raise denied

    def _asked(self, record: Record, batch: Batch) -> Denied | None:
        try:
            require(self.actor, "doubt.settle", batch)
            within(self.actor, record.item)
        except Denied as denied:
            return denied
        return None


def _read(row: Row, known: Mapping[int, _Known], rights: _Rights) -> Decision | None:
    """What a line decides; None when it has been decided so before. Raises `_Refused`, `Denied`, `StepUp`."""
    verdict, number = WORDS.get(row.verdict.strip().lower()), _NUMBER.fullmatch(row.doubt)
    if verdict is None:
        raise _Refused(_("「处理」写的是“%(found)s”，应为“确认”或“撤回”。"), found=row.verdict[:20])
    told = known.get(int(number[1])) if number else None
    if number is None or told is None or told.batch is None:
        raise _Refused(_("没有“%(found)s”这一条存疑信息，或者它不是您单位报送的。"), found=row.doubt[:40])
    if not row.reason.strip():
        raise _Refused(_("没有写「凭什么」，例如核对了哪一份原件。"))
    if len(row.reason.strip()) > REASON:
        raise _Refused(_("「凭什么」有 %(n)s 个字，最多 %(most)s 个。"), n=len(row.reason.strip()), most=REASON)
    rights.require(told.head, told.batch)
    if not told.head.held and told.newest.action in _ACTIONS[verdict] and told.newest.reason == row.reason.strip():
        return None
    if not told.head.held or told.head.change != int(number[2]):
        raise _Refused(_CHANGED)
    return Decision(told.head.pk, told.head.change, verdict == CONFIRM, row.reason.strip())


def _known(actor: Actor, rows: Sequence[Row]) -> dict[int, _Known]:
    """The records that the lines name, as far as the actor may see the batches that brought them; a query for each 500."""
    wanted = sorted({int(m[1]) for r in rows if (m := _NUMBER.fullmatch(r.doubt))})
    found: dict[int, _Known] = {}
    for part in (wanted[n : n + _PART] for n in range(0, len(wanted), _PART)):
        heads = Record.objects.in_bulk(part)
        newest = RecordVersion.objects.defer("payload").in_bulk([h.change for h in heads.values()])
        brought = dict(
            RecordVersion.objects.filter(record_id__in=part, batch__isnull=False)
            .order_by("number")
            .values_list("record_id", "batch")
        )
        batches = visible(actor).in_bulk({b for b in brought.values() if b is not None})
        found |= {pk: _Known(h, newest[h.change], batches.get(brought.get(pk) or 0)) for pk, h in heads.items()}
    return found
