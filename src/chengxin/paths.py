"""Where things lie: the policies that rule, and the folder in which an installation keeps what it makes."""

from __future__ import annotations

import os
from pathlib import Path


def repo_root() -> Path | None:
    """The checkout that this file is part of, or None when Chengxin was installed as a package."""
    root = Path(__file__).resolve().parents[2]
    return root if (root / "pyproject.toml").exists() and (root / "src" / "chengxin").is_dir() else None


def policies_dir() -> Path:
    """The policy packs: CHENGXIN_POLICIES, else `policies/` of the checkout, else `policies/` of the working directory."""
    given = os.environ.get("CHENGXIN_POLICIES")
    return Path(given).expanduser() if given else (repo_root() or Path.cwd()) / "policies"


def docs_dir() -> Path:
    """The documentation, with the programs that verify without us: that of the checkout, else of the working directory."""
    return (repo_root() or Path.cwd()) / "docs"


def home() -> Path:
    """What an installation keeps (its database, files, keys): CHENGXIN_HOME, else `var/` of the working directory."""
    given = os.environ.get("CHENGXIN_HOME")
    return Path(given).expanduser() if given else Path.cwd() / "var"
