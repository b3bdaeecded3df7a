"""The kind `sign-in`: lock-out, sessions, passwords, keys and signed requests of an installation (domain.md 8.1).

Unlike other kinds it is read when a process starts (`in_force`), by itself: whoever breaks another pack must still be able
to sign in, and the libraries that lock out and end sessions want their numbers with the settings.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field as Key
from pydantic import ValidationError, model_validator

from chengxin.policy.errors import Mismatch, Problem
from chengxin.policy.gathered import Reading
from chengxin.policy.schema import Bases, Header, Noted

Count = Annotated[int, Key(gt=0)]
KIND = "sign-in"


class Lock(Noted):
    """After so many wrong passwords for a name from one address the pair is locked for so many minutes."""

    attempts: Count
    minutes: Count
    basis: Bases


class Session(Noted):
    """When a browser's session ends, and for how long a password counts as given lately (step-up)."""

    idle_minutes: Count
    hours: Count
    step_up_minutes: Count
    basis: Bases


class Password(Noted):
    """The least length, how many earlier ones are not taken again, and how many days an invitation holds."""

    length: Annotated[int, Key(ge=8)]
    history: Annotated[int, Key(ge=0)]
    invitation_days: Count
    basis: Bases


class Signature(Noted):
    """How far the clock of a program that signs its requests may be from ours."""

    window_minutes: Count
    basis: Bases


class ApiKeys(Noted):
    """For how many days a program's key holds where nobody says, and at most."""

    days: Count
    max_days: Count
    basis: Bases

    @model_validator(mode="after")
    def _within(self) -> Self:
        if self.days > self.max_days:
            raise Mismatch(f"days = {self.days}", f"at most max_days = {self.max_days}", ("days",))
        return self


class Posts(Noted):
    """So many days before a role ends security's administrator is told of it."""

    ending_days: Count
    basis: Bases


class SignIn(Header):
    """One version of the rules."""

    kind: Literal["sign-in"]
    lock: Lock
    session: Session
    password: Password
    signature: Signature
    key: ApiKeys
    post: Posts


class NoSignIn(LookupError):
    """No rules for signing in are in force, or they cannot be read; the message says where they were looked for."""


def in_force(folder: Path, on: date) -> SignIn:
    """The rules of the folder in force on that day. Raises `NoSignIn`."""
    for path in sorted(folder.glob(f"*/{KIND}*.toml")):
        try:
            found = SignIn.model_validate(tomllib.loads(path.read_text("utf-8")))
        except (OSError, ValueError, ValidationError) as error:
            raise NoSignIn(f"{path}: {error}") from error
        if found.effective.holds(on):
            return found
    raise NoSignIn(f"{folder} has no file */{KIND}.toml in force on {on}: see policies/jiangsu/{KIND}.toml")


def check_sign_in(reading: Reading) -> Iterator[Problem]:
    """One version for each day, in a file that is found when a process starts."""
    known = list(reading.of(SignIn))
    for n, (source, pack) in enumerate(known):
        if not source.name.rsplit("/", 1)[-1].startswith(KIND):
            yield source.problem(("kind",), f"the file {source.name}", f"a file name that begins with {KIND}")
        for other_source, other in known[:n]:
            if other.effective.overlaps(pack.effective):
                found = f"{pack.effective}, and {other.effective} in {other_source.name}"
                yield source.problem(("effective",), found, "versions that do not overlap: give the older one `to`")
