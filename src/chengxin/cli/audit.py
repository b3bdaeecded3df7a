"""`chengxin audit`: seal and sign, prove, verify (R-082, R-361, R-366, R-373). Exit 0 sound, 3 tampered."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any, NoReturn

import orjson
import typer

from chengxin.cli.common import need_store, out, print_json, refuse, setup, system_user

app = typer.Typer(help="The provable log: seal, prove, verify.", no_args_is_help=True)
TAMPERED = 3
Json = Annotated[bool, typer.Option("--json")]


@app.command("checkpoint")
def checkpoint(json: Json = False) -> None:
    """Seal what is new, sign a checkpoint and tell the witnesses; safe to run at any time."""
    _ready(json)
    from chengxin.audit import sealing, witnesses
    from chengxin.audit.keys import NoLog
    from chengxin.audit.models import Checkpoint

    try:
        done = sealing.seal()
    except NoLog as error:
        refuse(str(error), as_json=json)
    troubles = witnesses.push()
    newest = Checkpoint.objects.order_by("-pk").first()
    told = {
        "leaves": done.leaves, "size": done.size, "busy": done.busy, "root": bytes(newest.root).hex() if newest else None,
        "checkpoint": newest.note if newest else None, "witnesses": troubles,
    }  # fmt: skip
    if json:
        print_json(told)
        return
    out.print(f"✓ 新封存 {done.leaves} 条，日志共 {done.size} 条，根 {told['root']}", highlight=False)
    for address, trouble in troubles.items():
        out.print(f"  见证方 {address} 暂时联系不上：{trouble}（下次补送）", highlight=False, soft_wrap=True)


@app.command("prove")
def prove(
    what: Annotated[str, typer.Argument(help="叶子序号，或 event:编号、record:变更编号、growth:检查点大小")],
    size: Annotated[int | None, typer.Option(help="证明它在这个大小的检查点里（默认：最新）")] = None,
    json: Json = False,
) -> None:
    """A proof that something is in the log; docs/verify_log.py checks it anywhere."""
    _ready(json)
    from chengxin.audit import proving

    kind, _, number = what.rpartition(":")
    if not number.isdigit() or kind not in ("", "event", "record", "growth"):
        refuse(f"「{what}」读不懂：应写成叶子序号，或 event:编号、record:变更编号、growth:检查点大小。", as_json=json)
    try:
        if kind == "growth":
            told = proving.prove_consistency(int(number), size)
        elif kind:
            told = proving.prove_row(kind, int(number), size, reveal=kind == "record")
        else:
            told = proving.prove_inclusion(int(number), size)
    except proving.NotSealed as error:
        refuse(f"还没有封存：{error}", as_json=json)
    print_json(told) if json else _show(told)


@app.command("archive")
def archive(
    out_folder: Annotated[
        Path | None, typer.Option("--out", help="存档的文件夹（默认：数据目录下的 archives/）")
    ] = None,
    json: Json = False,
) -> None:
    """Put what was sealed since the last archive into a file of its own, chained to the one before; safe to run again."""
    _ready(json)
    from chengxin.audit.archiving import NotWhole
    from chengxin.audit.archiving import archive as write
    from chengxin.audit.keys import NoLog
    from chengxin.paths import home

    try:
        made = write(system_user(), out_folder or home() / "archives")
    except NoLog as error:
        refuse(str(error), as_json=json)
    except NotWhole as error:
        _tampered(
            f"没有存档：{error}；请运行 chengxin audit verify。", {"state": "tampered", "reason": str(error)}, json
        )
    if made is None:
        told: dict[str, Any] = {"state": "nothing-new"}
        words = "没有新的检查点，不需要存档；先运行 chengxin audit checkpoint。"
    else:
        told = {"state": "archived", **vars(made), "path": str(made.path)}
        words = f"✓ 存档 {made.number}：第 {made.first} 到 {made.end - 1} 条，{made.path}\n  摘要 {made.digest}"
    print_json(told) if json else out.print(words, highlight=False, soft_wrap=True)


def _check_archives(paths: list[Path], json: bool) -> None:
    """Archives against the keys and digests that this store knows; exit 3 names file, entry and kind."""
    from chengxin.audit.archive_checking import check, files
    from chengxin.audit.models import Event, LogKey

    if lost := [path for path in paths if not path.exists()]:
        refuse(f"没有这个文件或者文件夹：{'、'.join(map(str, lost))}。", as_json=json)
    found = files(paths)
    if not found:
        refuse(f"{'、'.join(map(str, paths))} 里没有存档。", as_json=json)
    digests = {int(e.object): str(e.detail["digest"]) for e in Event.objects.filter(action="log.archive")}
    checked = check(found, {key.number: key for key in LogKey.objects.all()}, digests)
    faults = [{"archive": f.archive, "entry": f.entry, "kind": f.kind, "detail": f.detail} for f in checked.faults]
    first = faults[0] if faults else {"archive": None, "entry": None, "kind": None}
    told = {
        "state": "tampered" if faults else "sound", **{k: first[k] for k in ("archive", "entry", "kind")},
        "faults": faults, "archives": checked.archives, "leaves": checked.leaves, "content": checked.content,
    }  # fmt: skip
    if faults:
        lines = [f"  {f['archive']}  {f['entry']}  {f['kind']}  {f['detail']}" for f in faults[:20]]
        _tampered("\n".join(["存档被改动或者不全：", *lines]), told, json)
    words = f"✓ 存档完好：{checked.archives} 个，{checked.leaves} 条，其中 {checked.content} 条有内容"
    print_json(told) if json else out.print(words, highlight=False)


def _tampered(words: str, told: dict[str, Any], json: bool) -> NoReturn:
    print_json(told) if json else out.print(f"[bold red]✗[/] {words}", highlight=False, soft_wrap=True)
    raise typer.Exit(TAMPERED)


@app.command("verify")
def verify(
    archives: Annotated[
        list[Path] | None, typer.Option("--archive", help="只核对这个存档，或者这个文件夹里的存档，可以写几次")
    ] = None,
    json: Json = False,
) -> None:
    """Build the whole log again from what it stands for, published records included; exit 3 names what was tampered with."""
    _ready(json)
    if archives:
        return _check_archives(archives, json)
    from chengxin.audit.keys import NoLog
    from chengxin.audit.verifying import verify as check

    start = time.perf_counter()
    try:
        report = check()
    except NoLog as error:
        refuse(str(error), as_json=json)
    first = report.first
    told = {
        "state": "sound" if report.sound else "tampered",
        "index": first.index if first else None,
        "kind": first.kind if first else None,
        "faults": [{"index": f.index, "kind": f.kind, "detail": f.detail} for f in report.faults],
        "size": report.size, "root": report.root, "checkpoints": report.checkpoints, "rows": report.rows,
        "pending": report.pending, "erased": report.erased, "seconds": round(time.perf_counter() - start, 3),
    }  # fmt: skip
    if json:
        print_json(told)
    elif first is None:
        out.print(f"✓ 日志完好：{report.size} 条，{report.checkpoints} 个检查点，根 {report.root}", highlight=False)
    else:
        out.print(f"[bold red]✗[/] 日志或所记内容被改动：第一处在第 {first.index} 条（{first.kind}）", highlight=False)
        for fault in report.faults[:20]:
            out.print(f"  {fault.index}  {fault.kind}  {fault.detail}", highlight=False, soft_wrap=True)
    if first is not None:
        raise typer.Exit(TAMPERED)


@app.command("rotate")
def rotate(
    algorithm: Annotated[str, typer.Option(help="Ed25519 或 SM2-SM3")] = "Ed25519",
) -> None:
    """Replace the signing key: the old one signs the announcement, the new one everything after it."""
    _ready(False)
    from chengxin.audit import keys, sealing

    try:
        made = keys.rotate(system_user(), algorithm)
        sealing.seal()
    except keys.NoLog as error:
        refuse(str(error))
    out.print(f"✓ 新密钥 {made.number}（{algorithm}），指纹 {keys.fingerprint(bytes(made.public))}", highlight=False)


@app.command("export")
def export(folder: Annotated[Path, typer.Argument(help="导出到这个（新的）文件夹")]) -> None:
    """Everything a third party needs to check the log without us: leaves, checkpoints, public keys; no personal data."""
    _ready(False)
    from chengxin.audit.exporting import export as write

    if folder.exists():
        refuse(f"{folder} 已经存在，请指定一个新文件夹。")
    count = write(folder)
    out.print(f"✓ 导出 {count} 条到 {folder}；核对：python docs/verify_log.py export {folder}", highlight=False)


def _ready(json: bool) -> None:
    setup()
    need_store(json)


def _show(told: dict[str, Any]) -> None:
    out.print(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode(), highlight=False, soft_wrap=True)
