"""Whether a process of this machine still lives: what a dead one left is taken over, or swept."""

from __future__ import annotations

import os


def lives(pid: int) -> bool:
    """True also for a process of another user."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
