"""`chengxin generate`: files of an invented province, of any size, for trying and measuring."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chengxin.cli.common import out, refuse


def generate(
    subjects: Annotated[int, typer.Option(min=100, help="虚构多少个主体")] = 10_000,
    seed: Annotated[int, typer.Option(help="种子：同样的数得到同样的文件")] = 1,
    folder: Annotated[Path, typer.Option("--out", help="写到哪个文件夹")] = Path(),
    item: Annotated[list[str] | None, typer.Option(help="目录项，可以写几次（默认：全部）")] = None,
    rows: Annotated[int | None, typer.Option(min=1, help="每个目录项多少行（默认：按一个省里大致的比例）")] = None,
    faults: Annotated[float, typer.Option(min=0, max=1, help="有错的行占多少，例如 0.03")] = 0.0,
) -> None:
    """Write CSV files of invented organisations and of what departments report on them; nobody real is in them."""
    from chengxin.tools.generator import PER_SUBJECT, TABLES, with_faults
    from chengxin.tools.generator import subjects as invented

    wanted = item or list(TABLES)
    if unknown := [i for i in wanted if i not in TABLES]:
        refuse(f"不会生成「{'、'.join(unknown)}」；可以生成：{'、'.join(TABLES)}。")
    folder.mkdir(parents=True, exist_ok=True)
    everybody = invented(subjects, seed)
    for name in wanted:
        frame = TABLES[name](everybody, rows or max(1, round(subjects * PER_SUBJECT[name])), seed)
        if faults:
            frame, planted = with_faults(frame, faults, seed, item=name)
            planted.write_csv(folder / f"{name}.faults.csv")
        frame.write_csv(folder / f"{name}.csv")
        out.print(f"{frame.height:>10,} 行  {folder / f'{name}.csv'}", highlight=False, soft_wrap=True)
