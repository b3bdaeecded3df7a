"""The shapes of administration: people, units, keys, the trail."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.conf import settings
from ninja import Field, Schema
from pydantic import ConfigDict, StringConstraints

from chengxin.accounts.models import Kind, Role
from chengxin.api.shapes import Slug

Username = Annotated[str, StringConstraints(min_length=1, max_length=150, pattern=r"^[\w.@+-]+$")]
Words = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]+$")
]


class RoleOut(Schema):
    """A role of a person in a unit, with its term and the matters of a mandate."""

    unit: str
    role: str
    since: date | None
    until: date | None
    scope: list[str]


class PersonOut(Schema):
    username: str
    name: str
    active: bool
    roles: list[RoleOut]


class PeoplePage(Schema):
    people: list[PersonOut]
    next: str | None


class PersonIn(Schema):
    """A person without rights and without a password, who is then invited and given roles by others."""

    model_config = ConfigDict(extra="forbid")
    username: Username
    name: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60, pattern=r"^[^\x00-\x1f]+$")
    ]


class RoleIn(Schema):
    """A role to be given or taken back."""

    model_config = ConfigDict(extra="forbid")
    unit: Slug
    role: Role
    since: date | None = None
    until: date | None = None
    scope: list[Slug] = []


class RoleGone(Schema):
    model_config = ConfigDict(extra="forbid")
    unit: Slug
    role: Role


class UnitOut(Schema):
    """An organisation that takes part."""

    id: str
    name: str
    name_en: str
    kind: str
    code: str
    region: str
    parent: str | None


class UnitPage(Schema):
    units: list[UnitOut]
    next: str | None


class UnitIn(Schema):
    """What is not sent stays as it is; names and codes of the packs' source units come from the packs again."""

    model_config = ConfigDict(extra="forbid")
    name: Words
    name_en: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=r"^[^\x00-\x1f]*$")] = ""
    kind: Kind
    code: Annotated[str, StringConstraints(max_length=18, pattern=r"^[0-9A-Z]*$")] = ""
    region: Annotated[str, StringConstraints(max_length=6, pattern=r"^[0-9]*$")] = ""
    parent: Slug | None = None


class KeyOut(Schema):
    """A key of a program; the key itself cannot be read back."""

    prefix: str
    label: str
    username: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    scopes: list[str]
    items: list[str]
    addresses: list[str]
    signing: str


class KeyPage(Schema):
    keys: list[KeyOut]
    next: str | None


class KeyIn(Schema):
    """Empty lists limit nothing; `public` is the client's SM2 key (SPKI, base64) where `signing` is SM2-SM3."""

    model_config = ConfigDict(extra="forbid")
    username: Username
    label: Words
    days: Annotated[int, Field(ge=1, le=settings.SIGN_IN.key.max_days)] = settings.SIGN_IN.key.days
    scopes: list[Slug] = []
    items: list[Slug] = []
    addresses: list[Annotated[str, StringConstraints(max_length=50, pattern=r"^[0-9a-fA-F.:/]+$")]] = []
    signing: Literal["", "HMAC-SM3", "SM2-SM3"] = ""
    public: Annotated[str, StringConstraints(max_length=400, pattern=r"^[A-Za-z0-9+/=]*$")] = ""


class KeyMade(Schema):
    key: str = Field(description="Seen only this once.")


class EventOut(Schema):
    """One act of the trail."""

    id: int
    at: datetime
    actor: str
    action: str
    kind: str
    object: str
    detail: dict[str, Any]


class EventPage(Schema):
    events: list[EventOut]
    next: str | None
