"""Disclosure: who may see what of a record, on a day, and why not (披露; R-092, G-09, G-13, design.md section 4).

One pure function. It knows no database and no request; faces hand it a record's facts and get back every field shown,
masked or refused, each refusal with its reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Protocol

from chengxin.standards.masking import mask


class Audience(StrEnum):
    """The five modes of R-092: lawful publication, sharing, query by duty, by authorisation, and the subject itself."""

    PUBLIC = "public"
    SHARING = "sharing"
    DUTY = "duty"
    AUTHORISED = "authorised"
    SELF = "self"


class FieldPolicy(Protocol):
    """What the catalogue says of a field."""

    @property
    def id(self) -> str: ...
    @property
    def disclosure(self) -> str: ...
    @property
    def mask(self) -> str | None: ...


@dataclass(frozen=True)
class Facts:
    """What disclosure needs to know of a record: not its content, only how it stands."""

    subject_kind: str
    standing: str
    held: bool
    public: bool
    sharing: str
    public_until: date | None
    retain_until: date | None
    publishable: bool = True


@dataclass(frozen=True)
class Shown:
    """The answer: `fields` maps field id to the value shown; `refused` maps field id to the reason.

    `reason` is empty when the record may be seen at all; then `fields` may still be a part of it.
    """

    reason: str
    fields: Mapping[str, Any]
    masked: frozenset[str] = frozenset()
    refused: Mapping[str, str] | None = None

    @property
    def visible(self) -> bool:
        return not self.reason


NOT_PUBLIC_PERSON = "natural-person"
NOT_PUBLIC_ITEM = "item-not-public"
NOT_PUBLISHED = "not-published"
PUBLICITY_ENDED = "publicity-ended"
IN_DOUBT = "in-doubt"
REPAIRED = "repaired"
WITHDRAWN = "withdrawn"
SHIELDED = "shielded"
ARCHIVED = "archived"
NOT_SHARED = "not-shared"
NO_PURPOSE = "no-purpose"
RETENTION_ENDED = "retention-ended"
FIELD_NOT_FOR_AUDIENCE = "field-not-for-audience"


def refusal(facts: Facts, audience: Audience, purpose: str, day: date) -> str:
    """Why this audience may not see the record at all, or an empty text.

    Order matters to the reader: the strongest reason is given. Every audience but the public must name a purpose.
    """
    if audience is Audience.SELF:
        return ""
    if audience is not Audience.PUBLIC and not purpose:
        return NO_PURPOSE
    if facts.held:
        return IN_DOUBT
    if facts.standing in (REPAIRED, WITHDRAWN, SHIELDED, ARCHIVED):
        return facts.standing
    if facts.retain_until and day > facts.retain_until:
        return RETENTION_ENDED
    if audience is Audience.PUBLIC:
        return _public_refusal(facts, day)
    if audience is Audience.SHARING and facts.sharing == "none":
        return NOT_SHARED
    return ""


def _public_refusal(facts: Facts, day: date) -> str:
    if facts.subject_kind == "natural_person":
        return NOT_PUBLIC_PERSON
    if not facts.public:
        return NOT_PUBLIC_ITEM
    if not facts.publishable:
        return NOT_PUBLISHED
    if facts.public_until and day > facts.public_until:
        return PUBLICITY_ENDED
    return ""


_LEVELS = {
    Audience.PUBLIC: {"public"},
    Audience.SHARING: {"public", "shared"},
    Audience.DUTY: {"public", "shared"},
    Audience.AUTHORISED: {"public", "shared"},
    Audience.SELF: {"public", "shared", "subject"},
}


def disclose(
    facts: Facts,
    payload: Mapping[str, Any],
    fields: Iterable[FieldPolicy],
    *,
    audience: Audience,
    purpose: str,
    day: date,
) -> Shown:
    """What of `payload` this audience sees on `day`: field by field shown, masked or refused with a reason.

    A field with a mask is shown masked to everybody but the subject itself and those who ask by duty.
    """
    reason = refusal(facts, audience, purpose, day)
    if reason:
        return Shown(reason, {})
    shown: dict[str, Any] = {}
    masked: set[str] = set()
    refused: dict[str, str] = {}
    for field in fields:
        value = payload.get(field.id)
        if value is None:
            continue
        if field.disclosure not in _LEVELS[audience]:
            refused[field.id] = FIELD_NOT_FOR_AUDIENCE
        elif field.mask and audience not in (Audience.SELF, Audience.DUTY):
            shown[field.id] = mask(field.mask, str(value))
            masked.add(field.id)
        else:
            shown[field.id] = value
    return Shown("", shown, frozenset(masked), refused)
