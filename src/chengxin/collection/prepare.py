"""From typed columns to staged rows: the SQL that turns a row of an item into what the register keeps.

Everything here is an expression over the columns of design.md section 6 (`<field>_text`, `<field>`), computed by the
engine chunk by chunk; periods, severities and keys come from the packs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from functools import partial

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from chengxin.accounts.persons import SCHEME
from chengxin.engine.check import Checker
from chengxin.policy.catalogue import Item
from chengxin.policy.packs import Period
from chengxin.policy.policies import Policies
from chengxin.policy.rules import severity_for, severity_sql
from chengxin.registry import personal
from chengxin.registry.merge import MASTER, STAGE

Protection = Callable[[pa.Table], pa.Table]
SUBJECT = ("scheme", "code", "organisation_code", "kind", "name", "name_key")


def subject_sql(item: Item) -> dict[str, str]:
    """Expressions for the subject of a row: by unified code, else by the best older identifier; never by name."""
    choices = _identifiers(item)
    code = _case((when, value) for when, _, value, _ in choices)
    return {
        "scheme": _case((when, f"'{scheme}'") for when, scheme, _, _ in choices),
        "code": code,
        "organisation_code": f"coalesce({_case((when, inner) for when, _, _, inner in choices)}, '')",
        "kind": "'natural_person'" if item.personal else _organisation_sql(code),
        "name": f"{_text(item.record.subject_name)}",
        "name_key": f"name_key({_text(item.record.subject_name)})",
    }


def _organisation_sql(code: str) -> str:
    return f"CASE WHEN {code} LIKE '92%' AND strlen({code}) = 18 THEN 'individual_business' ELSE 'organisation' END"


def _identifiers(item: Item) -> list[tuple[str, str, str, str]]:
    """(condition, scheme, code, organisation code) in the order of trust."""
    record = item.record
    if item.personal:  # `protect` makes the person's code of this number and the name
        return [("TRUE", SCHEME, _text(record.identifiers["citizen_id"]), "''")]
    found: list[tuple[str, str, str, str]] = []
    if record.subject_code:
        x = _text(record.subject_code)
        found.append((f"strlen({x}) = 18", "uscc", x, f"substr({x}, 9, 9)"))
        found.append((f"strlen({x}) IN (13, 15)", "registration_number", x, "''"))
    tax = record.identifiers.get("tax_number")
    if tax:
        x = _text(tax)
        found.append((f"strlen({x}) = 18", "uscc", x, f"substr({x}, 9, 9)"))
    number = record.identifiers.get("registration_number")
    if number:
        found.append((f"{_text(number)} IS NOT NULL", "registration_number", _text(number), "''"))
    organisation = record.identifiers.get("organisation_code")
    if organisation:
        x = f"replace({_text(organisation)}, '-', '')"
        found.append((f"{x} IS NOT NULL", "organisation_code", x, x))
    if tax:
        x = _text(tax)
        found.append((f"strlen({x}) = 15", "tax_number", x, f"substr({x}, 7, 9)"))
    return found


def stage_sql(item: Item, packs: Policies, *, region: str, on: date) -> str:
    """The select list that gives `STAGE` (and `MASTER`) but for `row`, `variant` and `held`, which the check knows."""
    record = item.record
    columns = {
        **subject_sql(item),
        "key": key_sql(item),
        "key_hash": f"md5('{item.id}' || chr(31) || {key_sql(item)})",
        "severity": f"replace({severity_of(item)}, 'none', '')",
        "region": region_sql(item, region),
        "decided_on": _date(record.decided),
        "expires_on": _date(record.expires),
        "publish": publish_sql(item, packs),
        "public_until": period_sql(item, packs, "max_months"),
        "repair_from": period_sql(item, packs, "min_months"),
        "retain_until": retention_sql(item, packs, on),
        "payload": payload_sql(item),
        **{personal.SEALED + f.id: _text(f.id) for f in item.sealed_fields},
    }
    if record.master:
        columns |= {
            "former_code": f"coalesce({_text(record.identifiers.get('registration_number'))}, '')",
            "former_names": former_names_sql(item),
            "industry": f"coalesce({_attribute(item, 'industry', code=True)}, '')",
            "status": f"coalesce({_attribute(item, 'status')}, '')",
            "address": f"coalesce({_attribute(item, 'address')}, '')",
            "registered_on": _date(record.attributes.get("registered_on")),
        }
    return ", ".join(f"{sql} AS {name}" for name, sql in columns.items())


def protection(item: Item) -> Protection | None:
    """What has to be done with the rows of an item before they are stored: sealing, where they are about persons."""
    return partial(personal.protect, item=item) if item.personal else None


def staged_rows(
    checker: Checker,
    table: pl.DataFrame,
    select: str,
    *,
    rows: npt.NDArray[np.int64],
    held: npt.NDArray[np.bool_],
    variants: npt.NDArray[np.bool_],
    master: bool,
    protect: Protection | None = None,
) -> pa.Table:
    """The accepted rows of a chunk as the register takes them; `rows` are their numbers, `variants` marks rows that
    contradict another row of the file under the same key and therefore stand under their own content."""
    base = checker.compute(table, select)
    base = protect(base) if protect else base
    checker.con.register("accepted", base.append_column("own", pa.array(variants)))
    try:
        derived = checker.con.sql(
            """SELECT content_hash, CASE WHEN own THEN content_hash ELSE '' END AS variant, due_on
               FROM (SELECT own, md5(code || payload) AS content_hash, least(public_until, retain_until) AS due_on
                     FROM accepted)"""
        ).to_arrow_table()
    finally:
        checker.con.unregister("accepted")
    columns = {
        **{name: base.column(name) for name in base.column_names},
        **{name: derived.column(name) for name in derived.column_names},
        "row": pa.array(rows),
        "held": pa.array(held.astype(np.int64)),
    }
    wanted = pa.schema([*STAGE, *(MASTER if master else ())])
    return pa.table({f.name: columns[f.name] for f in wanted}).cast(wanted)


def former_names_sql(item: Item) -> str:
    """The names a registration calls former, as a JSON list of name and comparison key; NULL where there is none."""
    said = _attribute(item, "former_name")
    names = f"list_filter(string_split_regex({said}, '[、，,;；|/\\n]'), lambda n: name_key(n) IS NOT NULL)"
    pairs = f"list_transform({names}, lambda n: {{'name': trim(n), 'key': name_key(n)}})"
    return f"CASE WHEN len({names}) > 0 THEN CAST(to_json({pairs}) AS VARCHAR) END"


def key_sql(item: Item) -> str:
    """The natural key as one text."""
    return "concat_ws('|', " + ", ".join(f"coalesce({_text(k)}, '')" for k in item.record.key) + ")"


def region_sql(item: Item, region: str) -> str:
    """Six-digit division: what a registration says or its code carries, else the division of the source unit."""
    if not item.record.master:
        return f"'{region}'"
    said, code = _attribute(item, "region", code=True), subject_sql(item)["code"]
    return f"coalesce({said}, CASE WHEN strlen({code}) = 18 THEN substr({code}, 3, 6) END, '')"


def severity_of(item: Item) -> str:
    """Severity of an adverse record; empty for all others."""
    return severity_sql(severity_for(item)) if item.nature == "adverse" else "''"


def publish_sql(item: Item, packs: Policies) -> str:
    """1 where the public may ever see the record: the item is public and its severity is published at all."""
    if item.disclosure != "public":
        return "CAST(0 AS BIGINT)"
    if item.publicity is None:
        return "CAST(1 AS BIGINT)"
    return f"CAST(coalesce({_by_version(item, packs, lambda p: str(int(p.publish)))}, 0) AS BIGINT)"


def period_sql(item: Item, packs: Policies, which: str) -> str:
    """Last day of publicity (`max_months`) or first day on which repair may be asked for (`min_months`)."""
    if item.publicity is None:
        return "CAST(NULL AS DATE)"

    def day(period: Period) -> str:
        months = getattr(period, which)
        return "NULL" if months is None else f"add_months(least({{clock}}, DATE '9000-01-01'), {months})"

    return f"CAST({_by_version(item, packs, day)} AS DATE)"


def _by_version(item: Item, packs: Policies, value: Callable[[Period], str]) -> str:
    """CASE over the versions of the publicity rules (picked by date) and, inside, over the severities."""
    severity = severity_of(item)
    arms = []
    for pack in packs.disclosures:
        for rule in pack.publicities:
            if rule.id != item.publicity:
                continue
            clock, pick = _clock(item, rule.clock_start), _clock(item, rule.pick_by)
            until = f" AND {pick} <= DATE '{pack.effective.end}'" if pack.effective.end else ""
            inner = " ".join(f"WHEN '{p.severity}' THEN {value(p).replace('{clock}', clock)}" for p in rule.periods)
            arms.append(f"WHEN {pick} >= DATE '{pack.effective.start}'{until} THEN CASE {severity} {inner} END")
    return f"CASE {' '.join(arms)} END" if arms else "NULL"


def _clock(item: Item, name: str) -> str:
    """The record's date of that name, falling back to the decision where the item has no such column."""
    if name == "today":
        return "today"
    field = {
        "decided": item.record.decided,
        "document": item.record.decided,
        "published": item.record.published or item.record.decided,
        "effective": item.record.effective or item.record.decided,
    }[name]
    return f'"{field}"' if field else "reported_on"


def retention_sql(item: Item, packs: Policies, on: date) -> str:
    """Last day on which the record is kept for use; NULL where it is kept permanently."""
    retention = packs.retention(item.id, on)
    if retention is None or retention.permanent:
        return "CAST(NULL AS DATE)"
    months = (retention.years or 0) * 12 + (retention.months or 0)
    start = f'"{retention.start}"' if retention.start and retention.start != "entered" else "reported_on"
    # 长期 is written as 9999-12-31; what never ends is kept for good.
    ends = f"add_months(coalesce({start}, reported_on), {months})"
    last = f"CASE WHEN {start} < DATE '9000-01-01' OR {start} IS NULL THEN {ends} END"
    if item.personal and item.record.expires:  # what holds of a person until a day, a ban, ends with it
        last = f'least({last}, "{item.record.expires}")'
    return last


def payload_sql(item: Item) -> str:
    """The kept fields that say something as one JSON object of texts and lists; amounts in yuan without trailing zeros.

    What is absent is left out: of a wide item that is a quarter of all the bytes that are stored.
    """
    parts = []
    for field in item.kept_fields:
        if field.sealed:  # `registry.personal` puts them there
            continue
        name = f'"{field.id}"'
        if field.type == "amount":
            value = f"rtrim(rtrim(CAST({name} AS VARCHAR), '0'), '.')"
        elif field.type == "code_set":
            value = name
        else:
            value = f"CAST({name} AS VARCHAR)"
        parts.append(f"""'"{field.id}":' || CAST(to_json({value}) AS VARCHAR)""")
    return f"""'{{' || concat_ws(',', {", ".join(parts)}) || '}}'"""


def _text(field: str | None) -> str:
    """The content of a text-like field; a placeholder is none."""
    return f'CAST("{field}" AS VARCHAR)' if field else "CAST(NULL AS VARCHAR)"


def _attribute(item: Item, name: str, *, code: bool = False) -> str:
    """A piece of master data: a coded field as its code or its label, any other as it is."""
    field = item.record.attributes.get(name)  # type: ignore[call-overload]
    if code and field and item.field(field).type == "code":
        return f'"code_{field}"("{field}")'
    return _text(field)


def _date(field: str | None) -> str:
    return f'"{field}"' if field else "CAST(NULL AS DATE)"


def _case(arms: Iterable[tuple[str, str]]) -> str:
    return "CASE " + " ".join(f"WHEN {when} THEN {value}" for when, value in arms) + " END"
