"""Verbs of the administrators (三员): people by the system's, rights and keys by security's; neither for themselves.

Each is asked for by a face that holds the rule and writes the trail in the same transaction (R-024, G-20, domain.md 8.1).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.tokens import default_token_generator
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone
from django.utils.encoding import force_bytes, force_str
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode
from django.utils.translation import gettext_noop as _

from chengxin.accounts import factors
from chengxin.accounts.actions import Limits, NotSeparate, make_api_key
from chengxin.accounts.actors import Actor
from chengxin.accounts.models import ADMINISTRATORS, Membership, Organisation, Role, User
from chengxin.accounts.passwords import remember
from chengxin.accounts.posts import require_fit, require_kind
from chengxin.accounts.refusals import Refusal
from chengxin.accounts.sessions import BEGAN, SEEN
from chengxin.accounts.tree import below


class NotForOneself(Refusal):
    """An administrator would change their own rights or their own account."""


class NotPossible(Refusal):
    """What was asked for does not fit what is there; the text says why."""


@transaction.atomic
def add_person(username: str, display_name: str) -> User:
    """A new person without rights and without a password: they set one by an invitation. Raises `NotPossible`."""
    if User.objects.filter(username__iexact=username).exists():
        raise NotPossible(_("登录名「%(name)s」已经有人使用，请另取一个。"), name=username)
    user = User(username=username, display_name=display_name)
    user.set_unusable_password()
    user.save()
    return user


def not_oneself(by: Actor, user: User) -> None:
    """Raises `NotForOneself`."""
    if user.username in by.names:
        raise NotForOneself(_("不能管理自己的账号和权限，请由另一位管理员办理。"))


@transaction.atomic
def grant(
    by: Actor, user: User, unit: Organisation, role: Role, *, since: date | None = None, until: date | None = None,
    scope: tuple[str, ...] = (),
) -> Membership:  # fmt: skip
    """Give a role in a unit, for good or for a term; given again, the term and scope are replaced.

    Raises `NotForOneself`, `Unfit` for a role that the kind of unit does not have, and `NotSeparate` for a second one of
    the three administrators.
    """
    not_oneself(by, user)
    require_fit(unit, role)
    held = Membership.objects.select_for_update().filter(user=user, role__in=ADMINISTRATORS)
    if role in ADMINISTRATORS and held.exclude(role=role, organisation=unit).exists():
        raise NotSeparate(_("系统管理员、安全管理员、审计管理员须由三个人担任，同一人只能担任其中一个。"))
    told = {"since": since, "until": until, "scope": list(scope)}
    made, _created = Membership.objects.update_or_create(user=user, organisation=unit, role=role, defaults=told)
    return made


@transaction.atomic
def revoke(by: Actor, held: Membership) -> None:
    """Take a role back; it counts for nothing from the next request on. Raises `NotForOneself`."""
    not_oneself(by, held.user)
    held.delete()


def make_key(by: Actor, user: User, label: str, days: int | None, limits: Limits) -> str:
    """A key for a program that acts as somebody else; seen only now. `days` as in `make_api_key`.

    Raises `KeyTooLong`, and `NotForOneself`: whoever hands out keys would else act for themselves where no
    password and no second factor is asked for.
    """
    not_oneself(by, user)
    return make_api_key(user, label, days, limits)


@transaction.atomic
def set_active(by: Actor, user: User, active: bool) -> None:
    """Suspend a person at once, in every browser and with every key, or let one back in. Raises `NotForOneself`."""
    not_oneself(by, user)
    User.objects.filter(pk=user.pk).update(is_active=active)
    if not active:
        end_sessions(user)


@transaction.atomic
def reset_sign_in(by: Actor, user: User) -> None:
    """Forget a person's password, telephone and recovery codes, and end their sessions; only an invitation lets them in.

    Security's administrator does this and the system's invites: neither alone gets into an account that somebody uses
    (三员, G-20). Raises `NotForOneself`.
    """
    not_oneself(by, user)
    remember(user)
    user.set_unusable_password()
    user.save(update_fields=["password"])
    factors.forget(user)
    end_sessions(user)


def no_way_in(user: User) -> None:
    """Raises `NotPossible` for whoever has a password or a telephone: setting a new one would take their account over."""
    if user.has_usable_password() or factors.enrolled(user):
        raise NotPossible(
            _("“%(person)s”已经能登录。忘了密码或者换了手机，请先由安全管理员重置登录方式。"), person=user
        )


@dataclass(frozen=True)
class OpenSession:
    """A browser in which somebody is signed in."""

    key: str
    began: datetime | None
    seen: datetime | None


def sessions_of(user: User) -> list[OpenSession]:
    """Where a person is signed in now, the latest seen first. Reads every open session: they do not name their person."""
    found = [OpenSession(s.session_key, _moment(told, BEGAN), _moment(told, SEEN)) for s, told in _open(user)]
    return sorted(found, key=lambda s: s.seen or s.began or timezone.now(), reverse=True)


def end_sessions(user: User, *, but: str | None = None) -> int:
    """Sign a person out everywhere, but for one browser; returns where."""
    keys = [s.session_key for s, _told in _open(user) if s.session_key != but]
    Session.objects.filter(session_key__in=keys).delete()
    return len(keys)


def _open(user: User) -> Iterator[tuple[Session, dict[str, object]]]:
    for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
        told = session.get_decoded()
        if told.get(SESSION_KEY) == str(user.pk):
            yield session, told


def _moment(told: dict[str, object], name: str) -> datetime | None:
    value = told.get(name)
    return datetime.fromtimestamp(value, timezone.get_current_timezone()) if isinstance(value, float | int) else None


def invitation(by: Actor, user: User) -> tuple[str, str]:
    """The two parts of an address at which a person sets a first password; it works once, and for
    `PASSWORD_RESET_TIMEOUT`. Raises `NotForOneself`, and `NotPossible` for whoever can sign in already."""
    not_oneself(by, user)
    no_way_in(user)
    return urlsafe_base64_encode(force_bytes(user.pk)), default_token_generator.make_token(user)


def invited(uid: str, token: str) -> User | None:
    """Whose invitation this is, as long as it works."""
    try:
        number = int(force_str(urlsafe_base64_decode(uid)))
    except (ValueError, OverflowError):
        return None
    user = User.objects.filter(pk=number, is_active=True).first()
    return user if user is not None and default_token_generator.check_token(user, token) else None


@transaction.atomic
def set_password(user: User, password: str) -> None:
    """A new password; the old one is remembered, so that it is not taken again, and every session ends."""
    remember(user)
    user.set_password(password)
    user.save(update_fields=["password"])
    end_sessions(user)


@transaction.atomic
def set_organisation(number: str, **told: object) -> Organisation:
    """Register a unit, or change what is `told` of one (columns of `Organisation`); what is not told stays.

    Raises `NotPossible` when it would stand under itself, `Unfit` when somebody holds a role there that its new kind does
    not have, and `ValidationError`, by column.
    """
    unit = Organisation.objects.select_for_update().filter(pk=number).first() or Organisation(id=number)
    before = unit.kind
    for column, value in told.items():
        setattr(unit, column, value)
    unit.clean_fields()
    if unit.kind != before:
        require_kind(unit, unit.kind)
    if unit.parent_id and unit.parent_id in below([unit.pk]):
        raise NotPossible(_("上级不能是这个单位自己，也不能是它的下级。"))
    unit.save()
    return unit
