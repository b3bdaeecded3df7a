"""`chengxin policy`: check a folder of policies, list and show what is in it, publish it, compare two of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from chengxin.cli.common import setup
from chengxin.paths import policies_dir
from chengxin.policy import Item, Policies, PolicyError, UnknownPolicy, load
from chengxin.policy.check import Graded, Report, Run, check
from chengxin.policy.diff import diff
from chengxin.policy.evaluation import Evaluation
from chengxin.policy.publish import describe, schema_for_file, table_schema

app = typer.Typer(help="Policy packs: check, list, show, diff.", no_args_is_help=True)

Folder = Annotated[
    Path | None, typer.Option("--policies", help="The folder of policy packs.", show_default="policies/")
]
Day = Annotated[
    datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="The day that counts.", show_default="today")
]


@app.command("check")
def check_command(
    policies: Folder = None,
    assumptions: Annotated[bool, typer.Option("--assumptions", help="List everything that is assumed.")] = False,
    examples: Annotated[bool, typer.Option(help="Run the good and bad examples of every rule.")] = True,
) -> None:
    """Check every file, every rule text and every example; a wrong file is named with its line and what was expected."""
    report = check(policies or policies_dir(), *((_runner, _grader) if examples else ()))
    for problem in report.problems:
        typer.echo(str(problem), err=True)
    for fault in report.faults:
        typer.echo(str(fault), err=True)
    if not report.ok:
        typer.echo(f"{len(report.problems) + len(report.faults)} faults in {report.folder}", err=True)
        raise typer.Exit(1)
    _summary(report)
    for assumption in report.assumptions if assumptions else ():
        typer.echo(f"assumed  {assumption.file}: {assumption.where}: {assumption.note}")


def _runner(policies: Policies) -> Run:
    """What runs the examples; the way of a row reaches into the register, whose models have to be there (no store is needed)."""
    setup()
    from chengxin.cli.rule_examples import engine_runner  # DuckDB is loaded only when examples are run

    return engine_runner(policies, _day(None))


def _grader(policies: Policies, model: Evaluation) -> Sequence[Graded | Exception | None]:
    from chengxin.evaluation.examples import grade_examples

    return grade_examples(model, policies)


def _summary(report: Report) -> None:
    typer.echo(", ".join(f"{count} {what}" for what, count in report.counts().items()))
    typer.echo(f"{report.folder} is in order; rule set {report.policies.digest[:12] if report.policies else ''}")


@app.command("list")
def list_command(policies: Folder = None, on: Day = None) -> None:
    """List the items in force on a day, with their version, number of fields and rules, and basis."""
    loaded, day = _load(policies), _day(on)
    for item in loaded.items(day):
        rules = loaded.rules(item.id, day)
        typer.echo(f"{item.id:<20} {item.version:<10} {item.label}  ({len(item.fields)} fields, {len(rules)} rules)")
        typer.echo(f"{'':<20} {item.effective}  {item.basis_text}")


@app.command("show")
def show_command(item: str, policies: Folder = None, on: Day = None) -> None:
    """Show one item: its fields, its rules with level and basis, its severity steps."""
    loaded, day = _load(policies), _day(on)
    try:
        found = loaded.item(item, day)
    except UnknownPolicy as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    _show(found, loaded, day)


def _show(item: Item, policies: Policies, day: date) -> None:
    typer.echo(f"{item.label} / {item.label_en} ({item.id}, version {item.version}, {item.effective})")
    typer.echo(f"basis: {item.basis_text}")
    typer.echo(f"{item.nature}, {item.disclosure}, sharing {item.sharing}, key {' + '.join(item.record.key)}")
    typer.echo("\nfields")
    for f in item.fields:
        need = "required" if f.required else "" if f.kept else "dropped"
        typer.echo(f"  {f.id:<24} {f.label}  [{f.type}] {need}".rstrip())
        typer.echo(f"  {'':<24} {describe(f, policies)}")
    typer.echo("\nrules")
    for rule in policies.rules(item.id, day):
        typer.echo(f"  {rule.level:<6} {rule.stage:<8} {rule.id}: {rule.expected}")
        if rule.test:
            typer.echo(f"  {'':<15} {rule.test}")
    for step in policies.severities(item.id, day):
        typer.echo(f"severity {step.level}: {step.test or 'all others'}  ({step.basis})")


@app.command("schema")
def schema_command(
    item: str,
    file: Annotated[
        Path | None, typer.Option("--for", help="A file: the schema with its headings, in its order.")
    ] = None,
    policies: Folder = None,
    on: Day = None,
) -> None:
    """Print an item's Frictionless Table Schema, so that a file can be checked before it is sent, by any tool."""
    loaded, day = _load(policies), _day(on)
    try:
        found = loaded.item(item, day)
    except UnknownPolicy as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    schema = _schema_of(file, found, loaded) if file else table_schema(found, loaded)
    typer.echo(json.dumps(schema, ensure_ascii=False, indent=2))


def _schema_of(file: Path, item: Item, policies: Policies) -> dict[str, Any]:
    from chengxin.collection.plan import column_of  # these load DuckDB and Polars
    from chengxin.engine.headers import match_headings
    from chengxin.engine.readers import FileRefused, open_source

    try:
        with open_source(file) as source:
            match = match_headings(source.columns, [column_of(f, policies) for f in item.fields])
            return schema_for_file(item, policies, source.columns, match.position)
    except (FileRefused, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


@app.command("diff")
def diff_command(
    before: Path, after: Annotated[Path | None, typer.Argument(help="Default: the policies in use.")] = None
) -> None:
    """Show what changed from one folder of policies to another, item by item, field by field, rule by rule."""
    changes = diff(_load(before), _load(after))
    for change in changes:
        typer.echo(str(change))
    typer.echo(f"{len(changes)} differences" if changes else "no differences")


def _load(folder: Path | None) -> Policies:
    try:
        return load(folder or policies_dir())
    except PolicyError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


def _day(on: datetime | None) -> date:
    return on.date() if on else datetime.now().astimezone().date()
