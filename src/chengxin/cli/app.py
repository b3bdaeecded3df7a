"""All commands under one roof; each lives in a file of its own."""

from __future__ import annotations

import typer

from chengxin.cli import (
    alerts,
    audit,
    backup,
    case,
    collect,
    desk,
    embedded_check,
    evaluate,
    generate,
    inspect,
    lists,
    measures,
    people,
    policy,
    register,
    report,
    run,
    simulate,
    verify,
    why,
)

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="诚信 Chengxin")
app.add_typer(policy.app, name="policy")
app.add_typer(people.people, name="user")
app.add_typer(people.keys, name="key")
app.add_typer(people.org, name="org")
app.add_typer(audit.app, name="audit")
app.add_typer(case.app, name="case")
app.add_typer(lists.app, name="lists")
app.add_typer(measures.app, name="measures")
app.add_typer(inspect.app, name="inspect")
app.add_typer(alerts.app, name="alerts")
app.add_typer(report.app, name="report")
app.add_typer(desk.remind, name="remind")
app.add_typer(desk.bulletin, name="bulletin")
app.command("check")(embedded_check.check)
app.command("init")(run.init)
app.command("serve")(run.serve)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.command("worker")(run.worker)
app.command("demo")(run.demo)
app.command("generate")(generate.generate)
app.command("submit")(collect.submit)
app.command("quality")(collect.quality)
app.command("subject")(register.subject)
app.command("due")(register.due)
app.command("open-data")(register.open_data)
app.command("evaluate")(evaluate.evaluate)
app.command("follow")(evaluate.follow)
app.command("verify")(verify.verify)
app.command("why")(why.why)
app.command("simulate")(simulate.simulate)
