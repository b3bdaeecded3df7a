"""`chengxin init`, `serve`, `worker` and `demo`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from chengxin.cli.common import err, need_store, out, refuse, setup, system_user


def init() -> None:
    """Create the store under CHENGXIN_HOME (or in CHENGXIN_DATABASE_URL), or bring it up to this version."""
    setup()
    from django.conf import settings
    from django.core.management import call_command

    from chengxin.accounts.actions import take_over_agencies
    from chengxin.policy.errors import PolicyError
    from chengxin.registry.packs import policies

    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)  # its parent is CHENGXIN_HOME
    try:
        packs = policies()
    except PolicyError as error:
        refuse(f"政策包有问题，未建库：\n{error}")
    call_command("migrate", interactive=False, verbosity=0)
    count = take_over_agencies(packs.agencies)
    _open_log()
    day = __import__("datetime").date.today()
    out.print(f"✓ 数据库已就绪（{_store()}）；{len(packs.items(day))} 个目录项，{count} 个单位。", highlight=False)


def _open_log() -> None:
    """The provable log and its signing key (a file of mode 0600 in CHENGXIN_HOME), once."""
    from chengxin.audit.keys import NoLog, open_log

    try:
        open_log(system_user())
    except NoLog as error:
        refuse(str(error))


def serve(
    port: Annotated[int, typer.Option(help="端口")] = 8000,
    host: Annotated[str, typer.Option(help="地址")] = "127.0.0.1",
    workers: Annotated[int, typer.Option(help="网页进程数")] = 1,
    with_worker: Annotated[bool, typer.Option(help="同时运行后台工作进程")] = True,
) -> None:
    """Serve the pages and the API; a background worker runs beside it unless --no-with-worker."""
    _let_in_invented_people()
    setup()
    need_store()
    _free(host, port)
    background = subprocess.Popen([sys.executable, "-m", "chengxin", "worker"]) if with_worker else None
    try:
        from granian import Granian
        from granian.constants import Interfaces

        Granian(
            "chengxin.wsgi:application", address=host, port=port, interface=Interfaces.WSGI, workers=workers,
            blocking_threads=8, log_enabled=False,
        ).serve()  # fmt: skip
    finally:
        if background is not None:
            background.terminate()
            background.wait(timeout=30)


def worker(
    once: Annotated[bool, typer.Option(help="没有待办时退出")] = False,
    retry: Annotated[bool, typer.Option(help="先把因系统故障停下的批次放回队列")] = False,
) -> None:
    """Check received batches, merge released ones, and let grades, lists, measures, clocks and seals follow."""
    setup()
    need_store()
    from chengxin.cli.following import Follower
    from chengxin.collection import jobs
    from chengxin.collection.running import Beat
    from chengxin.registry import evidence
    from chengxin.registry.staging import sweep

    sweep()
    evidence.sweep()
    if retry:
        out.print(f"放回队列 {jobs.retry()} 个批次。")
    follower, beat = Follower("worker"), Beat()

    def idle() -> None:
        beat()
        follower.changes()

    try:
        count = jobs.work(once=once, idle=idle, daily=follower.day)
    except KeyboardInterrupt:
        return
    finally:
        beat.end()
    out.print(f"处理了 {count} 个批次。")


def demo(
    port: Annotated[int, typer.Option()] = 8000,
    host: Annotated[str, typer.Option()] = "127.0.0.1",
    no_serve: Annotated[bool, typer.Option("--no-serve")] = False,
    small: Annotated[bool, typer.Option("--small", help="只要几个示例文件，不要整个省份：半分钟就好")] = False,
    subjects: Annotated[int | None, typer.Option(min=2000, help="虚构省份有多少个主体")] = None,
) -> None:
    """Set up the store with an invented province: its people, what its departments reported, cases; and serve it."""
    from chengxin.accounts.demonstration import EXEMPT
    from chengxin.cli.demo import SUBJECTS, prepare
    from chengxin.cli.following import Follower

    if not no_serve:
        _free(host, port)
    os.environ.setdefault("CHENGXIN_EXEMPT", EXEMPT)  # invented people of an invented province
    init()
    prepare(0 if small else subjects or SUBJECTS)
    with out.status("评价、名单、措施和日志跟上登记库……"):
        Follower(system_user()).changes()
    address = f"http://{host}:{port}"
    out.print(f"\n打开 [bold]{address}[/] ，试着查“云岭”两个字。" if not no_serve else "\n示例数据已就绪。")
    if not no_serve:
        os.environ.setdefault("CHENGXIN_HOSTS", f"{host},127.0.0.1,localhost")
        _serve_anew(host, port)


def _serve_anew(host: str, port: int) -> None:
    """Serve in a fresh process: the server forks its workers, and what has computed with Polars must not be forked (its
    threads are gone in the child, and the first page that computes waits for them for ever)."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(  # noqa: S606
        sys.executable, [sys.executable, "-m", "chengxin", "serve", "--port", str(port), "--host", host]
    )


def _let_in_invented_people() -> None:
    """A demonstration's store is served as `demo` serves it: its people need no second factor."""
    from chengxin.accounts.demonstration import EXEMPT, read
    from chengxin.paths import home

    if read(home()):
        os.environ.setdefault("CHENGXIN_EXEMPT", EXEMPT)


def _free(host: str, port: int) -> None:
    import socket

    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            err.print(f"端口 {port} 用不了（{error.strerror}），请用 --port 换一个。")
            raise typer.Exit(2) from None


def _store() -> str:
    from django.conf import settings

    database = settings.DATABASES["default"]
    if "sqlite" in database["ENGINE"]:
        return str(database["NAME"])
    return f"PostgreSQL {database['HOST']}/{database['NAME']}"
