"""Procedures, rules of repair, commitments and receivers: what is wrong with a file is said with file, line, found and
expected (issue 4, part 2)."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from chengxin.accounts.models import Role
from chengxin.policy import PolicyError, load
from chengxin.policy.errors import Problem
from chengxin.policy.procedures import Procedure
from chengxin.policy.procedures import Role as Word
from chengxin.policy.queries import handling_matter
from chengxin.policy.repair import Repair
from chengxin.policy.schema import Header

SHIPPED = Path(__file__).resolve().parents[2] / "policies"
OBJECTION = "national/procedures/objection.toml"
OLD, REPAIR = "national/procedures/repair-58.toml", "national/procedures/repair-36.toml"
QUERIES = "jiangsu/queries.toml"
ORDER = "jiangsu/procedures/rectification.toml"
RULES = "national/repair-2026.toml"
PROMISES = "national/commitments.toml"
PROMISE = "national/procedures/commitment.toml"
RECEIVERS = "jiangsu/receivers.toml"
DECLARATION = "national/procedures/declaration.toml"

# file, text to change, its replacement, text on the line named, words of `found`, words of `expected`
WRONG = [
    (
        ORDER,
        'id = "overdue", label',
        'id = "overdue", internal = true, label',
        'who = [{ role = "representative", at = "subject" }',
        "'representative' at a state that is internal",
        "nobody of the applicant or subject",
    ),
    (
        ORDER,
        'id = "unrectified", label',
        'id = "unrectified", internal = true, label',
        'letter = "handed-over"',
        "a letter on the way to 'unrectified'",
        "no letter",
    ),
    (
        REPAIR,
        'serves = "repair"',
        'serves = "objection"',
        'serves = "objection"',
        "serves it too",
        "one procedure at a time to which the portal leads",
    ),
    (
        QUERIES,
        'id = "inspection"',
        'id = "inspection"\nhandling  = true',
        "handling = true",
        "a second one",
        "one matter",
    ),
    (OBJECTION, 'to = "refused"\nwho', 'to = "refusd"\nwho', 'to = "refusd"', "'refusd'", "corrected"),
    (
        OBJECTION,
        'from = ["verified"]\nto = "refused"',
        'to = "refused"',
        'id = "refuse"',
        "2 steps without `from`",
        "exactly one",
    ),
    (OBJECTION, 'id = "returned", label', 'id = "lost", label', 'id = "lost"', "no step leads to", "a step"),
    (
        OBJECTION,
        'id = "verified", label',
        'id = "verified", end = "done", label',
        'id = "correct"',
        "out of the end",
        "no end",
    ),
    (
        OBJECTION,
        'to = "refused"\nwho = [{ role = "steward" }]\ndecision = true',
        'to = "refused"\nwho = [{ role = "representative", at = "subject" }]\ndecision = true',
        'who = [{ role = "representative", at = "subject" }]\ndecision',
        "could take",
        "source, handler",
    ),
    (
        OBJECTION,
        'to = "deleted"\nwho = [{ role = "steward" }]\ndecision = true',
        'to = "deleted"\nwho = [{ role = "steward" }]',
        'effects = ["record.withdraw"]',
        "without a decision",
        "four eyes",
    ),
    (
        OBJECTION,
        'effects = ["record.withdraw"]',
        'effects = ["record.burn"]',
        'effects = ["record.burn"]',
        "'record.burn'",
        "record.withdraw",
    ),
    (OBJECTION, 'apart_from = ["verify"]', 'apart_from = ["verfy"]', 'apart_from = ["verfy"]', "'verfy'", "verify"),
    (OBJECTION, 'letter = "lapsed"', 'note = "x"', 'id = "lapse"', "without a letter", "`letter`"),
    (OBJECTION, "您的异议（{case}）逾期", "您的异议（{cases}）逾期", "您的异议（{cases}）", "{cases}", "case"),
    (OBJECTION, 'then = "lapse"', "", 'id = "lapse"', "no clock takes", "`then`"),
    (OBJECTION, 'then = "lapse"', 'then = "withdraw"', 'then = "withdraw"', "which people take", "system"),
    (OBJECTION, 'start = ["return"]', "start = []", "start = []", "nothing", "at least one"),
    (OBJECTION, 'start = ["return"]', 'start = ["retrn"]', 'start = ["retrn"]', "'retrn'", "return"),
    (OBJECTION, "working_days = 5\n", "", 'id = "handling"', "none or both", "working_days"),
    (
        OBJECTION,
        'basis = { document = "2023年江苏省公共信用信息工作要点", section = "第11项" }\n\n[[clock]]',
        "[[clock]]",
        'id = "handling"',
        "nothing",
        "`basis`",
    ),
    (OBJECTION, 'handler = "centre"', 'handler = "center"', 'handler = "center"', "'center'", "centre"),
    (OBJECTION, "add_days = 15\n", "", 'id = "extend"', "without its clock and days", "add_days"),
    (
        OBJECTION,
        'role = "auditor", at = "source" }]\ntakes',
        'role = "jury", at = "source" }]\ntakes',
        'role = "jury"',
        "'jury'",
        "auditor",
    ),
    (OLD, "to = 2026-03-31 }", "to = 2026-04-30 }", "effective", "while", "do not overlap"),
    (REPAIR, 'about = "record"', 'about = "subject"', 'id = "approve"', "in a procedure about subject", "about"),
    (REPAIR, 'items = ["penalty",', 'items = ["penalties",', "items =", "'penalties'", "penalty"),
    (RULES, 'test = "stated"\nask = "corrected"', 'test = "stated"', 'test = "stated"', "alone", "`ask`"),
    (RULES, 'publicities = ["penalty"', 'publicities = ["penaltys"', "publicities", "'penaltys'", "penalty"),
    (
        RULES,
        'label_en = "Credit repair"',
        'label_en = "Credit repair"\nsources = ["sea"]',
        "sources",
        "'sea'",
        "maritime",
    ),
    (PROMISES, 'type = "容缺受理型"', 'type = "容缺型"', 'type = "容缺型"', "'容缺型'", "容缺受理型"),
    (PROMISES, 'id = "tolerance"', 'id = "approval"', 'id = "approval"\ntype = "容缺', "a second template", "once"),
    (PROMISE, 'term_of = "template"', 'term_of = "authority"', "term_of", "'authority'", "templates"),
    (RECEIVERS, 'changes = ["repair"', 'changes = ["repaint"', "changes =", "'repaint'", "'repair'"),
    (
        RECEIVERS,
        'id = "national-platform"',
        'id = "credit-china"',
        'id = "credit-china"\nlabel = "全国',
        "a second receiver",
        "once",
    ),
    (DECLARATION, 'verified = "否"', 'verfied = "否"', 'item = "declaration"', "'verfied'", "verified"),
    (
        DECLARATION,
        'item = "declaration"\nsource = "handler"\nfields = { subject_name',
        'item = "declarations"\nsource = "handler"\nfields = { subject_name',
        'item = "declarations"',
        "'declarations'",
        "item",
    ),
]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped packs without those of departments, which say nothing about procedures."""
    folder = tmp_path_factory.mktemp("packs") / "policies"
    shutil.copytree(SHIPPED, folder, ignore=shutil.ignore_patterns("departments", "reports"))
    return folder


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "found", "expected"), WRONG, ids=[f"{n:02}-{w[4]}" for n, w in enumerate(WRONG)]
)
def test_a_wrong_file_is_refused_with_its_line(copy, file, old, new, line, found, expected) -> None:
    path = copy / file
    text = path.read_text("utf-8")
    assert old in text, f"{old!r} is not in {file}"
    path.write_text(text.replace(old, new, 1), "utf-8")
    try:
        with pytest.raises(PolicyError) as caught:
            load(copy)
        changed = path.read_text("utf-8")
    finally:
        path.write_text(text, "utf-8")
    fitting = [p for p in caught.value.problems if found in p.found and expected in p.expected]
    assert fitting, "\n".join(map(str, caught.value.problems))
    assert fitting[0].file == file
    start = changed[: changed.index(line)].count("\n") + 1
    block = changed[changed.index(line) :].split("\n\n")[0].count("\n")
    assert any(start - 1 <= p.line <= start + block for p in fitting), [str(p) for p in fitting]


def test_the_shipped_procedures_load_and_say_what_they_assume() -> None:
    packs = load(SHIPPED)
    assert {p.id for p in packs.of(Procedure)} >= {
        "objection", "source-objection", "repair", "withdrawal", "bankruptcy-shielding", "commitment", "declaration",
        "rectification", "batch-query", "credit-review", "publication", "complaint", "sector-repair",
    }  # fmt: skip
    assert {(r.version, str(r.effective)) for r in packs.of(Repair) if not r.items} == {
        ("58", "2023-05-01 – 2026-03-31"), ("36", "2026-04-01 – …"),
    }  # fmt: skip
    assumed = [a for a in packs.assumptions if "procedures/" in a.file]
    assert assumed and all(a.note for a in assumed)


def test_numbers_of_the_papers_are_those_of_the_packs() -> None:
    """N-02, N-03, domain.md 4.3: five days for objections, three and ten for repair, three for withdrawal, 0.5 %."""
    packs = {p.id: p for p in load(SHIPPED).of(Procedure) if p.effective.end is None}
    days = {(p, c.id): c.working_days for p, pack in packs.items() for c in pack.clocks}
    assert days["objection", "handling"] == 5
    assert days["repair", "acceptance"] == 3 and days["repair", "decision"] == 10
    assert days["withdrawal", "withdrawal"] == 3
    assert packs["repair"].goals.review_error == 0.005


def test_roles_of_procedures_are_roles_of_accounts() -> None:
    assert set(Word.__args__) - {"system", "anyone"} <= set(Role.values)
    assert issubclass(Procedure, Header)


VERSIONED = [
    (PROMISES, 'kind = "commitments"'),
    (RECEIVERS, 'kind = "receivers"'),
    (QUERIES, 'kind = "queries"'),
    ("national/measures.toml", 'kind = "measures"'),
]


@pytest.mark.parametrize(("file", "head"), VERSIONED)
def test_a_new_version_stands_beside_the_old_one_that_has_an_end(copy, file, head) -> None:
    """policies/README: copy the file, give the old one `to`. Without the end every id is there twice for one day."""
    path, newer = copy / file, (copy / file).with_name("newer.toml")
    text = path.read_text("utf-8")
    start = next(line for line in text.splitlines() if line.startswith("effective = "))
    until, since = start.replace(" }", ", to = 2026-05-31 }"), "effective = { from = 2026-06-01 }"
    assert head in text and until != start
    newer.write_text(text.replace(start, since), "utf-8")
    try:
        assert any("each id once" in p.expected for p in _problems(copy, file, newer.name))
        path.write_text(text.replace(start, until), "utf-8")
        assert not _problems(copy, file, newer.name)
    finally:
        path.write_text(text, "utf-8")
        newer.unlink()


def _problems(folder: Path, *files: str) -> list[Problem]:
    """What is wrong with these files; items of departments, which are not in the copy, are missed by others."""
    with pytest.raises(PolicyError) as caught:
        load(folder)
    return [p for p in caught.value.problems if p.file.endswith(files)]


def test_who_handles_cases_looks_under_the_matter_of_the_day(tmp_path) -> None:
    """R-096: a matter that has ended opens nothing, and the one that follows it does."""
    folder = tmp_path / "policies"
    shutil.copytree(SHIPPED, folder)
    path, newer = folder / QUERIES, folder / "jiangsu/queries-newer.toml"
    text = path.read_text("utf-8")
    start = next(line for line in text.splitlines() if line.startswith("effective = "))
    newer.write_text(
        text.replace(start, "effective = { from = 2026-06-01 }").replace('id = "case"', 'id = "case-anew"'), "utf-8"
    )
    path.write_text(text.replace(start, start.replace(" }", ", to = 2026-05-31 }")), "utf-8")
    packs = load(folder)
    days = (date(2026, 5, 31), date(2026, 6, 1), date(1990, 1, 1))
    assert [handling_matter(packs, day) for day in days] == ["case", "case-anew", ""]
