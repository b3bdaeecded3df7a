"""A folder of policies with one department: what others write into theirs does not change what these tests say."""

from __future__ import annotations

import shutil
from pathlib import Path

from chengxin.paths import repo_root

DEPARTMENT = "departments/ecology-environment"
NATIONAL = ("codes", "forbidden.toml", "measures.toml", "inspection-record.toml")
ITEMS = ("penalty", "licence", "commitment", "inspection", "judgment-defaulter")
PACKS = Path(__file__).parent / "packs"
AGENCY = """
[[agency]]
id = "{id}"
name = "{name}"
name_en = "{id}"
code = "{code}"
region = "320000"
"""
AGENCIES = (
    ("ecology-environment", "江苏省生态环境厅", "11320000QX26G009XF"),
    ("court", "江苏省高级人民法院", "11320000QX26G0014R"),
)
HEAD = """
authority = "test"
version = "1"
effective = { from = 2026-01-01 }
basis = "test"
"""


def small_packs(folder: Path) -> Path:
    """Write the folder: one department's packs (`packs/`), and what of the national ones they refer to."""
    shipped = (repo_root() or Path.cwd()) / "policies"
    wanted = [shipped / "national" / name for name in NATIONAL] + list((shipped / "national").glob("disclosure-*.toml"))
    wanted += [shipped / "national" / "catalogue" / f"{item}.toml" for item in ITEMS]
    shutil.copytree(PACKS, folder / DEPARTMENT)
    for source in wanted:
        target = folder / source.relative_to(shipped)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, target) if source.is_dir() else shutil.copyfile(source, target)
    agencies = [AGENCY.format(id=id, name=name, code=code) for id, name, code in AGENCIES]
    (folder / "agencies.toml").write_text('kind = "agencies"' + HEAD + "".join(agencies), "utf-8")
    return folder
