"""All commands under one roof; each lives in a file of its own."""

from __future__ import annotations

import typer

from chengxin.cli import audit, case, collect, generate, people, policy, register, run

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="诚信 Chengxin")
app.add_typer(policy.app, name="policy")
app.add_typer(people.app, name="person")
app.add_typer(audit.app, name="audit")
app.add_typer(case.app, name="case")
app.command("init")(run.init)
app.command("serve")(run.serve)
app.command("worker")(run.worker)
app.command("demo")(run.demo)
app.command("generate")(generate.generate)
app.command("submit")(collect.submit)
app.command("quality")(collect.quality)
app.command("subject")(register.subject)
app.command("due")(register.due)
