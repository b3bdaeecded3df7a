"""The kind `receivers`: who must take over a repair, a withdrawal or a correction, and acknowledge it (R-231, R-237).

Where a receiver can be reached is a matter of the installation (`cases.models.Receiver`); who it is and by when it must
answer is policy.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field as Key

from chengxin.policy.errors import Problem
from chengxin.policy.gathered import Reading, twice
from chengxin.policy.schema import Bases, Header, Noted, Slug, Text

Change = Literal["repair", "withdraw", "correct", "archive", "shield", "unshield", "reinstate", "publicity-end"]


class Receiver(Noted):
    """One receiver (接收方): of which changes of which items, and in how many working days it acknowledges."""

    id: Slug
    label: Text
    label_en: Text
    changes: Annotated[tuple[Change, ...], Key(min_length=1)]
    items: tuple[Slug, ...] = ()
    working_days: Annotated[int, Key(gt=0)]
    basis: Bases | None = None


class Receivers(Header):
    kind: Literal["receivers"]
    receivers: Annotated[tuple[Receiver, ...], Key(alias="receiver", min_length=1)]


def check_receivers(reading: Reading) -> Iterator[Problem]:
    """Receivers once for each day over all files."""
    return twice(reading, Receivers, receiver=lambda pack: pack.receivers)
