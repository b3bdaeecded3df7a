"""The twenty rules for our engine: the same tests as SQL texts over typed columns."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from benchmarks import twenty
from chengxin.engine.plan import Column, Plan
from chengxin.paths import policies_dir
from chengxin.standards.calendar import WorkCalendar
from chengxin.standards.sql import macro_statements


@dataclass(frozen=True)
class Rule:
    id: str
    fields: tuple[str, ...]
    test: str
    level: str = "reject"
    stage: str = "form"
    message: str = "“{found}”不对，应为：{expected}。请改好后重新报送。"
    expected: str = "符合规则的内容"
    found: str = ""


def plan(path: Path) -> Plan:
    kinds, offices = twenty.words(path)
    text = ("CF_XDR_MC", "CF_WSH", "CF_SY", "CF_YJ", "CF_XDR_SHXYM", "CF_CFJGDM", "CF_XDR_GSZC", "CF_NR_ZKDX",
            "CF_XDR_LB", "CF_CFLB", "CF_CFJG")  # fmt: skip
    columns = [Column(c, c, names=(c,)) for c in text]
    columns.append(Column("CF_NR_FK", "CF_NR_FK", kind="amount", names=("CF_NR_FK",)))
    columns += [Column(c, c, kind="date", names=(c,)) for c in twenty.DATES.values()]
    lists = {
        "category.words": ("CF_XDR_LB", twenty.KINDS),
        "kinds.words": ("CF_CFLB", kinds),
        "authority.words": ("CF_CFJG", offices),
    }
    rules = [Rule(rule, (c,), f"{c}_text IS NOT NULL") for rule, c in twenty.REQUIRED.items()]
    rules += [Rule(rule, (c,), f"regexp_full_match({c}_text, '{p}')") for rule, (c, p) in twenty.PATTERNS.items()]
    rules += [
        Rule(rule, (c,), f"{c}_text IN ({', '.join(f'{w!r}' for w in words)})") for rule, (c, words) in lists.items()
    ]
    rules += [
        Rule("name.length", ("CF_XDR_MC",), f"length(CF_XDR_MC_text) <= {twenty.LENGTH}"),
        Rule("fine.number", ("CF_NR_FK",), "CF_NR_FK_text IS NULL OR CF_NR_FK IS NOT NULL"),
        *(Rule(rule, (c,), f"{c}_text IS NULL OR {c} IS NOT NULL") for rule, c in twenty.DATES.items()),
        Rule("decided.not-future", ("CF_JDRQ",), "CF_JDRQ <= reported_on"),
        Rule("until.not-before", ("CF_YXQ", "CF_JDRQ"), "CF_YXQ >= CF_JDRQ", stage="meaning"),
        _when("fine.when", "CF_NR_FK", "罚款"),
        _when("certificate.when", "CF_NR_ZKDX", "吊销"),
    ]  # fmt: skip
    return Plan(
        "twenty",
        tuple(columns),
        tuple(rules),
        twenty.ON,
        twenty.ON,
        key=("CF_WSH",),
        macros=tuple(macro_statements(_calendar())),
    )


def _when(rule: str, column: str, word: str) -> Rule:
    test = f"NOT contains(CF_CFLB_text, '{word}') OR {column}_text IS NOT NULL"
    return Rule(rule, (column, "CF_CFLB"), test, stage="meaning")


def _calendar() -> WorkCalendar:
    return WorkCalendar.from_csv(policies_dir() / "national" / "codes" / "holidays.csv")
