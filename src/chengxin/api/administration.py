"""Administration by API: people and units by the system's administrator, rights and keys by security's, the trail by
audit's (三员, R-024, R-077, G-10, G-20)."""

from __future__ import annotations

import base64
import binascii
from datetime import date
from typing import Annotated, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from ninja import Path, Query, Router, Status

from chengxin.accounts import administering
from chengxin.accounts.actions import Limits, revoke_api_key
from chengxin.accounts.actors import Actor
from chengxin.accounts.models import ApiKey, Membership, Organisation, User
from chengxin.api.administration_shapes import (
    EventPage,
    KeyIn,
    KeyMade,
    KeyOut,
    KeyPage,
    PeoplePage,
    PersonIn,
    PersonOut,
    RoleGone,
    RoleIn,
    UnitIn,
    UnitOut,
    UnitPage,
)
from chengxin.api.cursors import cursor as cursor_of
from chengxin.api.cursors import paged, place
from chengxin.api.door import Asked, may, operation
from chengxin.api.errors import Problem, malformed
from chengxin.api.shapes import Cursor, Limit
from chengxin.audit import reading
from chengxin.audit.actions import record as trace

router = Router(tags=["administration"])
Name = Annotated[str, Path(max_length=150)]
Word = Annotated[str, Query(max_length=150, pattern=r"^[^\x00]*$")]
_KEY = ("prefix", "label", "created_at", "expires_at", "revoked_at", "scopes", "items", "addresses", "signing")
_EVENT = ("id", "at", "actor", "action", "kind", "object", "detail")


def anything(_actor: Actor, **_captured: str) -> None:
    """What belongs to no unit."""


@operation(router, "GET", "/people", may("people.see"), of=anything, response={200: PeoplePage}, errors=(400, 403, 422))
def list_people(request: Asked, limit: Limit = 50, cursor: Cursor = None) -> Any:
    """Everybody who may sign in, with their roles; the newest first."""
    found, following = paged(User.objects.prefetch_related("memberships"), limit, cursor)
    return {"people": [_person(user) for user in found], "next": following}


@operation(
    router, "POST", "/people", may("person.keep"), of=anything,
    response={201: PersonOut}, errors=(400, 403, 413, 422),
)  # fmt: skip
def add_person(request: Asked, payload: PersonIn) -> Any:
    """Register a person: an invitation and roles come after, by the pages and by security's administrator."""
    with transaction.atomic():
        user = administering.add_person(payload.username, payload.name)
        trace(request.auth.actor.name, "person.add", "person", user.pk)
    return Status(201, _person(user))


@operation(
    router, "POST", "/people/{username}/suspend", may("person.keep"), of=anything,
    response={200: PersonOut}, errors=(403, 404, 422),
)  # fmt: skip
def suspend_person(request: Asked, username: Name) -> Any:
    """Suspend a person: no sign-in, every session ended, no key works."""
    return _set_active(request, username, False)


@operation(
    router, "POST", "/people/{username}/resume", may("person.keep"), of=anything,
    response={200: PersonOut}, errors=(403, 404, 422),
)  # fmt: skip
def resume_person(request: Asked, username: Name) -> Any:
    """Let a suspended person back in."""
    return _set_active(request, username, True)


@operation(
    router, "POST", "/people/{username}/roles", may("account.grant"), of=anything,
    response={200: PersonOut}, errors=(400, 403, 404, 413, 422),
)  # fmt: skip
def grant_role(request: Asked, username: Name, payload: RoleIn) -> Any:
    """Give a role in a unit, for good or for a term; nobody gives one to themselves."""
    user, unit = _user(username), Organisation.objects.get(pk=payload.unit)
    with transaction.atomic():
        administering.grant(
            request.auth.actor, user, unit, payload.role, since=payload.since, until=payload.until,
            scope=tuple(payload.scope),
        )  # fmt: skip
        trace(
            request.auth.actor.name, "role.grant", "person", user.pk, organisation=unit.pk, role=payload.role,
            scope=payload.scope, since=str(payload.since or ""), until=str(payload.until or ""),
        )  # fmt: skip
    return _person(_user(username))


@operation(
    router, "POST", "/people/{username}/roles/revoke", may("account.grant"), of=anything,
    response={200: PersonOut}, errors=(400, 403, 404, 413, 422),
)  # fmt: skip
def revoke_role(request: Asked, username: Name, payload: RoleGone) -> Any:
    """Take a role back; it counts for nothing from the next request on."""
    user = _user(username)
    held = Membership.objects.select_related("user").get(user=user, organisation_id=payload.unit, role=payload.role)
    with transaction.atomic():
        administering.revoke(request.auth.actor, held)
        trace(request.auth.actor.name, "role.revoke", "person", user.pk, organisation=payload.unit, role=payload.role)
    return _person(_user(username))


@operation(router, "GET", "/units", may("people.see"), of=anything, response={200: UnitPage}, errors=(403, 422))
def list_units(
    request: Asked,
    limit: Limit = 50,
    after: Annotated[str | None, Query(None, max_length=64, pattern=r"^[^\x00]*$")] = None,
) -> Any:
    """Every organisation that takes part, by id; `after` is the `next` of the answer before."""
    rows = Organisation.objects.order_by("pk")
    found = list((rows.filter(pk__gt=after) if after else rows)[: limit + 1])
    following = found[limit - 1].pk if len(found) > limit else None
    return {"units": [_unit(unit) for unit in found[:limit]], "next": following}


@operation(
    router, "PUT", "/units/{unit}", may("person.keep"), of=anything,
    response={200: UnitOut}, errors=(400, 403, 413, 422),
)  # fmt: skip
def set_unit(
    request: Asked, unit: Annotated[str, Path(max_length=64, pattern=r"^[a-z0-9][a-z0-9-]*$")], payload: UnitIn
) -> Any:
    """Register an organisation that is no source unit of the packs, or change one; what is not sent stays."""
    told = {
        "parent_id" if name == "parent" else name: value for name, value in payload.dict(exclude_unset=True).items()
    }
    try:
        with transaction.atomic():
            made = administering.set_organisation(unit, **told)
            trace(
                request.auth.actor.name, "organisation.set", "organisation", unit, category=made.kind,
                parent=made.parent_id, region=made.region,
            )  # fmt: skip
    except ValidationError as wrong:
        details = [
            {"field": f, "code": "invalid", "message": str(e[0]), "message_en": "It is not as required."}
            for f, e in wrong.message_dict.items()
        ]
        raise Problem("invalid", count=len(details), details=details) from wrong
    return _unit(made)


@operation(router, "GET", "/keys", may("key.keep"), of=anything, response={200: KeyPage}, errors=(400, 403, 422))
def list_keys(request: Asked, limit: Limit = 50, cursor: Cursor = None) -> Any:
    """The keys of programs with what they are good for, the newest first."""
    found, following = paged(ApiKey.objects.select_related("user"), limit, cursor)
    return {"keys": [_key(key) for key in found], "next": following}


@operation(
    router, "POST", "/keys", may("key.keep"), of=anything,
    response={201: KeyMade}, errors=(400, 403, 404, 413, 422),
)  # fmt: skip
def make_key(request: Asked, payload: KeyIn) -> Any:
    """Make a key for another person's program; the answer is the only time it can be seen."""
    user = _user(payload.username)
    try:
        public = base64.b64decode(payload.public, validate=True) if payload.public else None
        limits = Limits(tuple(payload.scopes), tuple(payload.items), tuple(payload.addresses), payload.signing, public)
    except (binascii.Error, ValueError) as error:
        raise malformed(
            "addresses、signing 或 public 不合要求", "addresses, signing or public are not right"
        ) from error
    with transaction.atomic():
        made = administering.make_key(request.auth.actor, user, payload.label, payload.days, limits)
        trace(
            request.auth.actor.name, "key.make", "person", user.pk, label=payload.label,
            prefix=made.partition(".")[0], scopes=list(limits.scopes), addresses=list(limits.addresses),
            signing=limits.signing,
        )  # fmt: skip
    return Status(201, {"key": made})


@operation(
    router, "POST", "/keys/{prefix}/revoke", may("key.keep"), of=anything,
    response={200: KeyOut}, errors=(403, 404, 422),
)  # fmt: skip
def revoke_key(request: Asked, prefix: Annotated[str, Path(max_length=12)]) -> Any:
    """Stop a key from working, at once; again changes nothing."""
    key = ApiKey.objects.select_related("user").get(prefix=prefix)
    with transaction.atomic():
        if revoke_api_key(prefix) is not None:
            trace(request.auth.actor.name, "key.revoke", "person", key.user_id, prefix=prefix)
    key.refresh_from_db()
    return _key(key)


@operation(router, "GET", "/events", may("trail.read"), of=anything, response={200: EventPage}, errors=(400, 403, 422))
def list_events(
    request: Asked,
    actor: Word = "",
    action: Word = "",
    kind: Word = "",
    object: Word = "",
    since: date | None = None,
    until: date | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Any:
    """The trail, the newest first: by who, what (a word, or its beginning with a dot), which thing and when."""
    asked = reading.Question(actor, action, kind, object, since, until)
    found = reading.page(asked, limit, before=place(cursor))
    events = [{name: getattr(event, name) for name in _EVENT} for event in found.events]
    return {"events": events, "next": cursor_of(found.older) if found.older else None}


def _user(username: str) -> User:
    return User.objects.prefetch_related("memberships").get(username=username)


def _set_active(request: Asked, username: str, active: bool) -> dict[str, Any]:
    user, by = _user(username), request.auth.actor
    with transaction.atomic():
        administering.set_active(by, user, active)
        if active:
            trace(by.name, "person.resume", "person", user.pk)
        else:
            trace(by.name, "person.suspend", "person", user.pk)
    return _person(_user(username))


def _person(user: User) -> dict[str, Any]:
    roles = [
        {"unit": m.organisation_id, "role": m.role, "since": m.since, "until": m.until, "scope": m.scope}
        for m in user.memberships.all()
    ]
    return {"username": user.username, "name": user.display_name, "active": user.is_active, "roles": roles}


def _unit(unit: Organisation) -> dict[str, Any]:
    return {
        "id": unit.pk, "name": unit.name, "name_en": unit.name_en, "kind": unit.kind, "code": unit.code, "region": unit.region,
        "parent": unit.parent_id,
    }  # fmt: skip


def _key(key: ApiKey) -> dict[str, Any]:
    return {**{name: getattr(key, name) for name in _KEY}, "username": key.user.username}
